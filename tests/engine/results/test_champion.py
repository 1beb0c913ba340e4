from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from result_tables import mixed_columns, prepared_of, trained_lanes, write_csv

from cambrian.data.encode import Encoder, Prep
from cambrian.data.read import read_table
from cambrian.errors import DataError, RunError
from cambrian.results import champion as champion_module
from cambrian.results.baselines import baseline_predictions, fit_baselines
from cambrian.results.champion import load_champion, save_champion
from cambrian.results.delivery import deliver
from cambrian.results.shortfall import shortfall
from cambrian.training.lanes import load_lane, save_lane
from cambrian.training.metrics import score
from cambrian.training.prediction import predict

TASKS = ("binary", "multiclass", "regression")
VARIANTS = [
    {"fold": 0, "numeric_prep": "standard"},
    {"fold": 1, "numeric_prep": "standard"},
    {"fold": 1, "numeric_prep": "quantile", "max_one_hot": 4},
    {"fold": 1, "numeric_prep": "quantile", "max_one_hot": 4, "normalisation": "batch"},
]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """By task: prepared data, lanes of two folds and two preps, and the folder of the saved model."""
    made = {}
    for task in TASKS:
        folder = tmp_path_factory.mktemp(task)
        prepared = prepared_of(folder, mixed_columns(task, 300))
        lanes = trained_lanes(prepared, folder, VARIANTS)
        save_champion(folder / "champion", prepared, lanes, facts={"run": "r", "genome": {"lr": 0.1}})
        made[task] = prepared, lanes, folder / "champion"
    return made


@pytest.fixture
def copied(models, tmp_path):
    """A binary model of the test's own, to be damaged."""
    shutil.copytree(models["binary"][2], tmp_path / "champion")
    return tmp_path / "champion"


def direct(prepared, lane, columns):
    """The prediction of one lane by an encoder that is fitted afresh."""
    state = load_lane(lane)
    train, _ = prepared.fold(state.spec.fold)
    prep = Prep.from_genes(state.spec.genes).reduced(prepared.schema)
    encoder = Encoder.fit(prepared.columns().take(train), prepared.schema, prep)
    return predict([state], encoder.transform(columns))[0]


@pytest.mark.parametrize("task", TASKS)
def test_a_saved_model_predicts_the_mean_of_its_networks_bit_for_bit(models, task):
    prepared, lanes, folder = models[task]
    columns, _ = prepared.test()
    each = [direct(prepared, lane, columns) for lane in lanes]
    assert not np.array_equal(each[0], each[1])
    loaded = load_champion(folder)
    np.testing.assert_array_equal(loaded.predict(columns), sum(each) / len(each))
    assert loaded.facts == {"run": "r", "genome": {"lr": 0.1}}
    assert loaded.task == task
    assert loaded.schema == prepared.schema


def test_one_network_predicts_as_itself(models, tmp_path):
    prepared, lanes, _ = models["regression"]
    columns, _ = prepared.test()
    for lane in lanes:
        model = save_champion(tmp_path / "champion", prepared, [lane], facts={})
        np.testing.assert_array_equal(model.predict(columns), direct(prepared, lane, columns))


def test_networks_that_share_an_encoder_encode_the_rows_once(models, monkeypatch):
    prepared, lanes, folder = models["binary"]
    calls = []
    transform = Encoder.transform
    monkeypatch.setattr(
        Encoder, "transform", lambda self, columns: calls.append(1) or transform(self, columns)
    )
    load_champion(folder).predict(prepared.test()[0])
    assert len(calls) == 3 < len(lanes)


@pytest.mark.parametrize("task", TASKS)
def test_predictions_do_not_depend_on_the_chunks(models, monkeypatch, task):
    prepared, _, folder = models[task]
    model = load_champion(folder)
    columns = prepared.columns()
    whole = model.predict(columns)
    for size in (1, 7, 100, len(columns)):
        monkeypatch.setattr(champion_module, "_CHUNK", size)
        np.testing.assert_allclose(model.predict(columns), whole, rtol=2e-5, atol=1e-6)


