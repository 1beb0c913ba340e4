"""The command line: `main` is its only entry; no heavy library is imported before a command needs it."""

from cambrian.cli.app import main

__all__ = ["main"]
