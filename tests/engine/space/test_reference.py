"""The page of all genes is what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cambrian.space import reference
from cambrian.space.build import PRESETS, SpaceFacts, build_space
from cambrian.space.families.registry import FAMILIES

PAGE = Path(__file__).resolve().parents[3] / "resources" / "reference" / "genes.md"
REMEDY = f"write it anew: python -m cambrian.space.reference {PAGE.relative_to(PAGE.parents[2])}"


def test_the_page_in_the_repository_is_what_the_code_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.page(), REMEDY


def test_every_gene_of_every_family_and_task_stands_in_it() -> None:
    page = reference.page()
    for family in FAMILIES:
        for task in ("binary", "multiclass", "regression"):
            for preset in PRESETS:
                names = build_space(SpaceFacts(task, 9_000), family=family, preset=preset).names
                assert [name for name in names if f"\n| {name} |" not in page] == []


def test_the_command_that_the_page_names_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "reference" / "genes.md"
    subprocess.run([sys.executable, "-m", "cambrian.space.reference", file], check=True)
    assert file.read_text(encoding="utf-8") == reference.page()
    wrong = subprocess.run(
        [sys.executable, "-m", "cambrian.space.reference", "a", "b"], capture_output=True, check=False
    )
    assert (wrong.returncode, b"usage: " in wrong.stderr) == (2, True)