def test_chunks_are_whole_batches_of_the_networks():
    """Then a table's predictions are the same bits whatever the length of the chunks."""
    from cambrian.training.cost import VALIDATION_CHUNK

    assert champion_module._CHUNK % VALIDATION_CHUNK == 0


@pytest.mark.parametrize("task", TASKS)
def test_no_rows_give_no_predictions(models, task):
    prepared, _, folder = models[task]
    prediction = load_champion(folder).predict(prepared.test()[0].take(slice(0, 0)))
    assert prediction.shape == ((0,) if task == "regression" else (0, len(prepared.classes)))


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_probabilities_are_some(models, task):
    prepared, _, folder = models[task]
    prediction = load_champion(folder).predict(prepared.test()[0])
    assert prediction.dtype == np.float64
    np.testing.assert_allclose(prediction.sum(axis=1), 1.0, atol=1e-6)
    assert (prediction >= 0).all()


def test_values_stay_within_what_was_seen_also_by_the_exponential(tmp_path):
    """A network of the target's logarithm that explodes gives no more than the largest training target."""
    prepared = prepared_of(tmp_path, mixed_columns("regression", 200))
    lanes = trained_lanes(
        prepared, tmp_path, [{"target_transform": "log"}, {"target_transform": "none", "fold": 1}]
    )
    wild = []
    for lane, sign in zip(lanes, (1.0, -1.0), strict=True):
        state = load_lane(lane)
        tensors = dict(state.tensors)
        tensors["best.head.bias"] = torch.full_like(tensors["best.head.bias"], 1e6 * sign)
        wild.append(tmp_path / f"wild-{lane.name}")
        save_lane(wild[-1], replace(state, tensors=tensors))
    columns, _ = prepared.test()
    model = save_champion(tmp_path / "champion", prepared, wild, facts={})
    high, low = (prepared.y[prepared.fold(fold)[0]] for fold in (0, 1))
    np.testing.assert_array_equal(model.predict(columns), (high.max() + low.min()) / 2)


def test_a_table_is_predicted_in_its_order_with_notes(models, tmp_path):
    folder = models["binary"][2]
    columns = mixed_columns("binary", 40, seed=9)
    del columns["y"]
    columns["kind"][5] = "violet"
    table = read_table(write_csv(tmp_path / "new.csv", columns))
    model = load_champion(folder)
    prediction, found = model.predict_table(table)
    assert prediction.shape == (40, 2)
    assert [note.code for note in found.notes] == ["unseen_category"]
    backwards = {name: values[::-1] for name, values in columns.items()}
    again, _ = model.predict_table(read_table(write_csv(tmp_path / "back.csv", backwards)))
    np.testing.assert_allclose(again[::-1], prediction, rtol=2e-5)
    del columns["b"]
    less = read_table(write_csv(tmp_path / "less.csv", columns))
    with pytest.raises(DataError, match="lacks 1 of the columns that were learnt from: 'b'"):
        model.predict_table(less)


def test_saving_again_replaces_the_model_as_a_whole(models, tmp_path):
    prepared, lanes, _ = models["binary"]
    folder = tmp_path / "champion"
    (tmp_path / "champion.new").mkdir()
    (tmp_path / "champion.new" / "left").write_text("by a killed process")
    save_champion(folder, prepared, lanes, facts={})
    save_champion(folder, prepared, lanes[:1], facts={"second": True})
    assert sorted(path.name for path in folder.iterdir()) == sorted([lanes[0].name, "model.json"])
    assert load_champion(folder).facts == {"second": True}
    assert [path.name for path in tmp_path.iterdir()] == ["champion"]


def test_a_model_holds_nothing_but_json_and_weights(models):
    _, lanes, folder = models["binary"]
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", *[".safetensors"] * len(lanes)]


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "folder"])
def test_a_damaged_member_is_named(copied, damage):
    path = sorted(copied.glob("*.safetensors"))[1]
    data = bytearray(path.read_bytes())
    path.unlink()
    if damage == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "cut":
        path.write_bytes(data[:-10])
    elif damage == "folder":
        path.mkdir()
    with pytest.raises(RunError, match=rf"{path.name} is missing or damaged"):
        load_champion(copied)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.safetensors",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a/../../b",
        "a\\b",
        "..\\b",
        "C:b",
        "\x00",
        "\n",
        ".x",
    ],
)
def test_a_member_outside_the_folder_is_refused(copied, name):
    (copied.parent / "evil.safetensors").write_bytes(b"")
    model = json.loads((copied / "model.json").read_text())
    model["members"][0]["file"] = name
    (copied / "model.json").write_text(json.dumps(model))
    with pytest.raises(RunError, match="outside its folder") as raised:
        load_champion(copied)
    assert repr(name) in raised.value.problem


