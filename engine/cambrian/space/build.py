"""From facts about the data to a search space with resolved ranges."""

from __future__ import annotations

from cambrian.errors import SettingError
from cambrian.space.facts import SpaceFacts
from cambrian.space.families.registry import FAMILIES
from cambrian.space.space import SearchSpace

__all__ = ["PRESETS", "SpaceFacts", "build_space", "check_preset"]

PRESETS = ("standard",)


def check_preset(preset: str) -> None:
    """Refuse a preset that there is not.

    Raises:
        SettingError: It is unknown.
    """
    if preset not in PRESETS:
        raise SettingError(f"preset {preset!r} is unknown.", f"Use {' or '.join(PRESETS)}.")


def build_space(facts: SpaceFacts, *, family: str = "mlp", preset: str = "standard") -> SearchSpace:
    """The search space of a family for these facts.

    Raises:
        SettingError: Family or preset is unknown.
    """
    if family not in FAMILIES:
        raise SettingError(f"family {family!r} is unknown.", f"Use {' or '.join(FAMILIES)}.")
    check_preset(preset)
    return SearchSpace(FAMILIES[family].genes(facts))
