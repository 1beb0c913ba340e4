"""Files that are no tables, settings without sense, places that cannot be used: a sentence, and no trace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import cambrian
from cambrian.experiment import make_experiment
from cambrian.run.run import create_run, discard_run
from cambrian.run.workspace import Workspace
from real_runs import CommandLine

FILES: dict[str, tuple[bytes, str, str]] = {
    "empty.csv": (b"", "is empty (0 bytes)", "Export the table again"),
    "header.csv": (b"a,b,c\n", "0 data rows", "Add rows"),
    "program.csv": (b"\x7fELF\x02\x01\x00\x00\xff\xfe\xfd" * 50, "line 1", "UTF-8"),
    "zeros.csv": (bytes(4000), "NUL byte", "UTF-8"),
    "program.parquet": (b"\x7fELF\x02\x01\x00" * 50, "is not a Parquet file", "export it again"),
    "program": (b"\x7fELF\x02\x01\x00" * 50, "cannot be read as a table", "Export it as CSV"),
}
NOBODY = 65534


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may read and write everything; so be somebody else for a while."""
    if os.name == "nt":
        pytest.skip("permissions are others there")
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(NOBODY)
    try:
        for needed in (__file__, cambrian.__file__, np.__file__):
            if not os.access(needed, os.R_OK, effective_ids=privileged):
                pytest.skip("the project and its packages are their owner's alone here")
        yield
    finally:
        if privileged:
            os.seteuid(0)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("options", [[], ["--target", "c"], ["--json"]], ids=["plain", "target", "json"])
def test_a_file_that_is_no_table_is_refused(cli, tmp_path: Path, name: str, options: list[str]) -> None:
    content, problem, remedy = FILES[name]
    (tmp_path / name).write_bytes(content)
    status, out, err = cli("inspect", tmp_path / name, *options)
    assert (status, out) == (2, "")
    assert name in err.splitlines()[0]
    assert problem in err.splitlines()[0]
    assert remedy in err.splitlines()[1]


