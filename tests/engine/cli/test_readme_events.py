"""The README lists every event that the engine can emit, and the keys of its data."""

from __future__ import annotations

import ast
from pathlib import Path

import cambrian
from readme_events import documented_events


def emitted() -> dict[str, set[str] | None]:
    """Event to the keys of its data, by the engine's source; None where they are not written out there."""
    events: dict[str, set[str] | None] = {}
    for path in Path(cambrian.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "RunEvent":
                match node.args:
                    case [ast.Constant(value=str(kind)), _, data]:
                        events[kind] = keys_of(data)
                    case [ast.Constant(value=str(kind)), _]:
                        events[kind] = set()
                    case [_, *_]:
                        raise AssertionError(f"{path}: the kind of an event is not a literal")
                    case []:
                        pass  # `RunEvent(**event)`: one that another process made
    return events


def keys_of(data: ast.expr) -> set[str] | None:
    if not isinstance(data, ast.Dict) or any(key is None for key in data.keys):
        return None
    return {str(key.value) for key in data.keys if isinstance(key, ast.Constant)}


def test_every_event_of_the_source_stands_in_the_readme_and_none_else() -> None:
    assert set(documented_events()) == set(emitted())


def test_keys_that_the_source_writes_out_are_those_of_the_readme() -> None:
    listed = documented_events()
    written = {name: keys for name, keys in emitted().items() if keys is not None}
    assert len(written) > 20
    assert {name: listed[name] for name in written} == written