def changed(path, **parts):
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda path: changed(path, format=champion_module.FORMAT + 1),
            r"has format 3; this program reads up",
        ),
        (lambda path: path.write_text(path.read_text()[:-20]), "is damaged"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "is damaged"),
        (lambda path: path.write_text("[]"), "is damaged"),
        (lambda path: path.write_text("[" * 50_000), "is damaged"),
        (lambda path: changed(path, format="new"), "is damaged"),
        (lambda path: changed(path, schema=[]), "is damaged"),
        (lambda path: changed(path, schema={"features": [1]}), "is damaged"),
        (lambda path: changed(path, members=None), "is damaged"),
        (lambda path: changed(path, members=["x"]), "is damaged"),
        (lambda path: changed(path, members=[]), "names no network"),
        (lambda path: changed(path, facts=3), "is damaged"),
    ],
)
def test_a_damaged_or_newer_model_is_named(copied, damage, message):
    damage(copied / "model.json")
    with pytest.raises(RunError, match=message) as raised:
        load_champion(copied)
    assert "model.json" in raised.value.problem
    assert raised.value.remedy


def test_a_run_without_a_model_says_so(tmp_path):
    with pytest.raises(RunError, match="amber-fox has no delivered model"):
        load_champion(tmp_path / "amber-fox" / "champion")


@pytest.mark.parametrize("task", TASKS)
def test_a_delivery_scores_the_model_it_has_written(models, tmp_path, task):
    prepared, lanes, _ = models[task]
    metric = "rmse" if task == "regression" else "roc_auc"
    fit_baselines(prepared, tmp_path / "baselines", seconds=math.inf)
    result = deliver(
        prepared,
        lanes,
        bundle=tmp_path / "champion",
        baselines=tmp_path / "baselines",
        metric=metric,
        facts={"run": "r"},
    )
    json.dumps(result, allow_nan=False)
    columns, y = prepared.test()
    predictions = {
        "champion": load_champion(tmp_path / "champion").predict(columns),
        **baseline_predictions(prepared, tmp_path / "baselines"),
    }
    assert result["networks"] == len(lanes)
    assert result["test"]["rows"] == len(y) == prepared.rows.test
    for model, prediction in predictions.items():
        values = {name: each["value"] for name, each in result["test"]["scores"][model].items()}
        assert values == pytest.approx(score(task, y, prediction), rel=1e-12)
        assert all(each["error"] >= 0 for each in result["test"]["scores"][model].values())
    assert set(result["test"]["differences"]) == {"majority", "linear", "boosting"}
    assert result["verdict"].startswith(f"On {len(y)} rows it never saw, the evolved network is ")
    assert ("of y" in result["verdict"]) is (task == "regression")


def test_the_verdict_says_which_baseline_lacked_rows(models, tmp_path):
    prepared, lanes, _ = models["binary"]
    whole = fit_baselines(prepared, tmp_path / "baselines", seconds=math.inf, names=["linear"])
    assert shortfall(whole["linear"]) == ""
    few = {**whole["linear"], "rows": 5, "rounds": 7, "of_rounds": 100}
    places = {"bundle": tmp_path / "champion", "baselines": tmp_path / "baselines"}
    sentences = [
        deliver(prepared, lanes, **places, available={"linear": facts}, metric="log_loss", facts={})[
            "verdict"
        ]
        for facts in (whole["linear"], few)
    ]
    said = f" (fitted on 5 of {few['of_rows']} rows in 7 of 100 rounds)"
    assert said in sentences[1]
    assert sentences[1].replace(said, "") == sentences[0]
