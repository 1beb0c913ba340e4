"""`--gene` and `--preset`: in `space`, `inspect` and `run`, and beside an experiment's file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cambrian.cli.settings import chosen_experiment, nested
from cambrian.experiment import Experiment, make_experiment
from cambrian.space.build import PRESETS, SpaceFacts, build_space

WRONG: list[tuple[list[str], str, str]] = [
    (["--gene", "lr"], "--gene 'lr' is not of the form gene=value", "Write e.g. --gene lr=0.001"),
    (["--gene", "lr="], "--gene 'lr=' is not of the form gene=value", "Write e.g."),
    (["--gene", "=1"], "--gene '=1' is not of the form gene=value", "Write e.g."),
    (["--gene", "lr=1..0"], "--gene 'lr=1..0': the range 1..0 is empty", "low..high"),
    (["--gene", "lr=1e-3", "--gene", " lr =1e-2"], "--gene names the gene 'lr' twice", "leave one out"),
    (["--gene", "lrr=1e-3"], "lrr is not a gene of family mlp", "Did you mean lr?"),
    (["--gene", "lr=99"], "gene lr: 99 is outside 1e-08..10", "diverge"),
    (["--gene", "activation=off"], "gene activation cannot be switched off", "Fix layers at 0"),
    (
        ["--gene", "optimizer=adam", "--gene", "momentum=0.9"],
        "gene momentum would never count",
        "Leave it out",
    ),
    (["--preset", "textbok"], "preset 'textbok' is unknown", "Did you mean textbook?"),
]


@pytest.mark.parametrize("command", ["space", "inspect", "run"])
@pytest.mark.parametrize(("options", "problem", "remedy"), WRONG, ids=lambda each: str(each)[:40])
def test_every_command_refuses_with_the_same_words(
    cli, tmp_path: Path, penguins: Path, command: str, options: list[str], problem: str, remedy: str
) -> None:
    given = {
        "space": ["space"],
        "inspect": ["inspect", penguins, "--target", "species"],
        "run": ["run", penguins, "--target", "species", "--workspace", tmp_path / "work"],
    }
    status, out, err = cli(*given[command], *options)
    assert (status, out) == (2, "")
    assert problem in err
    assert remedy in err
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--gene", "batch_size=300"], "gene batch_size: 300 is outside 1..2"),
        (["--gene", "huber_delta=1"], "gene huber_delta: the task multiclass has none, only regression"),
        (["--gene", "target_transform=log"], "gene target_transform: log is not one of none"),
        (["--gene", "epochs=80", "--epochs", "60"], "gene epochs: 80 are more than the epoch budget of 60"),
        (["--gene", "batch_size=64", "--batch-size", "fit"], "contradict one another"),
        (["--gene", "layers=2", "--gene", "lr=1e-5..1e-1", "--preset", "textbook"], ""),
        (["--gene", "epochs=80"], ""),
    ],
)
def test_inspect_refuses_what_the_table_does_not_allow(
    cli, penguins: Path, options: list[str], problem: str
) -> None:
    status, _, err = cli("inspect", penguins, "--target", "species", *options)
    assert (status, problem in err) == (2 if problem else 0, True)


def test_inspect_needs_a_target_to_judge_genes(cli, penguins: Path) -> None:
    status, _, err = cli("inspect", penguins, "--gene", "lr=0.01")
    assert (status, "--gene says something of a target" in err) == (2, True)


@pytest.mark.parametrize("preset", PRESETS)
def test_space_shows_a_preset(cli, preset: str) -> None:
    facts = json.loads(cli("space", "--preset", preset, "--json")[1])
    space = build_space(SpaceFacts("binary", 10_000), preset=preset)
    assert (facts["family"], facts["preset"]) == ("mlp", preset)
    assert [(gene["gene"], gene["range"]) for gene in facts["genes"]] == [
        (gene.name, gene.range_text) for gene in space.genes
    ]
    assert not any(gene["changed"] for gene in facts["genes"])
    assert f"mlp, preset {preset}, binary" in cli("space", "--preset", preset)[1]


def test_space_marks_what_the_user_changed(cli) -> None:
    options = ("--gene", "lr=linear 1e-4..1e-2", "--gene", "layers=2", "--gene", "optimizer=adam,sgd")
    _, text, _ = cli("space", *options)
    marked = [line.split()[1] for line in text.splitlines() if line.startswith("* ")]
    assert marked == ["layers", "optimizer", "lr", "changed"]  # the last is what the star means
    assert "you (linear 0.0001..0.01); the preset has 0.0001..0.01" in text
    assert "never counts: it needs layers >= 3" in text
    genes = json.loads(cli("space", *options, "--json")[1])["genes"]
    assert {gene["gene"] for gene in genes if gene["changed"]} == {"layers", "optimizer", "lr"}


def test_an_unknown_family_is_answered_with_those_there_are(cli) -> None:
    status, _, err = cli("space", "--family", "cnn")
    assert (status, "family 'cnn' is unknown" in err, "Use mlp." in err) == (2, True, True)


def test_options_stand_beside_the_genes_of_a_file(tmp_path: Path, penguins: Path) -> None:
    file = tmp_path / "experiment.toml"
    asked = {"layers": 2, "lr": {"low": 1e-4, "high": 1e-2}, "optimizer": ["adam", "sgd"]}
    made = make_experiment(
        {"data": {"file": str(penguins), "target": "species"}, "search": {"preset": "quick", "genes": asked}}
    )
    file.write_text(made.to_toml(), encoding="utf-8")
    assert Experiment.load(file) == made
    given = {"genes": ["lr=0.001", "dropout=off"]}
    search = chosen_experiment(file, nested(given)).search
    assert search.genes == {"layers": 2, "lr": 0.001, "optimizer": ("adam", "sgd"), "dropout": "off"}
    assert search.preset == "quick"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            "lr = {lo = 1}",
            "search.genes.lr: a range has no 'lo', only low, high, scale, zero; did you mean low?",
        ),
        ("lr = []", "search.genes.lr: there are no choices"),
        ("lr = 2024-01-01", "search.genes.lr: datetime.date(2024, 1, 1) is no value of a gene"),
        ("lr = nan", "search.genes.lr: nan is no number"),
        ("lr = {low = 2, high = 1}", "search.genes.lr: the range 2..1 is empty"),
        ('lr = ""', "search.genes.lr: a value is missing"),
    ],
)
def test_a_file_that_says_no_change_is_refused_with_the_genes_name(
    cli, tmp_path: Path, penguins: Path, lines: str, problem: str
) -> None:
    file = tmp_path / "experiment.toml"
    head = f'[data]\nfile = "{penguins.as_posix()}"\ntarget = "species"\n'
    file.write_text(f"{head}[search.genes]\n{lines}\n", encoding="utf-8")
    status, out, err = cli("run", "--experiment", file, "--workspace", tmp_path / "work")
    assert (status, out) == (2, "")
    assert problem in err
    assert "Value error" not in err
