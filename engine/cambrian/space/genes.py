"""A gene: one typed position of a genome, with its range, scale and condition.

Every gene is searched in the unit interval: `decode` turns a position into a value along the gene's scale,
`encode` turns a value back. Floats carry 12 significant digits, so that a value survives JSON, encoding and
decoding unchanged and a genome's key never depends on the last bits of a logarithm.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from cambrian.errors import SettingError

Kind = Literal[
    "linear",
    "log",
    "one_minus_log",
    "zero_or_linear",
    "zero_or_log",
    "zero_or_one_minus_log",
    "integer",
    "integer_log",
    "categorical",
]
Where = Literal["lane", "bucket", "prep"]

_LINEAR_LIMIT = 100.0  # beyond it a position in [0, 1] does not resolve 12 decimals


@dataclass(frozen=True, slots=True)
class Condition:
    """What the value of an earlier gene must be; exactly one of the three tests is given."""

    gene: str
    values: tuple[Any, ...] = ()
    at_least: float | None = None
    above: float | None = None

    def __post_init__(self) -> None:
        """Refuse a condition with no test or several."""
        if bool(self.values) + (self.at_least is not None) + (self.above is not None) != 1:
            raise ValueError(f"condition on {self.gene}: give one of values, at_least, above")

    def holds(self, value: Any) -> bool:
        """Whether `value` of the gene meets the condition."""
        if self.values:
            return value in self.values
        if self.at_least is not None:
            return bool(value >= self.at_least)
        return bool(value > self.above)

    @property
    def text(self) -> str:
        """The condition in words, such as `layers >= 2`."""
        if self.values:
            return f"{self.gene} is {' or '.join(show(value) for value in self.values)}"
        if self.at_least is not None:
            return f"{self.gene} >= {self.at_least:g}"
        return f"{self.gene} > {self.above:g}"


@dataclass(frozen=True)
class Gene:
    """One position of a genome.

    Attributes:
        name: Key of the value in a genome.
        kind: How positions in [0, 1] map to values. `one_minus_log`: 1 - value is log-uniform. `zero_or_*`:
            positions below `p_zero` are exactly 0, the rest is as the kind without it. Integers, choices:
            equal cells; `integer_log`: cells as wide as the integer's share of the logarithmic range.
        low: Least value (the least but 0 for `zero_or_*`); follows from `choices` where there are some.
        high: Greatest value; likewise.
        step: Distance of neighbouring values of an `integer` gene, counted from `low`.
        choices: Values of a `categorical` gene, or of an `integer_log` gene with a grid (powers of two).
        default: Value where none is given.
        p_zero: Share of draws that are exactly 0.
        where: lane: may differ within a pack; bucket: equal within a pack; prep: a transform of the data.
        when: The gene is active when all of these hold and the genes they name are active themselves.
        group: Genes of one group move together in crossover; by default a gene is its own group.
        source: Where range and default come from.
        help: What the gene does, in a plain sentence.
    """

    name: str
    kind: Kind
    default: Any
    low: float = 0
    high: float = 0
    step: int = 1
    choices: tuple[Any, ...] = ()
    p_zero: float = 0.0
    where: Where = "lane"
    when: tuple[Condition, ...] = ()
    group: str = ""
    source: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse a range, grid or default that makes no sense."""
        if not self.group:
            object.__setattr__(self, "group", self.name)
        problem = self._problem()
        if problem:
            raise SettingError(f"gene {self.name}: {problem}.", "Mend its definition.")
        if self.choices:
            ends = (self.choices[0], self.choices[-1]) if self.numeric else (0, 0)
            object.__setattr__(self, "low", ends[0])
            object.__setattr__(self, "high", ends[1])
        elif not self._discrete:
            object.__setattr__(self, "low", self._rounded(self.low))
            object.__setattr__(self, "high", self._rounded(self.high))
        object.__setattr__(self, "default", self.check(self.default))

    @cached_property
    def cells(self) -> tuple[Any, ...] | None:
        """All values in order, or None if the gene is continuous."""
        if self.choices:
            return self.choices
        if self._discrete:
            return tuple(range(int(self.low), int(self.high) + 1, self.step))
        if self.p_zero >= 1:
            return (0.0,)
        if self.low == self.high:
            return (0.0, self.low) if self.p_zero and self.low else (self.low,)
        return None

    @property
    def fixed(self) -> bool:
        """Whether the gene has a single value."""
        return self.cells is not None and len(self.cells) == 1

    @property
    def numeric(self) -> bool:
        """Whether the values have an order and a distance."""
        return self.kind != "categorical"

    @property
    def range_text(self) -> str:
        """The allowed values as text, such as `0 or 0.0001..0.1`."""
        if self.cells is not None and (self.choices or len(self.cells) <= 2):
            return ", ".join(show(value) for value in self.cells)
        span = f"{show(self.low)}..{show(self.high)}"
        if self.step != 1:
            return f"{span} by {self.step}"
        return f"0 or {span}" if self.p_zero and self.low else span

    def decode(self, position: float) -> Any:
        """The value at `position`, which is clipped to [0, 1].

        Raises:
            TypeError: The position is no real number (a crossover operator may return complex ones).
            ValueError: The position is NaN.
        """
        if isinstance(position, complex | np.complexfloating):
            raise TypeError(f"gene {self.name}: position {position!r} is complex")
        u = float(position)
        if math.isnan(u):
            raise ValueError(f"gene {self.name}: position is NaN")
        u = min(max(u, 0.0), 1.0)
        if self._equal_cells and self.cells is not None:
            return self.cells[min(int(u * len(self.cells)), len(self.cells) - 1)]
        if self.kind == "integer_log":
            return self._integer_at(u)
        if u < self.p_zero or self.p_zero >= 1:
            return 0.0
        value = self._at((u - self.p_zero) / (1 - self.p_zero))
        return self._rounded(min(max(value, self.low), self.high))

    def encode(self, value: Any) -> float:
        """The position of `value`; for a value that fills a cell, the middle of the cell.

        Raises:
            SettingError: The value is not allowed.
        """
        value = self.check(value)
        if self._equal_cells and self.cells is not None:
            return (self.cells.index(value) + 0.5) / len(self.cells)
        if self.kind == "integer_log":
            edges = [math.log(value - 0.5), math.log(value + 0.5)]
            return (sum(edges) / 2 - math.log(self.low - 0.5)) / self._log_span
        if value == 0 and self.p_zero:
            return self.p_zero / 2
        return self.p_zero + (1 - self.p_zero) * self._share(value)

    def check(self, value: Any) -> Any:
        """The value in its canonical form: of the gene's type, on its step, with 12 significant digits.

        Raises:
            SettingError: The value is not allowed; names gene, value and range.
        """
        if isinstance(value, np.generic):
            value = value.item()
        canonical = self._choice(value) if self.choices else self._number(value)
        if canonical is None:
            raise SettingError(
                f"gene {self.name}: {value!r} is not allowed.",
                f"Give {'one of' if self.choices else 'a number in'} {self.range_text}.",
            )
        return canonical

    def nearest(self, value: Any) -> Any:
        """The allowed value nearest to `value`; the default for a choice that the gene does not have."""
        if not self.numeric:
            return self.default if self._choice(value) is None else value
        if self.cells is not None and (self.choices or len(self.cells) <= 2):
            return min(self.cells, key=lambda cell: abs(cell - value))
        if value == 0 and self.p_zero:
            return 0.0
        clipped = min(max(value, self.low), self.high)
        return self.check(round(clipped) if self._discrete else clipped)

    def fix(self, value: Any) -> Gene:
        """This gene with `value` as its only value.

        Raises:
            SettingError: The value is not allowed.
        """
        value = self.check(value)
        if self.choices:
            return replace(self, choices=(value,), default=value)
        at_zero = self.kind.startswith("zero_or") and value == 0
        return replace(self, low=value, high=value, default=value, p_zero=1.0 if at_zero else 0.0)

    def narrowed(self, low: float, high: float) -> Gene:
        """This numeric gene with its range cut to low..high (snapped to its grid, never empty).

        The spike of a `zero_or_*` gene stays. The default moves to the nearest value that is left.
        """
        if not self.numeric or self.fixed:
            return self
        if self._discrete and self.cells is not None:
            inside = tuple(cell for cell in self.cells if low <= cell <= high)
            inside = inside or (self.nearest((low + high) / 2),)
            low, high = inside[0], inside[-1]
            choices = inside if self.choices else ()
        else:
            low, high = (self._rounded(min(max(end, self.low), self.high)) for end in (low, high))
            choices = ()
        default = min(max(self.default, low), high) if self.default or not self.p_zero else 0.0
        if choices:
            default = min(choices, key=lambda cell: abs(cell - default))
        return replace(self, low=low, high=high, choices=choices, default=default)

    def to_json(self) -> dict[str, Any]:
        """The gene as JSON values."""
        return {**asdict(self), "choices": list(self.choices), "when": [asdict(test) for test in self.when]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Gene:
        """The gene that `to_json` wrote.

        Raises:
            SettingError: The value is no gene.
        """
        try:
            fields = dict(value)
            tests = [dict(test) for test in fields["when"]]
            when = tuple(Condition(**{**test, "values": tuple(test["values"])}) for test in tests)
            return cls(**{**fields, "choices": tuple(fields["choices"]), "when": when})
        except (KeyError, TypeError, ValueError) as error:
            raise SettingError(
                f"a stored gene cannot be read: {error}.", "The search space is damaged."
            ) from error

    @property
    def _discrete(self) -> bool:
        return self.kind in ("integer", "integer_log", "categorical")

    @property
    def _linear(self) -> bool:
        return self.kind in ("linear", "zero_or_linear")

    @property
    def _complement(self) -> bool:
        return self.kind in ("one_minus_log", "zero_or_one_minus_log")

    @property
    def _equal_cells(self) -> bool:
        return bool(self.choices) or self.kind == "integer"

    @property
    def _log_span(self) -> float:
        return math.log(self.high + 0.5) - math.log(self.low - 0.5)

    def _problem(self) -> str:
        if self.kind not in get_args(Kind) or self.where not in get_args(Where):
            return f"{self.kind!r} or {self.where!r} is unknown"
        if self.kind == "categorical" or self.choices:
            return self._choices_problem()
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            return f"{self.low}..{self.high} is no range"
        return self._integer_problem() if self._discrete else self._float_problem()

    def _choices_problem(self) -> str:
        if self.kind not in ("categorical", "integer_log") or not self.choices:
            return "choices and kind do not fit"
        if len({(type(choice), choice) for choice in self.choices}) != len(self.choices):
            return "choices are not distinct"
        grid = [choice for choice in self.choices if type(choice) is int]
        if self.kind == "integer_log" and (len(grid) != len(self.choices) or sorted(grid) != grid):
            return "the grid must be rising integers"
        return ""

    def _integer_problem(self) -> str:
        if self.low != int(self.low) or self.high != int(self.high) or self.step < 1:
            return "an integer range has integer ends"
        if (self.high - self.low) % self.step:
            return f"{self.low}..{self.high} is no multiple of step {self.step}"
        if self.kind == "integer_log" and (self.low < 1 or self.step != 1):
            return "a logarithmic range of integers starts at 1 and has step 1"
        return ""

    def _float_problem(self) -> str:
        if not 0 <= self.p_zero <= 1 or (self.p_zero and not self.kind.startswith("zero_or")):
            return f"p_zero {self.p_zero} does not fit"
        if self._linear:
            return "" if max(abs(self.low), abs(self.high)) <= _LINEAR_LIMIT else "a linear range is too wide"
        positive = self.high < 1 if self._complement else self.low > 0
        return "" if positive or self.p_zero == 1 else "a logarithmic range must not reach 0"

    def _choice(self, value: Any) -> Any:
        # 1 == True and 1.0 == 1 in Python, but not in the JSON that the key is made of.
        return next((c for c in self.choices if type(c) is type(value) and c == value), None)

    def _number(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not self._finite(value):
            return None
        number = float(value)
        if self._discrete:
            if number != int(number) or not self.low <= number <= self.high:
                return None
            return int(self.low) + round((int(number) - int(self.low)) / self.step) * self.step
        number = self._rounded(number)
        allowed = self.low <= number <= self.high or (number == 0 and self.p_zero > 0)
        return number if allowed else None

    def _finite(self, value: Any) -> bool:
        try:
            return math.isfinite(value)
        except OverflowError:  # an integer beyond the floats
            return False

    def _rounded(self, value: float) -> float:
        if self._linear or self._complement:
            # Such a position resolves absolute differences, so small values keep fewer digits.
            value = round(value, 12)
        return float(f"{value:.12g}") + 0.0  # + 0.0 turns -0.0 into 0.0

    def _at(self, share: float) -> float:
        if self._linear:
            return self.low + share * (self.high - self.low)
        if self._complement:
            return float(1 - (1 - self.low) * ((1 - self.high) / (1 - self.low)) ** share)
        return float(self.low * (self.high / self.low) ** share)

    def _share(self, value: float) -> float:
        if self.low == self.high:
            return 0.5
        if self._linear:
            return (value - self.low) / (self.high - self.low)
        if self._complement:
            return math.log((1 - self.low) / (1 - value)) / math.log((1 - self.low) / (1 - self.high))
        return math.log(value / self.low) / math.log(self.high / self.low)

    def _integer_at(self, u: float) -> int:
        value = round(math.exp(math.log(self.low - 0.5) + u * self._log_span))
        return int(min(max(value, self.low), self.high))


def show(value: Any) -> str:
    """A gene's value as text: floats with 6 significant digits, booleans as on and off."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