@pytest.mark.parametrize("name", ["folder", "folder.csv", "folder.parquet"])
def test_a_folder_is_no_table(cli, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    status, _, err = cli("inspect", tmp_path / name)
    assert (status, "is a folder" in err, "Name the file in it" in err) == (2, True, True)


def test_one_row_can_be_looked_at_but_not_learnt_from(cli, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("a,b,c\n1,2,x\n", encoding="utf-8")
    assert cli("inspect", path)[0] == 0
    status, out, _ = cli("inspect", path, "--target", "c")
    assert (status, "At least 10 rows are needed" in out) == (2, True)


def test_a_file_that_may_not_be_read(cli, tmp_path: Path, penguins: Path) -> None:
    """Neither by its own mode nor by that of its folder, at which Python's own `is_dir` raises."""
    secret = tmp_path / "dark" / "secret.csv"
    secret.parent.mkdir()
    secret.write_bytes(penguins.read_bytes())
    secret.parent.chmod(0o600)
    with without_privileges():
        status, _, err = cli("inspect", secret)
        of_test = cli("inspect", penguins, "--target", "species", "--test-file", secret)
    secret.parent.chmod(0o700)
    assert (status, "cannot be read: Permission denied" in err, "permissions" in err) == (2, True, True)
    assert (of_test[0], "cannot be read: Permission denied" in of_test[1]) == (2, True)


SETTINGS: list[tuple[list[str], str, str]] = [
    (["--buckets", "-1"], "search.buckets", "greater than or equal to 0"),
    (["--inherit-epochs", "0"], "search.inherit_epochs", "greater than 0"),
    (["--inherit-epochs", "nan"], "search.inherit_epochs", "finite"),
    (["--strategy", "random", "--inherit"], "inherit needs the genetic strategy", "Change one of the two"),
    (["--strategy", "nonsense"], "There is no strategy 'nonsense'", "genetic, random"),
    (["--preset", "nonsense"], "preset 'nonsense' is unknown", "Use quick, standard, thorough or textbook"),
    (["--objective", "nonsense"], "'nonsense' is no objective of any task", "log_loss"),
    (["--objective", "f1", "--objective", "f1"], "The objective 'f1' is given twice", "once"),
    (["--minutes", "0"], "budget.minutes", "greater than 0"),
    (["--minutes", "-1"], "budget.minutes", "greater than 0"),
    (["--minutes", "nan"], "budget.minutes", "finite"),
    (["--minutes", "inf"], "budget.minutes", "finite"),
    (["--minutes", "1e300"], "budget.minutes", "1000000"),
    (["--population", "1"], "search.population", "at least 2 individuals (given: 1)"),
    (["--workers", "-1"], "execution.workers", "greater than or equal to 0"),
    (["--seed", "-1"], "seed", "greater than or equal to 0"),
    (["--seed", "9" * 23], "seed", "less than or equal to"),
    (["--split-seed", "9" * 23], "split.split_seed", "less than or equal to"),
    (["--memory-mb", "9" * 23], "limits.memory_mb", "less than or equal to"),
    (["--timeout-seconds", "inf"], "limits.timeout_seconds", "finite"),
    (["--target", ""], "--target is empty", "Name the column"),
    (["--run-id", "../x"], "cannot be a run's id", "Use letters"),
]


@pytest.mark.parametrize(("options", "problem", "remedy"), SETTINGS, ids=lambda each: str(each)[:40])
def test_a_setting_that_makes_no_sense_is_refused_before_anything_is_made(
    cli, tmp_path: Path, penguins: Path, options: list[str], problem: str, remedy: str
) -> None:
    workspace = tmp_path / "work"
    status, out, err = cli("run", penguins, "--target", "species", *options, "--workspace", workspace)
    assert (status, out) == (2, "")
    assert problem in err
    assert remedy in err
    assert "Value error" not in err
    assert not workspace.exists()


NO_TEXT = os.fsdecode(b"\xff")


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
@pytest.mark.parametrize(
    "options",
    [
        [f"/tmp/{NO_TEXT}.csv", "--target", "y"],
        ["t.csv", "--target", NO_TEXT],
        ["t.csv", "--target", "y", "--drop", "x", "--drop", NO_TEXT],
        ["t.csv", "--target", "y", "--role", f"{NO_TEXT}=numeric"],
        ["t.csv", "--target", "y", "--test-file", NO_TEXT],
    ],
    ids=["file", "target", "drop", "role", "test-file"],
)
def test_bytes_that_are_no_text_are_refused(cli, tmp_path: Path, options: list[str]) -> None:
    status, out, err = cli("run", *options, "--workspace", tmp_path / "work")
    assert (status, out) == (2, "")
    assert "is not UTF-8 text" in err
    assert "one of the two" not in err
    assert not (tmp_path / "work").exists()


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
@pytest.mark.parametrize("command", [["runs"], ["run", "t.csv", "--target", "y"]])
def test_a_workspace_whose_path_is_no_text(cli, tmp_path: Path, command: list[str]) -> None:
    status, out, err = cli(*command, "--workspace", tmp_path / NO_TEXT)
    assert (status, out, "is not UTF-8 text" in err) == (2, "", True)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
def test_an_experiment_in_a_folder_whose_name_is_no_text(cli, tmp_path: Path) -> None:
    file = tmp_path / NO_TEXT / "e.toml"
    file.parent.mkdir()
    file.write_text('[data]\nfile = "t.csv"\ntarget = "y"\n')
    status, _, err = cli("run", "--experiment", file, "--workspace", tmp_path / "work")
    assert (status, "data.file: the path or name is not UTF-8 text" in err) == (2, True)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("mine", [False, True], ids=["new", "mine"])
def test_a_run_whose_database_cannot_be_made_leaves_no_folder(tmp_path: Path, mine: bool) -> None:
    """But one that was there before stays, with what is in it."""
    workspace = Workspace(tmp_path / "work")
    if mine:
        (workspace.runs / "one").mkdir(parents=True)
        (workspace.runs / "one" / "notes.txt").write_text("mine")
    # Past every check of the command line: what SQLite cannot hold.
    experiment = make_experiment({"data": {"file": "t.csv", "target": "y"}, "budget": {"minutes": 1}})
    experiment = experiment.model_copy(update={"seed": 2**70})
    with pytest.raises(OverflowError):
        create_run(workspace, experiment, run_id="one")
    if mine:
        assert (workspace.runs / "one" / "notes.txt").read_text() == "mine"
    else:
        assert os.listdir(tmp_path) == []


EXPERIMENTS: dict[str, tuple[bytes, str, str]] = {
    "half a string": (b'[data]\nfile = "t.csv\n', "is not valid TOML", "line"),
    "no text": (b"\xff\xfe\x00", "is not UTF-8 text", "TOML file"),
    "nothing": (b"", "data is missing", "Add it"),
    "no target": (b'[data]\nfile = "t.csv"\n', "data.target is missing", "Add it"),
    "empty target": (b'[data]\nfile = "t.csv"\ntarget = ""\n', "data.target is empty", "Name the column"),
    "no section": (b"data = 3\n", "data is 3, not a section", "[data]"),
    "unknown key": (b'[data]\nfile = "t"\ntarget = "y"\nfoo = 1\n', "no setting data.foo", "--init"),
    "a number": (b'[data]\nfile = 3\ntarget = "y"\n', "data.file", "Change that value"),
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_broken_experiment_is_refused(cli, tmp_path: Path, name: str) -> None:
    content, problem, remedy = EXPERIMENTS[name]
    path = tmp_path / "e.toml"
    path.write_bytes(content)
    status, out, err = cli("run", "--experiment", path, "--workspace", tmp_path / "work")
    assert (status, out) == (2, "")
    assert str(path) in err
    assert problem in err
    assert remedy in err
    assert os.listdir(tmp_path) == ["e.toml"]


@pytest.mark.parametrize(("name", "problem"), [("none", "No such file"), ("folder", "Is a directory")])
def test_an_experiment_that_cannot_be_opened(cli, tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "folder").mkdir()
    status, _, err = cli("run", "--experiment", tmp_path / name)
    assert (status, "Errno" in err, "Give the path of a TOML file" in err) == (2, False, True)
    if os.name != "nt":
        assert problem in err


def test_a_workspace_that_cannot_be_written_to(cli, tmp_path: Path, penguins: Path) -> None:
    (tmp_path / "file").touch()
    run = ("run", penguins, "--target", "species", "--workspace")
    with without_privileges():  # pytest's folders are their owner's alone
        refused = [cli(*run, tmp_path / "file"), cli(*run, tmp_path / "file" / "below")]
        if os.geteuid() == NOBODY:
            refused.append(cli(*run, tmp_path / "work"))
    for status, out, err in refused:
        assert (status, out) == (2, "")
        assert "cannot be written to" in err
        assert "--workspace" in err
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("given", ["new/work", "old"])
def test_a_refused_run_leaves_nothing_behind(cambrian: CommandLine, tmp_path: Path, given: str) -> None:
    """A workspace that was there before stays, as empty as it was."""
    table = tmp_path / "empty.csv"
    table.touch()
    (tmp_path / "old").mkdir()
    done = cambrian("run", table, "--target", "y", "--workspace", tmp_path / given, expect=2)
    assert done.err.splitlines()[0] == f"cambrian: {table} is empty (0 bytes)."
    assert sorted(os.listdir(tmp_path)) == ["empty.csv", "old"]
    assert os.listdir(tmp_path / "old") == []


def test_another_run_in_a_new_workspace_is_spared(tmp_path: Path, penguins: Path) -> None:
    workspace = Workspace(tmp_path / "work")
    made = workspace.missing
    assert made == [workspace.runs, workspace.path]
    experiment = make_experiment({"data": {"file": str(penguins), "target": "species"}})
    first, second = (create_run(workspace, experiment, run_id=name) for name in ("a", "b"))
    discard_run(first, made=made)
    assert [folder.id for folder in workspace.folders()] == ["b"]
    discard_run(second, made=made)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("asked", ["specie", "Species", " species"])
def test_a_target_with_a_near_name_is_pointed_to(cli, penguins: Path, asked: str) -> None:
    status, out, _ = cli("inspect", penguins, "--target", asked)
    assert status == 2
    assert out.splitlines()[-1] == (
        f"a run would refuse: There is no column `{asked}` to predict. Did you mean `species`?"
    )
