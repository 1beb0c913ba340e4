"""What a user asks of single genes, applied to a preset's: checked against the engine's limits."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from cambrian.errors import SettingError
from cambrian.space.asked import OFF, asked_as_text
from cambrian.space.genes import Gene, Kind, show
from cambrian.space.limits import Limits

_FLOAT_KINDS: Mapping[str, Kind] = {"linear": "linear", "log": "log", "1-x log": "one_minus_log"}
_ZERO_KINDS: Mapping[str, Kind] = {
    "linear": "zero_or_linear",
    "log": "zero_or_log",
    "1-x log": "zero_or_one_minus_log",
}
_INTEGER_KINDS: Mapping[str, Kind] = {"linear": "integer", "log": "integer_log"}
_SCALE_OF: Mapping[str, str] = {
    kind: scale for kinds in (_FLOAT_KINDS, _ZERO_KINDS, _INTEGER_KINDS) for scale, kind in kinds.items()
}
_LEAST = 1e-12
"""Positions on a linear scale resolve no smaller difference."""
_ZEROS = 0.5
"""Share of draws that are exactly 0 where the user adds a zero to a gene that has none."""


def changed_gene(gene: Gene, asked: Any, limits: Limits, *, free: Gene, had: str) -> Gene:
    """The gene as the user asks for it.

    Args:
        gene: As the preset has it, not narrowed by facts that may not matter to the user.
        asked: In the form of `cambrian.space.asked`.
        limits: What is possible at all.
        free: The gene where nothing fixes it; what a range does not say is as here if the preset fixed it.
        had: What the run would have searched of it without, for its source.

    Raises:
        SettingError: That is not possible; names gene, value, what is, and a remedy.
    """
    change = _Change(free if gene.fixed else gene, free, limits)
    if isinstance(asked, Mapping) and list(asked) == ["scale"] and not free.numeric:
        changed = change.fixed(asked["scale"])  # a word that is both, as for target_transform
    elif isinstance(asked, Mapping):
        changed = change.ranged(asked)
    elif isinstance(asked, tuple):
        changed = change.among(asked)
    else:
        changed = change.fixed(asked)
    return replace(changed, source=f"you ({asked_as_text(asked)}); the preset has {had}")


def possible_text(free: Gene, limits: Limits) -> str:
    """What the gene can be set to at most, as text."""
    if not free.numeric:
        return ", ".join(show(choice) for choice in free.choices)
    step = f" by {free.step}" if free.step != 1 else ""
    return f"{_number_text(limits.low)}..{_number_text(limits.high)}{step}"


@dataclass(frozen=True, slots=True)
class _Change:
    """One change: the gene that unsaid things are taken from, the gene where nothing fixes it, its limits."""

    base: Gene
    free: Gene
    limits: Limits

    def fixed(self, asked: Any) -> Gene:
        """One value, or off."""
        value = self._value(asked)
        if self.free.choices:
            return replace(self.free, choices=(value,), default=value)
        kind: Kind = "integer" if self._whole else "linear"
        return replace(self.free, kind=kind, low=value, high=value, default=value, p_zero=0.0)

    def among(self, asked: tuple[Any, ...]) -> Gene:
        """Choices, in the order of the gene's own."""
        values = [self._value(each) for each in asked]
        if self.free.numeric:
            if not self._whole or not self.limits.listed:
                self._refuse(asked, "has a range, not choices", f"Give it as low..high in {self._possible}.")
            return self._listed(tuple(sorted(set(values))))
        kept = tuple(choice for choice in self.free.choices if any(_same(choice, value) for value in values))
        default = next((choice for choice in kept if _same(choice, self.base.default)), kept[0])
        return replace(self.free, choices=kept, default=default)

    def ranged(self, asked: Mapping[str, Any]) -> Gene:
        """Another range, scale or spike at 0; what is not said stays."""
        if not self.free.numeric:
            self._refuse(asked, "has no range", f"Give one or several of {self._possible}.")
        for key in ("low", "high"):
            if key in asked:
                self._inside(asked[key])
        return self._whole_range(asked) if self._whole else self._float_range(asked)

    def _whole_range(self, asked: Mapping[str, Any]) -> Gene:
        if "zero" in asked:
            self._refuse(asked, "counts, and has no zero beside its range", "Begin the range at 0.")
        low, high = asked.get("low", self.base.low), asked.get("high", self.base.high)
        if self.free.choices:
            return self._powers_of_two(asked, low, high)
        low, high = self._whole_number(low), self._whole_number(high)
        scale = asked.get("scale", _SCALE_OF[self.base.kind])
        if scale not in _INTEGER_KINDS:
            self._refuse(asked, f"counts, and has no scale {scale}", "Use linear or log.")
        if scale == "log" and self.free.step != 1:
            self._refuse(asked, f"goes by steps of {self.free.step}, which are linear", "Use linear.")
        if scale == "log" and low < 1:
            self._refuse(asked, "has a range that no log scale reaches", "Begin at 1, or use linear.")
        self._refuse_empty(asked, low, high)
        made = replace(
            self.free, kind=_INTEGER_KINDS[scale], choices=(), low=low, high=high, default=low, p_zero=0.0
        )
        return replace(made, default=made.nearest(self.base.default))

    def _powers_of_two(self, asked: Mapping[str, Any], low: float, high: float) -> Gene:
        if asked.get("scale", "log") != "log":
            self._refuse(asked, "goes by powers of two", "Use log, or name single values.")
        self._refuse_empty(asked, low, high)
        powers = [1 << power for power in range(int(self.limits.high).bit_length())]
        inside = tuple(power for power in powers if low <= power <= high)
        if not inside:
            self._refuse(asked, "holds no power of two", "Widen it, or name single values.")
        return self._listed(inside)

    def _float_range(self, asked: Mapping[str, Any]) -> Gene:
        scale = asked.get("scale", _SCALE_OF[self.base.kind])
        low, high = asked.get("low", self.base.low), asked.get("high", self.base.high)
        spike = "zero" in asked or (self.base.p_zero > 0 and asked.get("low", 0) == 0)
        if spike and self.limits.low > 0:
            self._refuse(asked, f"cannot be 0: {self.limits.why}", f"Give a range in {self._possible}.")
        if spike and scale == "log" and low == 0:
            low = self.base.low or self.free.low
        self._refuse_empty(asked, low, high)
        if scale == "log" and low <= 0:
            remedy = "Begin above 0, use linear, or give '0 or low..high'."
            self._refuse(asked, "has a range that no log scale reaches", remedy)
        if scale == "1-x log" and high >= 1:
            remedy = "End below 1, or use another scale."
            self._refuse(asked, "has a range that no scale 1-x log reaches", remedy)
        made = replace(
            self.free,
            kind=(_ZERO_KINDS if spike else _FLOAT_KINDS)[scale],
            low=low,
            high=high,
            default=high,
            p_zero=(self.base.p_zero or self.free.p_zero or _ZEROS) if spike else 0.0,
        )
        return replace(made, default=made.nearest(self.base.default))

    def _listed(self, values: tuple[int, ...]) -> Gene:
        default = min(values, key=lambda value: abs(value - self.base.default))
        return replace(self.free, kind="integer_log", choices=values, default=default, step=1)

    def _value(self, asked: Any) -> Any:
        if asked == OFF and isinstance(asked, str):
            return self._off()
        if not self.free.numeric:
            found = [choice for choice in self.free.choices if _same(choice, asked)]
            if not found:
                similar = difflib.get_close_matches(str(asked), map(str, self.free.choices), n=1)
                hint = f"Did you mean {similar[0]}? " if similar else ""
                self._refuse(asked, f"is not one of {self._possible}", hint + self._why())
            return found[0]
        self._inside(asked)
        return self._whole_number(asked) if self._whole else float(asked)

    def _off(self) -> Any:
        off = self.limits.off
        if off is None:
            raise SettingError(f"gene {self.free.name} cannot be switched off.", self.limits.instead)
        return off

    def _inside(self, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(value, "is no number", f"Give numbers in {self._possible}.")
        if not self.limits.low <= value <= self.limits.high:
            self._refuse(value, f"is outside {self._possible}", self._why())
        if not self._whole and 0 < value < _LEAST:
            self._refuse(value, "is too small to tell from 0", f"Give 0, or {_LEAST:g} and more.")

    def _whole_number(self, value: float) -> int:
        if value != int(value) or (int(value) - int(self.limits.low)) % self.free.step:
            kind = "a whole number" if self.free.step == 1 else f"a multiple of {self.free.step}"
            self._refuse(value, f"is not {kind}", f"Give {kind} in {self._possible}.")
        return int(value)

    def _refuse_empty(self, asked: Any, low: float, high: float) -> None:
        if low > high:
            span = f"{_number_text(low)}..{_number_text(high)}"
            self._refuse(asked, f"leaves {span}, which is empty", f"Give both ends, in {self._possible}.")

    def _refuse(self, asked: Any, problem: str, remedy: str) -> NoReturn:
        raise SettingError(f"gene {self.free.name}: {asked_as_text(asked)} {problem}.", remedy)

    def _why(self) -> str:
        why = self.limits.why
        return f"{why[:1].upper()}{why[1:]}."

    @property
    def _whole(self) -> bool:
        return self.free.kind in ("integer", "integer_log")

    @property
    def _possible(self) -> str:
        return possible_text(self.free, self.limits)


def _same(choice: Any, value: Any) -> bool:
    return type(choice) is type(value) and bool(choice == value)


def _number_text(value: float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
