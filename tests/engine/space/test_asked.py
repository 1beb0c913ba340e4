"""What is asked of a gene, in its three forms."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cambrian.space.asked import SCALES, asked, asked_as_text, asked_text, least_asked, most_asked


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.001", 0.001),
        ("1e-3", 0.001),
        (" 2 ", 2),
        ("off", "off"),
        ("on", True),
        ("true", True),
        ("false", False),
        ("adam", "adam"),
        ("adam,sgd", ("adam", "sgd")),
        ("adam, sgd", ("adam", "sgd")),
        ("32,64", (32, 64)),
        ("on,off", (True, "off")),
        ("1e-4..1e-2", {"low": 1e-4, "high": 1e-2}),
        ("1..4", {"low": 1, "high": 4}),
        (" 1 .. 4 ", {"low": 1, "high": 4}),
        ("..0.5", {"high": 0.5}),
        ("0.5..", {"low": 0.5}),
        ("0 or 1e-6..1e-3", {"low": 1e-6, "high": 1e-3, "zero": True}),
        ("0 or ..", {"zero": True}),
        ("linear 1e-4..1e-2", {"low": 1e-4, "high": 1e-2, "scale": "linear"}),
        ("log 0 or 1e-6..", {"low": 1e-6, "scale": "log", "zero": True}),
        ("1-x log 0.5..0.9", {"low": 0.5, "high": 0.9, "scale": "1-x log"}),
        ("linear", {"scale": "linear"}),
        ("1-x log", {"scale": "1-x log"}),
        ("none,log", ("none", "log")),
    ],
)
def test_a_line_of_text_says(text: str, value: Any) -> None:
    assert asked_text(text) == value
    assert asked(text) == value
    assert asked(value) == value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "missing"),
        ("a,,b", "missing"),
        ("..", "nothing is asked"),
        ("a..b", "low is 'a', not a number"),
        ("1..2..3", "high is '2..3'"),
        ("2..1", "the range 2..1 is empty"),
        ("inf", "no number"),
        ("nan..1", "no number"),
        ("adam,adam", "adam is given twice"),
        ([], "no choices"),
        (["1..2"], "not a range"),
        (["a,b"], "or several"),
        ([["adam"]], "['adam'] is no value of a gene"),
        ([{"low": 1}], "no value of a gene"),
        ({}, "nothing is asked"),
        ({"lo": 1}, "did you mean low?"),
        ({"low": True}, "low is True, not a number"),
        ({"high": "x"}, "high is 'x', not a number"),
        ({"high": 10**400}, "not a number"),
        ({"scale": "logarithmic"}, "no scale 'logarithmic', only linear, log, 1-x log"),
        ({"zero": False}, "zero can only be true"),
        (None, "no value of a gene"),
        (10**400, "no number"),
    ],
)
def test_what_has_none_of_the_forms_is_refused_with_words(value: Any, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        asked(value)
    assert problem in str(caught.value)


NUMBERS = st.one_of(st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False))
WORDS = st.sampled_from(("adam", "off", "batch", "class_weighted"))
VALUES = st.one_of(NUMBERS, WORDS, st.booleans())
RANGES = st.fixed_dictionaries(
    {}, optional={"low": NUMBERS, "high": NUMBERS, "scale": st.sampled_from(SCALES), "zero": st.just(True)}
).filter(lambda each: each and each.get("low", -1e400) <= each.get("high", 1e400))
FORMS = st.one_of(
    VALUES,
    st.lists(VALUES, min_size=1, max_size=4, unique_by=lambda each: (type(each).__name__, each)).map(tuple),
    RANGES,
)


@given(FORMS)
def test_text_reads_back_as_what_it_was(value: Any) -> None:
    formed = asked(value)
    again = asked(asked_as_text(formed))
    assert again == formed
    assert str(again) == str(formed)  # 1, 1.0 and True are equal


@given(st.text(max_size=30))
def test_any_text_is_a_form_or_refused(text: str) -> None:
    try:
        value = asked(text)
    except ValueError:
        return
    assert asked(asked_as_text(value)) == value


def test_the_ends_of_what_is_asked() -> None:
    ends = {
        "7": (7, 7),
        "3,9": (3, 9),
        "2..5": (2, 5),
        "2..": (2, None),
        "off": (None, None),
        "on": (None, None),
    }
    assert {text: (least_asked(asked(text)), most_asked(asked(text))) for text in ends} == ends


def test_the_forms_need_no_numpy() -> None:
    code = "import sys, cambrian.space.asked; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
