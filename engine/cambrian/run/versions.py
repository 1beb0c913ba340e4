"""Versions of the packages that a result depends on."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("cambrian", "torch", "numpy", "scikit-learn", "deap", "pyarrow", "sqlite-utils")


def installed_versions() -> dict[str, str]:
    """What is installed, by package; 'unknown' where the installation does not say."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "unknown"
    return versions


def changed_versions(recorded: dict[str, str]) -> str:
    """What differs from what was recorded, as 'torch 2.12 -> 2.13'; empty if nothing does."""
    present = installed_versions()
    return ", ".join(
        f"{name} {was} -> {present[name]}"
        for name, was in recorded.items()
        if name in present and present[name] != was
    )
