"""Where a shift is said: `inspect --test-file`, a run's events, `predict`; and where it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from cambrian.data.part_checks import Parts, part_findings
from cambrian.data.parts import plan_parts
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings, fold_rows
from cambrian.experiment import make_experiment
from cambrian.results.champion import load_champion
from cambrian.run.preparation import prepare_data
from cambrian.run.workspace import RunFolder
from real_runs import write_table


def shifted(path: Path, *, rows: int = 300, seed: int = 5) -> Path:
    """A table as `write_table` makes it, but its sizes are larger and its red things are violet."""
    lines = write_table(path, rows=rows, seed=seed).read_text().splitlines()
    cells = [line.split(",") for line in lines[1:]]
    new = [
        [f"{float(size) + 3:.4f}", weight, colour.replace("red", "violet"), label]
        for size, weight, colour, label in cells
    ]
    path.write_text("\n".join([lines[0], *(",".join(row) for row in new)]) + "\n")
    return path


def codes(out: str) -> list[tuple[str, str]]:
    return [(each["code"], each["column"]) for each in json.loads(out)["warnings"]]


OURS = ("shift", "target_shift", "shared_rows")


def inspected(cli, things: Path, *options: object) -> list[tuple[str, str]]:
    status, out, err = cli("inspect", things, "--target", "label", "--json", *options)
    assert status == 0, err
    return [each for each in codes(out) if each[0] in OURS]


def test_inspect_says_a_shift_of_a_test_file_and_none_of_a_clean_one(
    cli, things: Path, tmp_path: Path
) -> None:
    clean = write_table(tmp_path / "clean.csv", rows=300, seed=2)
    assert inspected(cli, things) == []
    assert inspected(cli, things, "--test-file", clean) == []
    found = inspected(cli, things, "--test-file", shifted(tmp_path / "other.csv"))
    assert {("shift", "size"), ("shift", "colour"), ("shift", "")} <= set(found)
    out = cli("inspect", things, "--target", "label", "--test-file", tmp_path / "other.csv")[1]
    assert "warning: `size` is distributed differently in the test file: " in out
    assert "A classifier tells rows of the test file from rows of the training file with ROC-AUC 0." in out
    assert "--drop size" in out
    (line,) = [line for line in out.splitlines() if line.startswith("size ")]
    assert line.endswith("  shift")


def test_inspect_says_rows_that_both_files_hold(cli, things: Path, tmp_path: Path) -> None:
    header, *lines = write_table(tmp_path / "test.csv", rows=200, seed=2).read_text().splitlines()
    lines[:50] = things.read_text().splitlines()[101:151]
    (tmp_path / "test.csv").write_text("\n".join([header, *lines]) + "\n")
    assert ("shared_rows", "") in inspected(cli, things, "--test-file", tmp_path / "test.csv")
    out = cli("inspect", things, "--target", "label", "--test-file", tmp_path / "test.csv")[1]
    assert "50 of 200 rows of the test file stand in the training part too" in out


def test_copies_that_chance_puts_into_both_parts_are_counted(cli, things: Path, tmp_path: Path) -> None:
    header, *lines = things.read_text().splitlines()
    twice = tmp_path / "twice.csv"
    twice.write_text("\n".join([header, *lines[:300], *lines[:300]]) + "\n")
    table = read_table(twice)
    profile = profile_table(table, target="label")
    plan = plan_parts(table, profile, split=SplitSettings())
    (found,) = [each for each in part_findings(Parts.planned(table, plan)) if each.code == "shared_rows"]
    train_rows = set((plan.parts.train % 300).tolist())
    shared = sum(row % 300 in train_rows for row in plan.parts.test.tolist())
    assert found.message.startswith(f"{shared} of {len(plan.parts.test)} rows of the test part")


def test_a_target_that_is_commoner_in_the_test_file_is_said(cli, things: Path, tmp_path: Path) -> None:
    header, *lines = write_table(tmp_path / "t.csv", rows=600, seed=3).read_text().splitlines()
    kept = [line for row, line in enumerate(lines) if line.endswith("yes") or row % 5 == 0]
    (tmp_path / "t.csv").write_text("\n".join([header, *kept]) + "\n")
    assert ("target_shift", "label") in inspected(cli, things, "--test-file", tmp_path / "t.csv")


def events_of(tmp_path: Path, things: Path, test_file: str) -> list[tuple[str, str]]:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    told = []
    data = {"file": str(things), "target": "label"}
    prepare_data(folder, make_experiment({"data": data, "split": {"test_file": test_file}}), told.append)
    return [(each.data["code"], each.data["column"]) for each in told if each.kind == "data-warning"]


def test_a_run_tells_of_a_shifted_test_file_and_is_silent_of_its_own_split(
    things: Path, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert not [each for each in events_of(tmp_path / "a", things, "") if each[0] in OURS]
    found = events_of(tmp_path / "b", things, str(shifted(tmp_path / "other.csv")))
    assert {("shift", "size"), ("shift", "colour"), ("shift", "")} <= set(found)


def test_folds_in_the_order_of_the_rows_are_a_shift(things: Path) -> None:
    """As a split by time would make them: the rows are sorted by size."""
    table = read_table(things)
    plan = plan_parts(table, profile_table(table, target="label"), split=SplitSettings())
    parts = Parts.planned(table, plan)
    order = np.argsort(np.argsort(parts.train.columns.numeric[plan.parts.train, 0]))
    folds = (order * parts.n_folds // len(order)).astype(np.int8)
    in_order = replace(parts, fold=partial(fold_rows, folds), by_chance=False)
    assert not part_findings(parts)
    found = part_findings(in_order)
    assert any("the validation rows of fold 1" in each.message and each.column == "size" for each in found)
    assert any(each.message.startswith("A classifier tells the validation rows of") for each in found)


def predict_notes(cli, workspace: Path, table: Path, out: Path) -> str:
    status, _, err = cli("predict", "done", table, "-o", out, "--workspace", workspace)
    assert status == 0, err
    return err


def test_predict_says_a_shifted_file_and_not_a_clean_one(
    cli, workspace, complete_run: RunFolder, things_model: Path, tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(things_model, complete_run.champion)
    clean = [
        write_table(tmp_path / f"{seed}.csv", rows=rows, seed=seed)
        for seed, rows in ((2, 1), (3, 40), (4, 900))
    ]
    for table in clean:
        assert "distributed differently" not in predict_notes(cli, workspace, table, tmp_path / "out.csv")
    err = predict_notes(cli, workspace, shifted(tmp_path / "s.csv"), tmp_path / "out.csv")
    assert "note: `size` is distributed differently in this file: " in err
    assert "`colour` is distributed differently in this file: 'red' has 0% of its values, against 4" in err
    assert "--drop size" in err


def test_a_model_holds_a_summary_and_no_row_and_an_older_one_says_that_it_has_none(
    cli, workspace, complete_run: RunFolder, things_model: Path, things: Path, tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(things_model, complete_run.champion)
    model = complete_run.champion / "model.json"
    tree = json.loads(model.read_text())
    reference = load_champion(complete_run.champion).reference
    assert reference is not None
    assert set(tree["reference"]) == {"rows", "numbers", "categories"}
    assert sum(len(each["edges"]) for each in tree["reference"]["numbers"]) <= 2 * 35
    del tree["reference"]
    model.write_text(json.dumps(tree))
    assert load_champion(complete_run.champion).reference is None
    err = predict_notes(cli, workspace, things, tmp_path / "out.csv")
    assert "An older program wrote this model: the table was not compared with its training rows." in err


def test_labels_are_merged_on_demand_alone(cli, things: Path, tmp_path: Path) -> None:
    header, *lines = things.read_text().splitlines()
    spelled = [line.replace("yes", "Yes ") if row % 3 == 0 else line for row, line in enumerate(lines)]
    path, test = tmp_path / "t.csv", tmp_path / "test.csv"
    path.write_text("\n".join([header, *spelled]) + "\n")
    test.write_text("\n".join([header, *(line.replace("yes", "YES") for line in lines[:200])]) + "\n")
    apart = json.loads(cli("inspect", path, "--target", "label", "--json")[1])
    assert apart["classes"] == ["Yes ", "no", "yes"]
    assert "labels_alike" in {each["code"] for each in apart["warnings"]}
    options = ("--target", "label", "--merge-labels", "--test-file", test, "--json")
    status, out, err = cli("inspect", path, *options)
    assert status == 0, err
    merged = json.loads(out)
    assert sorted(merged["classes"]) == ["no", "yes"]
    assert "labels_alike" not in {each["code"] for each in merged["warnings"]}
    assert sum(merged["class_counts"]) == sum(apart["class_counts"])
    status, _, err = cli("inspect", path, "--merge-labels")
    assert status == 2
    assert "--merge-labels says something of a target" in err


def test_a_run_merges_the_labels_of_both_files(things: Path, tmp_path: Path) -> None:
    header, *lines = things.read_text().splitlines()
    test = tmp_path / "test.csv"
    test.write_text("\n".join([header, *(line.replace("yes", "YES") for line in lines[:200])]) + "\n")
    folder = RunFolder(tmp_path / "run")
    folder.create()
    data = {"file": str(things), "target": "label", "merge_labels": True}
    experiment = make_experiment({"data": data, "split": {"test_file": str(test)}})
    prepared = prepare_data(folder, experiment, lambda event: None)
    assert sorted(prepared.classes) == ["no", "yes"]
    assert prepared.rows.test == 200
