"""The settings of an experiment as options: each is declared once, in `experiment.py`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from cambrian.cli.gene_option import parse_genes
from cambrian.cli.role_option import parse_orders, parse_roles
from cambrian.data.reading.options import Reading
from cambrian.errors import SettingError
from cambrian.experiment import Budget, Data, Execution, Experiment, Limits, Search, Split, make_experiment

SECTIONS: dict[str, type[BaseModel]] = {
    "data": Data,
    "reading": Reading,
    "split": Split,
    "search": Search,
    "budget": Budget,
    "limits": Limits,
    "execution": Execution,
}
NAMES = {"roles": "role", "objectives": "objective", "genes": "gene"}
"""Options that are repeated are named in the singular."""
_FILES = ("file", "test_file")


def with_settings(
    command: Callable[..., int], *, sections: Collection[str] = (*SECTIONS, "seed")
) -> Callable[..., int]:
    """Give a command the settings of some sections as options; it receives those given, as `settings`.

    `sections` may also name single settings.

    The command's own parameters come first; its last one must be called `settings`. A setting that the
    command declares itself is left to it.
    """
    own = list(inspect.signature(command, eval_str=True).parameters.values())[:-1]
    declared = {parameter.name for parameter in own}
    taken = [(section, key) for section, key in _keys() if section in sections or key in sections]
    keys = [(section, key) for section, key in taken if key not in declared]
    options = [_option(section, key) for section, key in keys]

    def with_options(**values: Any) -> int:
        settings = nested({key: values.pop(_name(key)) for _, key in keys})
        return command(**values, settings=settings)

    with_options.__doc__ = command.__doc__
    with_options.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
    return with_options


def nested(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Those values that were given, by section; paths become absolute, pairs tables."""
    tree: dict[str, dict[str, Any]] = {}
    for section, key in _keys():
        value = values.get(key)
        if value is None or value == []:
            continue
        if key == "target" and not value:
            raise SettingError("--target is empty.", "Name the column to predict.")
        if key in _FILES:
            value = str(Path(value).expanduser().absolute())
        elif key == "roles":
            value = parse_roles(value)
        elif key == "ordinal":
            value = parse_orders(value)
        elif key == "genes":
            value = parse_genes(value)
        if section == "reading":
            tree.setdefault("data", {}).setdefault(section, {})[key] = value
        else:
            tree.setdefault(section, {})[key] = value
    return tree


def chosen_experiment(path: Path | None, settings: Mapping[str, dict[str, Any]]) -> Experiment:
    """The experiment of a file with the given settings in place of its own, or of the settings alone.

    Raises:
        SettingError: No file or no target was named, or a value is not allowed; names it.
    """
    if path is not None:
        loaded = Experiment.load(path)
        experiment = loaded.changed(**_with_genes_of(loaded, settings))
        if not experiment.data.target:
            raise SettingError(f"{path}: data.target is empty.", "Name the column to predict.")
        return experiment
    data = settings.get("data", {})
    if "file" not in data:
        raise SettingError(
            "No table was named.", "Write `cambrian run FILE --target COLUMN`, or --experiment FILE."
        )
    if "target" not in data:
        raise SettingError(
            "No target was named.",
            f"Add --target COLUMN; `cambrian inspect {data['file']}` shows the columns.",
        )
    tree: dict[str, Any] = {section: values for section, values in settings.items() if section != "seed"}
    return make_experiment(tree | settings.get("seed", {}), source="the command line")


def _with_genes_of(
    experiment: Experiment, settings: Mapping[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The settings, their genes beside those of the experiment that they do not name."""
    search = settings.get("search", {})
    if "genes" not in search:
        return dict(settings)
    return {**settings, "search": {**search, "genes": {**experiment.search.genes, **search["genes"]}}}


def _keys() -> list[tuple[str, str]]:
    """Section and key of every setting; the seed stands at the top of an experiment, in a section alone."""
    keys = [
        (section, key)
        for section, model in SECTIONS.items()
        for key in model.model_fields
        if key not in SECTIONS  # a section within another has options of its own
    ]
    return [*keys, ("seed", "seed")]


def _name(key: str) -> str:
    return NAMES.get(key, key)


def _option(section: str, key: str) -> inspect.Parameter:
    field = SECTIONS.get(section, Experiment).model_fields[key]
    kind = _type(field.annotation)
    meaning = field.description or ""
    help_text = f"{meaning[:1].upper()}{meaning[1:]}."
    default: Any
    if key == "file":
        default = typer.Argument(None, help=help_text, show_default=False)
    else:
        option = "--" + _name(key).replace("_", "-")
        if kind is bool:
            option += f"/--no-{option[2:]}"
        default = typer.Option(None, option, help=help_text, show_default=False)
    return inspect.Parameter(
        _name(key), inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind | None
    )


def _type(annotation: Any) -> Any:
    """The type an option is parsed as; what remains is checked by the experiment, which names the key."""
    for kind in (bool, int, float):
        if annotation in (kind, kind | None):
            return kind
    return str if annotation is str or "Literal" in str(annotation) else list[str]
