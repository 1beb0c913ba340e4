"""The window's texts: every one of the sources has a Chinese one, and English its singulars."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from cambrian_desktop import languages, resources

AREAS = ("frame", "home", "new", "live", "result", "plots")
ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app" / "cambrian_desktop"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the script is for a shell")


def _script(*arguments: str, texts: Path | None = None) -> str:
    environment = {**os.environ, "CAMBRIAN_BIN": str(Path(sys.executable).parent)}
    if texts is not None:
        environment["CAMBRIAN_TEXTS"] = str(texts)
    done = subprocess.run(
        ["bash", str(ROOT / "packaging" / "translations.sh"), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_source_belongs_to_one_area() -> None:
    listed = [line for area in AREAS for line in _script("files", area).split()]
    there = {str(path.relative_to(ROOT)) for path in APP.rglob("*.py") if path.name != "__init__.py"}
    assert sorted(each for each in listed if not each.endswith("__init__.py")) == sorted(there)


def test_every_text_of_the_sources_is_translated(tmp_path: Path) -> None:
    """Collecting the texts anew finds none that nobody wrote in Chinese, nor a singular without words."""
    folder = tmp_path / "i18n"
    shutil.copytree(resources.resource_dir() / "i18n", folder)
    _script("update", texts=folder)
    missing = [
        f"{path.name}: {context.findtext('name')}: {message.findtext('source')}"
        for path in sorted(folder.glob("*.ts"))
        for context in ET.parse(path).iter("context")
        for message in context.iter("message")
        if _unfinished(message)
    ]
    assert missing == []


def test_every_text_of_the_sources_is_collected(tmp_path: Path) -> None:
    """What lupdate overlooks stays English for ever: a number computed in the call, a text in a variable.

    It also knows plurals in `tr` alone, not in `translate`.
    """
    folder = tmp_path / "i18n"
    shutil.copytree(resources.resource_dir() / "i18n", folder)
    _script("update", texts=folder)
    collected = {
        (message.findtext("source") or ""): message.get("numerus") == "yes"
        for path in folder.glob("cambrian_zh_CN.*.ts")
        for message in ET.parse(path).iter("message")
    }
    overlooked = []
    for path in sorted(APP.rglob("*.py")):
        for line, text, is_plural in _calls(path):
            where = f"{path.relative_to(APP)}:{line}"
            if text is None:
                overlooked.append(f"{where}: the text is no literal")
            elif text not in collected:
                overlooked.append(f"{where}: {text!r} is not collected")
            elif is_plural and not collected[text]:
                overlooked.append(f"{where}: {text!r} is not collected as a plural")
    assert overlooked == []


def _calls(path: Path) -> Iterator[tuple[int, str | None, bool]]:
    """Calls of `tr` and `translate`: line, the text if it is a literal, and whether it has a number.

    A text in a variable is fine where the file marks its literals by `QT_TRANSLATE_NOOP`.
    """
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = {"tr": 0, "translate": 1}.get(name)
        if place is None or len(node.args) <= place:
            continue
        text = node.args[place]
        literal = text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else None
        if literal is None and "QT_TRANSLATE_NOOP(" in source:
            continue
        yield node.lineno, literal, len(node.args) > place + 2


def _unfinished(message: ET.Element) -> bool:
    translation = message.find("translation")
    if translation is None or translation.get("type") == "unfinished":
        return True
    forms = [form.text for form in translation.iter("numerusform")] or [translation.text]
    return not all(forms)


def test_names_in_braces_stay_in_the_translations() -> None:
    """`{file}` left out of a translation, or misspelt, is an exception in one language alone."""
    wrong = []
    for path in sorted((resources.resource_dir() / "i18n").glob("*.ts")):
        for message in ET.parse(path).iter("message"):
            source = message.findtext("source") or ""
            translation = message.find("translation")
            assert translation is not None
            forms = [form.text for form in translation.iter("numerusform")] or [translation.text]
            for form in forms:
                if form and not _braces(form) <= _braces(source):
                    wrong.append(f"{path.name}: {source!r} -> {form!r}")
    assert wrong == []


def _braces(text: str) -> set[str]:
    return {part.split("}")[0].split(":")[0] for part in text.split("{")[1:]}


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_texts_are_compiled_from_what_is_there(language: languages.Language) -> None:
    """An old .qm shows old words: `packaging/setup.sh` compiles again when a .ts is newer."""
    compiled = languages.texts_path(language)
    assert compiled.exists(), "run packaging/translations.sh release"
    newest = max(path.stat().st_mtime for path in compiled.parent.glob(f"cambrian_{language}.*.ts"))
    assert compiled.stat().st_mtime >= newest, "run packaging/translations.sh release"
