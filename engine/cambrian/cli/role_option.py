"""The options `--role column=role` and `--ordinal column=a<b<c` of the commands that read a table."""

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


def parse_orders(orders: Iterable[str] | None) -> dict[str, tuple[str, ...]]:
    """Column to categories, low to high; the name ends at the last `=` before the first `<`.

    Raises:
        SettingError: An order is not of the form `column=a<b`, or a column is named twice.
    """
    found: dict[str, tuple[str, ...]] = {}
    for order in orders or ():
        head, _, rest = order.partition("<")
        column, separator, first = head.rpartition("=")
        if not separator or not column or not first or not rest:
            raise SettingError(
                f"--ordinal {order!r} is not of the form column=a<b<c.",
                "Write e.g. --ordinal 'size=S<M<L', in quotes.",
            )
        if column in found:
            raise SettingError(f"--ordinal names the column {column!r} twice.", "Give each column one order.")
        found[column] = tuple(category.strip() for category in (first, *rest.split("<")))
    return found
