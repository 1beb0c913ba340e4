"""What the user asked for: one validated value, read from and written to TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import tomlkit
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from cambrian.config import is_utf8
from cambrian.data.reading.options import Reading
from cambrian.errors import SettingError
from cambrian.space.asked import asked

_LARGEST_SEED = 2**63 - 1
"""What TOML and SQLite hold."""


_EXAMPLES = {
    "roles": ('"postal code" = "categorical"',),
    "ordinal": ('size = ["S", "M", "L"]',),
    "genes": (
        "layers = 2",
        'dropout = "off"',
        'optimizer = ["adam", "sgd"]',
        "lr = {low = 1e-4, high = 1e-2}",
        'l2 = "0 or 1e-6..1e-3"',
        'momentum = {scale = "linear"}',
    ),
}
"""Lines of each table of the user's own names, for the commented TOML."""


def _texts(value: Any) -> Iterator[str]:
    """Every text in a setting's value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts((*value, *value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _text(cls, value: Any) -> Any:
        """Bytes of the command line that are no UTF-8 have no form in TOML, nor in the run's database."""
        if not all(is_utf8(each) for each in _texts(value)):
            raise ValueError("the path or name is not UTF-8 text")
        return value


class Data(_Section):
    """The table and what to learn from it."""

    file: str = Field(
        description="the table: CSV, Parquet, Excel, a database, ...; in a file, relative to that file"
    )
    target: str = Field(description="the column to predict")
    task: Literal["auto", "binary", "multiclass", "regression"] = Field(
        "auto", description="auto, binary, multiclass or regression"
    )
    positive: str = Field("", description="the positive class of a binary target; empty: the rarer one")
    roles: dict[str, str] = Field(
        default_factory=dict,
        description="column=role: numeric, categorical, ordinal, boolean, datetime, text, identifier",
    )
    ordinal: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="column=a<b<c: the categories of an ordinal column, low to high"
    )
    drop: tuple[str, ...] = Field((), description="columns to leave out")
    weight: str = Field(
        "", description="column of the rows' weights in training, metrics and baselines; empty: all alike"
    )
    merge_labels: bool = Field(
        False,
        description="classes of the target that differ only by case or blanks are one, spelled as most are",
    )
    reading: Reading = Reading()


