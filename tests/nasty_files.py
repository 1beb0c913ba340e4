"""The table files of ../shared/data/nasty and what their index says of each."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from real_runs import ROOT, assert_no_fault

NASTY = next(
    (
        folder / "shared" / "data" / "nasty"
        for folder in (ROOT.parent, ROOT, ROOT.parent.parent)
        if (folder / "shared" / "data" / "nasty" / "index.json").exists()
    ),
    None,
)
INDEX = json.loads((NASTY / "index.json").read_text(encoding="utf-8"))["files"] if NASTY else []
LAST_TABLE = "43"
"""Pictures and sequences have the numbers above."""
TABLES = [case for case in INDEX if case["file"][:2] <= LAST_TABLE]
_ALSO_FINE = {"load": {"load", "warn"}, "choose": {"choose", "refuse"}}
"""What else answers an expectation: a table that loads rightly may be warned of."""


def index_cases(*only: str) -> list[Any]:
    """Parameters for the cases of the index; a skipped one where it is not there.

    Args:
        only: Numbers of the files; none: all.
    """
    cases = [pytest.param(case, id=case["file"]) for case in TABLES if not only or case["file"][:2] in only]
    return cases or [pytest.param({}, id="none", marks=pytest.mark.skip("../shared/data/nasty is not here"))]


def nasty_file(case: dict[str, Any]) -> Path:
    assert NASTY is not None
    return NASTY / case["file"]


def fine_answers(case: dict[str, Any]) -> set[str]:
    """The answers that are good enough: load, warn, refuse or choose."""
    return _ALSO_FINE.get(case["expect"], {case["expect"]}) | set(case["also_fine"])


def assert_mentions(said: str, words: list[str]) -> None:
    """Every word stands in what was said, whole if it is a number."""
    for word in words:
        assert re.search(rf"(?i)(?<![0-9]){re.escape(word)}(?![0-9])", said), f"{word!r} is not in: {said}"


def answer(cli, path: Path, target: str | None, *more: str) -> tuple[str, str, dict]:
    """load, warn or refuse; every sentence that was said; and the facts of `--json`."""
    options = [*(("--target", target) if target else ()), *more]
    status, out, err = cli("inspect", path, *options)
    said = "\n".join(line for line in (out + err).splitlines() if not line.startswith(("column", "---")))
    assert_no_fault(said)
    as_json = cli("inspect", path, *options, "--json")
    assert as_json[0] == status
    if not out:
        assert status == 2
        assert err.startswith("cambrian: ")
        assert path.name in err
        assert err.count("\n") <= 3
        return "refuse", err, {}
    facts = json.loads(as_json[1])
    messages = [f"{each['message']} {each['remedy']}" for each in facts["warnings"] + facts["refusals"]]
    assert (status == 2) == bool(facts["refused"])
    refused = bool(facts["refused"]) or any(each["code"] == "no_header" for each in facts["refusals"])
    return "refuse" if refused else "warn" if facts["warnings"] else "load", "\n".join(messages), facts
