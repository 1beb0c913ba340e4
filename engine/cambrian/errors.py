"""The two kinds of error: ours, and ours that a user can read and act on."""

from __future__ import annotations


class CambrianError(Exception):
    """Base of every error that Cambrian raises itself."""


class UserFacingError(CambrianError):
    """An error whose text is meant for the user: what is wrong, where, and what to do.

    Args:
        problem: What is wrong and where (file, column, line or gene), as one sentence.
        remedy: What the user can do about it, as one sentence.
        exit_code: Exit status of the command line for it (2 is a usage or data error).
    """

    def __init__(self, problem: str, remedy: str = "", *, exit_code: int = 2) -> None:
        self.problem = problem
        self.remedy = remedy
        self.exit_code = exit_code
        super().__init__(f"{problem} {remedy}".strip())


class DataError(UserFacingError):
    """A data file that cannot be read, or rows that cannot be trained on."""


class SettingError(UserFacingError):
    """A setting, gene or option whose value is not allowed."""


class RunError(UserFacingError):
    """A run that cannot be found, opened, continued or finished."""
