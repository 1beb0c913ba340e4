"""Where icons, theme, translations and samples are: in a checkout, in a wheel and in a frozen program."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def resource_dir() -> Path:
    """The folder of the resources.

    Raises:
        FileNotFoundError: The installation has none: it is damaged.
    """
    engine = find_spec("cambrian")  # finds the package without importing it
    for place in engine.submodule_search_locations or () if engine else ():
        inside = Path(place) / "resources"  # a wheel or a frozen program
        if inside.is_dir():
            return inside
    checkout = Path(__file__).resolve().parents[2] / "resources"
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError("The resources of Cambrian are missing: install it again.")


def icon_path(name: str) -> Path:
    """The SVG file of an icon."""
    return resource_dir() / "icons" / f"{name}.svg"


def samples() -> list[Path]:
    """The data sets that ship with Cambrian, by name."""
    return sorted((resource_dir() / "samples").glob("*.csv"))
