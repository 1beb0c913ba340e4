"""`cambrian experiment --init`: a commented experiment to start from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cambrian.cli.display import write_line
from cambrian.cli.text import visible
from cambrian.errors import RunError, SettingError


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("experiment")(experiment)


def experiment(
    file: Annotated[
        Path | None, typer.Argument(help="File to write; without it the text is printed.")
    ] = None,
    init: Annotated[bool, typer.Option("--init", help="Write a new experiment.")] = False,
    data: Annotated[Path | None, typer.Option(help="Table to learn from.")] = None,
    target: Annotated[str | None, typer.Option(help="Column to predict.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Write an experiment as commented TOML: every setting with its default and its meaning.

    `cambrian run --experiment FILE` runs it.
    """
    from cambrian.config import write_atomically

    if not init:
        raise SettingError("Nothing was asked.", "Write `cambrian experiment --init [FILE]`.")
    text = starting_text(_data_name(data, file), target or "target")
    if file is None:
        for line in text.splitlines():
            write_line(line)
        return
    file = file.expanduser()
    if file.exists() and not force:
        raise SettingError(f"{file} exists already.", "Name another file, or add --force to replace it.")
    try:
        write_atomically(file, lambda opened: opened.write(text.encode()))
    except OSError as error:
        raise RunError(
            f"{file} cannot be written: {error.strerror or error}.",
            "Name a file in a folder that you may write to.",
        ) from error
    write_line(visible(f"{file} written; `cambrian run --experiment {file}` runs it"))


def starting_text(data: str, target: str) -> str:
    """An experiment of all defaults, with every budget as a comment."""
    from cambrian.experiment import make_experiment

    return make_experiment({"data": {"file": data, "target": target}}, source="the command line").to_toml()


def _data_name(data: Path | None, file: Path | None) -> str:
    """The table as the experiment names it: relative if it stands beside the file or below, else in full."""
    if data is None:
        return "data.csv"
    path = Path(os.path.abspath(data.expanduser()))
    if file is not None:
        folder = Path(os.path.abspath(file.expanduser())).parent
        if path.is_relative_to(folder):
            path = path.relative_to(folder)
    return path.as_posix()
