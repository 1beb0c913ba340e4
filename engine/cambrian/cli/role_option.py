"""The option `--role column=role` of the commands that read a table."""

from __future__ import annotations

from collections.abc import Iterable

from cambrian.errors import SettingError


def parse_roles(pairs: Iterable[str] | None) -> dict[str, str]:
    """Column to role; a column's name may hold `=` itself.

    Raises:
        SettingError: A pair is not of the form `column=role`, or a column is named twice.
    """
    roles: dict[str, str] = {}
    for pair in pairs or ():
        column, separator, role = pair.rpartition("=")
        if not separator or not column or not role:
            raise SettingError(
                f"--role {pair!r} is not of the form column=role.", "Write e.g. --role zip=categorical."
            )
        if column in roles:
            raise SettingError(f"--role names the column {column!r} twice.", "Give each column one role.")
        roles[column] = role
    return roles
