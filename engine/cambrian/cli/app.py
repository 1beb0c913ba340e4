"""The commands of `cambrian`, and how errors reach a user; no command's module imports anything heavy."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import traceback
from importlib.metadata import version
from typing import Annotated, Any

import typer

from cambrian.cli import (
    doctor,
    experiment_file,
    inspecting,
    predicting,
    repairing,
    requesting,
    running,
    showing,
    space_table,
)
from cambrian.cli.options import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from cambrian.errors import CambrianError, UserFacingError

COMMANDS = (
    running,
    inspecting,
    space_table,
    showing,
    requesting,
    predicting,
    experiment_file,
    repairing,
    doctor,
)
"""The modules of the commands, in the order in which the help lists them."""

app = typer.Typer(
    name="cambrian",
    help="Evolve neural networks for your own tables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit status: 0 done, 1 failed, 2 wrong usage or unusable data, 130 interrupted and resumable.",
)
for module in COMMANDS:
    module.register(app)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status; no traceback reaches a user."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a console of another encoding
    try:
        result = app(arguments, standalone_mode=False)
        return int(result) if isinstance(result, int) else EXIT_DONE
    except UserFacingError as error:
        return _fail(error)
    except CambrianError as error:
        return _fail(UserFacingError(f"{error}", "Try again; the run's log has the details.", exit_code=1))
    except (typer.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`| head`): leave quietly; Python's own flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except Exception as error:  # noqa: BLE001  # the last line of defence: a user gets a sentence
        # Usage errors of click, which typer carries inside itself, say how they are to be shown.
        if hasattr(error, "format_message") and hasattr(error, "show"):
            error.show()
            return EXIT_USAGE
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    """Keep the traceback of a fault of our own in a file, and say where."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="cambrian-error-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    print(f"cambrian: an unexpected error: {type(error).__name__}: {error}", file=sys.stderr)
    print(f"  This is a fault of Cambrian; its details are in {file.name}.", file=sys.stderr)
    return EXIT_FAILED


def _fail(error: UserFacingError) -> int:
    print(f"cambrian: {error.problem}", file=sys.stderr)
    if error.remedy:
        print(f"  {error.remedy}", file=sys.stderr)
    return error.exit_code


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> Any:
    if show_version:
        typer.echo(f"cambrian {version('cambrian')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
