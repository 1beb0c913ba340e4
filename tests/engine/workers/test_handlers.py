"""The table of handlers: modules are imported late, once, and their `start` runs before their first job."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from cambrian.errors import CambrianError
from cambrian.workers.handlers import Handlers

MODULES = {
    "late_table": """
HANDLERS = {"first": "late_first:work", "broken": "late_broken:work", "second": "late_second:work",
            "other": "late_second:other", "here": lambda payload, context: {"here": 1}}
""",
    "late_first": "def work(payload, context): return {'first': 1}",
    "late_broken": "raise ImportError('no library for you')",
    "late_second": "def work(payload, context): return {}\ndef other(payload, context): return {}",
}


@pytest.fixture
def opened(tmp_path, monkeypatch) -> list[str]:
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return []


def _handlers(opened: list[str]) -> Handlers:
    def note(module: ModuleType) -> None:
        opened.append(module.__name__)

    return Handlers("late_table:HANDLERS", note)


def test_only_what_a_job_needs_is_imported(opened):
    handlers = _handlers(opened)
    assert handlers.find("here")({}, None) == {"here": 1}
    assert opened == ["late_table"]
    assert handlers.find("first")({}, None) == {"first": 1}
    assert opened == ["late_table", "late_first"]
    assert "late_second" not in sys.modules


def test_the_rest_is_imported_in_order_one_at_a_time_and_opened_once(opened):
    handlers = _handlers(opened)
    handlers.find("first")
    steps = 0
    while handlers.load_next():
        steps += 1
    assert steps == 3
    assert opened == ["late_table", "late_first", "late_second"]


def test_what_cannot_be_imported_fails_whoever_needs_it(opened):
    handlers = _handlers(opened)
    while handlers.load_next():
        pass
    with pytest.raises(ImportError, match="no library for you"):
        handlers.find("broken")
    with pytest.raises(CambrianError, match="no handler for jobs of the kind 'unknown'"):
        handlers.find("unknown")
    with pytest.raises(ImportError, match="no library for you"):
        handlers.load_all()
