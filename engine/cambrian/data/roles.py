"""The role a column plays in learning, and how it is told from the column's values."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum


class Role(StrEnum):
    """What a column is to the learner; the first six are features, the last four say something of rows."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    ORDINAL = "ordinal"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"
    IDENTIFIER = "identifier"
    CONSTANT = "constant"
    EMPTY = "empty"
    TARGET = "target"
    WEIGHT = "weight"
    GROUP = "group"
    TIME = "time"


FEATURE_ROLES = frozenset(
    {Role.NUMERIC, Role.CATEGORICAL, Role.ORDINAL, Role.BOOLEAN, Role.DATETIME, Role.TEXT}
)
ROW_ROLES = frozenset({Role.WEIGHT, Role.GROUP, Role.TIME})
SETTABLE_ROLES = FEATURE_ROLES | {Role.IDENTIFIER}

TRUE_WORDS = frozenset({"true", "yes", "y", "t", "on", "1"})
FALSE_WORDS = frozenset({"false", "no", "n", "f", "off", "0"})
_BOOLEAN_PAIRS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"))

IDENTIFIER_ROWS = 100
"""Nearly unique text is an identifier from more than so many values on."""
IDENTIFIER_SHARE = 0.95
RUNNING_ROWS = 20
"""Whole numbers that run without a gap are a row number from so many rows on."""
_IDENTIFIER_NAME = re.compile(
    r"(?i:(.*[_ .-])?(id|uuid|guid|index|rowid|row[_ ]?(no|nr|num|number|id)))"
    r"|.*[a-z]I[Dd]|__index_level_\d+__"
)
TEXT_WORDS = 5.0
"""Free text has so many words on average or more, at least half of them with a letter."""
TEXT_SHARE = 0.5
"""And so many different values a cell."""
TEXT_VALUES = 20
"""And more different values than this."""
MOST_CHARACTERS = 10_000
"""Characters of a cell of text that are looked at and encoded."""
_HAN_KANA = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_HAN_KANA}]{{1,2}}|[^\s{_HAN_KANA}]+")
"""What blanks separate; Chinese and Japanese have none, there two characters count as a word."""
_UUID = re.compile(r"(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")

KNOWN_ORDERS: tuple[tuple[str, ...], ...] = (
    ("low", "medium", "high"),
    ("very low", "low", "medium", "high", "very high"),
    ("low", "medium", "high", "critical"),
    ("low", "moderate", "high"),
    ("low", "normal", "high"),
    ("lt norm", "norm", "gt norm"),
    ("below average", "average", "above average"),
    ("small", "medium", "large"),
    ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"),
    ("extra small", "small", "medium", "large", "extra large"),
    ("short", "medium", "tall"),
    ("mild", "moderate", "severe"),
    ("minor", "moderate", "major", "severe"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("strongly disagree", "disagree", "somewhat disagree", "neutral", "somewhat agree", "agree",
     "strongly agree"),
    ("strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"),
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
    ("very unlikely", "unlikely", "neutral", "likely", "very likely"),
    ("not at all", "slightly", "moderately", "very", "extremely"),
    ("bronze", "silver", "gold", "platinum"),
    ("beginner", "intermediate", "advanced", "expert"),
    # School: grades in words, and levels (grades as letters: `SCHOOL_GRADES`).
    ("fail", "pass", "merit", "distinction"),
    ("primary", "secondary", "tertiary"),
    ("freshman", "sophomore", "junior", "senior"),
    # General grades, the scale of the Ames assessor's office and that of its short codes.
    ("bad", "fair", "good", "excellent"),
    ("very poor", "poor", "fair", "below average", "average", "above average", "good", "very good",
     "excellent", "very excellent"),
    ("poor", "fair", "typical", "good", "excellent"),
    ("fair", "good", "very good", "excellent"),
    ("po", "fa", "ta", "gd", "ex"),
    # Diamonds: cut, clarity and colour as the trade grades them.
    ("fair", "good", "very good", "premium", "ideal"),
    ("i3", "i2", "i1", "si2", "si1", "vs2", "vs1", "vvs2", "vvs1", "if", "fl"),
    ("j", "i", "h", "g", "f", "e", "d"),
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
     "november", "december"),
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
)  # fmt: skip
SCHOOL_GRADES = ("f", "d-", "d", "d+", "c-", "c", "c+", "b-", "b", "b+", "a-", "a", "a+")
_ABSENT = re.compile(r"(no|none|not|without)( .+)?")