class Split(_Section):
    """Which rows train, validate and test; it never depends on the run's seed."""

    test_file: str = Field("", description="a table that holds the test rows; empty: they are split off")
    test_fraction: float = Field(
        0.2, gt=0, lt=0.9, description="part of the rows kept for the one test at the end"
    )
    split_seed: int = Field(
        0, ge=0, le=_LARGEST_SEED, description="seed of the split into training, folds and test rows"
    )
    folds: int = Field(
        0,
        ge=0,
        le=20,
        description="folds of the search; 1: a holdout; 0: 5 to 20,000 rows, 3 to 100,000, then 1, and fewer "
        "where a rare class would leave an objective without a value",
    )
    group: str = Field(
        "", description="column whose equal values stay in one part, such as a patient; empty: none"
    )
    time: str = Field(
        "", description="column of times or numbers: later rows validate, the latest test; empty: none"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Split:
        if self.group and self.time:
            raise ValueError("rows are split by group or by time, not by both")
        return self


class Search(_Section):
    """How the space is searched."""

    strategy: str = Field("genetic", description="genetic or random")
    objectives: tuple[str, ...] = Field((), description="what to optimise; empty: log_loss, or rmse")
    preset: str = Field(
        "standard", description="ranges of the search space: quick, standard, thorough or textbook"
    )
    population: int = Field(
        0, ge=0, le=4096, description="individuals a generation; 0: chosen (64 without minutes)"
    )
    epochs: int = Field(0, ge=0, le=100_000, description="epoch budget of the longest lane; 0: chosen")
    batch_size: Literal["search", "fit"] = Field(
        "search",
        description="search: each network its own; fit: the largest that fits in memory for all, found once",
    )
    buckets: int = Field(
        0,
        ge=0,
        description="most species a generation; 0: max(2, population // 16); population or more: no limit",
    )
    candidates: int = Field(
        16,
        ge=1,
        le=128,
        description="children the genetic strategy breeds for each it trains, picked by a model; 1: no model",
    )
    inherit: bool = Field(
        False, description="children of the genetic strategy begin with their better parent's weights"
    )
    # Prellberg & Kramer (2018, Lamarckian evolution of CNNs) saw 75% better data efficiency with inherited
    # weights, so the same after 1 / 1.75 of the epochs; a half is that, rounded.
    inherit_epochs: float = Field(
        0.5, gt=0, le=1, description="share of its own epochs that such a child trains"
    )
    genes: dict[str, Annotated[Any, BeforeValidator(asked)]] = Field(
        default_factory=dict,
        description="gene=value, gene=off, gene=a,b or gene=low..high: what is searched of single genes; "
        "`cambrian space` lists them",
    )

    @field_validator("population")
    @classmethod
    def _two_at_least(cls, population: int) -> int:
        if population == 1:
            raise ValueError("a generation needs at least 2 individuals")
        return population

    @model_validator(mode="after")
    def _children_to_inherit(self) -> Search:
        if self.inherit and self.strategy != "genetic":
            raise ValueError(f"inherit needs the genetic strategy, {self.strategy!r} has no children")
        return self


class Budget(_Section):
    """When the run ends, by whichever comes first; none given: 10 minutes."""

    minutes: float | None = Field(None, gt=0, le=1e6, description="minutes from start to written result")
    generations: int | None = Field(None, gt=0, description="generations; reproducible")
    evaluations: int | None = Field(None, gt=0, description="individuals; reproducible")


class Limits(_Section):
    """What one individual may use at most."""

    memory_mb: int = Field(
        0, ge=0, le=2**30, description="memory of one individual in MB; 0: a quarter of the machine's"
    )
    timeout_factor: float = Field(
        30.0,
        gt=1,
        le=1e9,
        description="a worker may be silent for this many times the predicted seconds of its longest epoch",
    )
    timeout_seconds: float = Field(120.0, gt=0, le=1e9, description="and at least for this many seconds")


class Execution(_Section):
    """Where it runs; nothing here changes a result on a CPU."""

    devices: str = Field("auto", description="auto, cpu, mps, cuda or cuda:0,1")
    workers: int = Field(0, ge=0, le=1024, description="worker processes; 0: one a GPU, or one a core")
    tf32: bool = Field(
        False, description="NVIDIA GPUs alone: faster products of 10-bit mantissas; results are less alike"
    )
    keep: int = Field(200, ge=1, description="individuals whose weights are kept")


class Experiment(_Section):
    """One experiment: data, split, search, budget, limits, execution and the run's seed."""

    version: Literal[1] = Field(1, description="format of this file")
    seed: int = Field(
        0, ge=0, le=_LARGEST_SEED, description="seed of the search and of every network; default 0"
    )
    data: Data
    split: Split = Split()
    search: Search = Search()
    budget: Budget = Budget()
    limits: Limits = Limits()
    execution: Execution = Execution()

    @classmethod
    def from_toml(cls, text: str, *, source: str = "the experiment") -> Experiment:
        """Read an experiment.

        Raises:
            SettingError: The text is not TOML, or a key or value is not allowed; names the key.
        """
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise SettingError(f"{source} is not valid TOML: {error}.", "Mend the line named.") from error
        except ValidationError as error:
            raise _setting_error(error, source) from error

    @classmethod
    def load(cls, path: Path) -> Experiment:
        """Read an experiment from a file; relative data paths become relative to that file.

        Raises:
            SettingError: The file is missing or not a valid experiment.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            reason = error.strerror or error
            raise SettingError(
                f"{path} cannot be read: {reason}.", "Give the path of a TOML file."
            ) from error
        except UnicodeDecodeError as error:
            raise SettingError(f"{path} is not UTF-8 text.", "Give the path of a TOML file.") from error
        experiment = cls.from_toml(text, source=str(path))
        base = path.resolve().parent
        test_file = experiment.split.test_file and str(base / experiment.split.test_file)
        file = str(base / experiment.data.file)
        return experiment.changed(data={"file": file}, split={"test_file": test_file})

    def to_toml(self) -> str:
        """The experiment as commented TOML: every key with its meaning; unset budgets stand as comments."""
        document = tomlkit.document()
        document.add(tomlkit.comment("An experiment of Cambrian: `cambrian run --experiment FILE` runs it."))
        _fill(document, self)
        return tomlkit.dumps(document)

    def changed(self, **sections: dict[str, Any]) -> Experiment:
        """A validated copy with the given keys of the sections replaced.

        `seed={"seed": 3}` sets the seed, `data={"reading": {"sheet": "A"}}` that one key of the reading.

        Raises:
            SettingError: A value is not allowed; names the key.
        """
        tree = self.model_dump()
        for section, values in sections.items():
            if section == "seed":
                tree.update(values)
            else:
                inner = (
                    {"reading": tree["data"]["reading"] | values["reading"]} if "reading" in values else {}
                )
                tree[section] |= values | inner
        return make_experiment(tree)


def make_experiment(tree: dict[str, Any], *, source: str = "the experiment") -> Experiment:
    """Validate a nested dict (`{"data": {"file": ...}, ...}`).

    Raises:
        SettingError: A key or value is not allowed; names the key.
    """
    try:
        return Experiment.model_validate(tree)
    except ValidationError as error:
        raise _setting_error(error, source) from error


def make_reading(values: dict[str, Any], *, source: str = "the command line") -> Reading:
    """Validate options of reading.

    Raises:
        SettingError: A key or value is not allowed; names the key.
    """
    try:
        return Reading.model_validate(values)
    except ValidationError as error:
        raise _setting_error(error, source) from error


def _setting_error(error: ValidationError, source: str) -> SettingError:
    first = error.errors()[0]
    key, given = ".".join(str(part) for part in first["loc"]), first["input"]
    match first["type"]:
        case "missing":
            return SettingError(f"{source}: {key} is missing.", "Add it.")
        case "extra_forbidden":
            remedy = "Remove it, or mend its name; `cambrian experiment --init` shows every setting."
            return SettingError(f"{source}: there is no setting {key}.", remedy)
        case "model_type":
            return SettingError(f"{source}: {key} is {given!r}, not a section.", f"Begin it with [{key}].")
        case "value_error":  # our own words, of a value or of a whole section
            of_section = len(first["loc"]) == 1 and isinstance(given, dict)
            remedy = "Change one of the two." if of_section else "Change that value."
            shown = "" if of_section else f" (given: {given!r})"
            return SettingError(f"{source}: {key}: {first['ctx']['error']}{shown}.", remedy)
    return SettingError(f"{source}: {key}: {first['msg']} (given: {given!r}).", "Change that value.")


def _fill(table: Any, section: BaseModel) -> None:
    for name, info in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            inner = tomlkit.table()
            inner.comment((type(value).__doc__ or "").splitlines()[0])
            _fill(inner, value)
            table.add(tomlkit.nl())
            table.add(name, inner)
        elif value is None:
            table.add(tomlkit.comment(f"{name} =    # {info.description}"))
        else:
            item = _table_of(value) if isinstance(value, dict) else tomlkit.item(_plain(value))
            item.comment(info.description or "")
            if value == {}:
                for example in _EXAMPLES[name]:
                    item.add(tomlkit.comment(f"{example}    # an example"))
            table.add(name, item)


def _table_of(values: dict[str, Any]) -> Any:
    """A table of the user's own names; a value with keys of its own stands in one line."""
    table = tomlkit.table()
    for name, value in values.items():
        if isinstance(value, dict):
            inner = tomlkit.inline_table()
            inner.update(value)
            table.add(name, inner)
        else:
            table.add(name, _plain(value))
    return table


def _plain(value: Any) -> Any:
    """The value with lists in place of tuples, as TOML has them."""
    return list(value) if isinstance(value, tuple) else value