def known_order(categories: Collection[str]) -> tuple[str, ...]:
    """The categories from low to high if they belong to one known order, else nothing.

    Case and `_`/`-` for blanks do not matter. At least three categories must be given, four fifths of the
    order if its words are single letters; school grades as letters need an F beside three others, or a plus
    or minus: A, B, C and D may be any codes. One category that says "none" ("No_Garage") stands below.
    """
    grades = _school_grades(categories)
    if grades:
        return grades
    plain = {_plain(category): category for category in categories}
    if len(plain) < len(categories):
        return ()
    for order in KNOWN_ORDERS:
        rest = set(plain) - set(order)
        absent = {word for word in rest if _ABSENT.fullmatch(word)}
        if rest - absent or len(absent) > 1:
            continue
        present = [word for word in order if word in plain]
        letters = all(len(word) == 1 for word in order)
        if len(present) >= (0.8 * len(order) if letters else 3):
            return tuple(plain[word] for word in (*absent, *present))
    return ()


def _school_grades(categories: Collection[str]) -> tuple[str, ...]:
    found = {category.strip().lower(): category for category in categories}
    if len(found) < len(categories) or not set(found) <= set(SCHOOL_GRADES):
        return ()
    signed = any(len(grade) == 2 for grade in found)
    if len(found) < (3 if signed else 4) or not (signed or "f" in found):
        return ()
    return tuple(found[grade] for grade in SCHOOL_GRADES if grade in found)


def is_free_text(values: Sequence[str], *, distinct: int, valid: int) -> bool:
    """Whether a text column holds free text: mostly different values of many words.

    Args:
        values: Different values, or a sample of them.
        distinct: How many different values there are.
        valid: Rows with a value.
    """
    if distinct <= TEXT_VALUES or distinct < TEXT_SHARE * valid:
        return False
    words = [word for value in values for word in _WORD.findall(value[:MOST_CHARACTERS])]
    lettered = sum(any(character.isalpha() for character in word) for word in words)
    return len(words) >= TEXT_WORDS * len(values) and 2 * lettered >= len(words)


def mean_words(values: Sequence[str]) -> float:
    """Words of a value on average, as `is_free_text` counts them."""
    return sum(len(_WORD.findall(value[:MOST_CHARACTERS])) for value in values) / max(1, len(values))


def boolean_words(categories: Collection[str]) -> tuple[str, str] | None:
    """The pair (false word, true word), in lower case, that two or more spellings belong to."""
    words = {category.strip().lower() for category in categories}
    for pair in _BOOLEAN_PAIRS:
        if words == set(pair):
            return pair
    return None


def is_identifier_name(name: str) -> bool:
    """Whether a name says that its column numbers or names the rows (`id`, `customer_id`, `rowId`)."""
    return _IDENTIFIER_NAME.fullmatch(name.strip()) is not None


def text_role(categories: Sequence[str], *, distinct: int, valid: int, rows: int) -> Role:
    """The role of a text column from its categories (a sample of them if they are many).

    Args:
        categories: Different values.
        distinct: How many different values there are.
        valid: Rows with a value.
        rows: All rows.
    """
    if not valid:
        return Role.EMPTY
    if distinct == 1:
        return Role.CONSTANT if valid == rows else Role.CATEGORICAL
    if distinct <= 10 and boolean_words(categories):
        return Role.BOOLEAN
    if is_free_text(categories, distinct=distinct, valid=valid):
        return Role.TEXT
    if distinct >= IDENTIFIER_SHARE * valid:
        uuids = all(_UUID.fullmatch(category) for category in categories[:20])
        if valid > IDENTIFIER_ROWS or (uuids and distinct == valid):
            return Role.IDENTIFIER
    if distinct <= 20 and known_order(categories):
        return Role.ORDINAL
    return Role.CATEGORICAL


def number_role(name: str, *, distinct: int, valid: int, rows: int, span: float, whole: bool) -> Role:
    """The role of a number column; `span` is its highest minus its lowest value.

    Whole numbers that are all different are an identifier if they run without a gap or the name says so.
    """
    if not valid:
        return Role.EMPTY
    if distinct == 1:
        return Role.CONSTANT if valid == rows else Role.NUMERIC
    if whole and distinct == rows and rows >= RUNNING_ROWS and (span == rows - 1 or is_identifier_name(name)):
        return Role.IDENTIFIER
    return Role.NUMERIC


def _plain(category: str) -> str:
    return " ".join(re.split(r"[\s_-]+", category.strip().lower()))
