"""The fields of the expert settings and of how a file is read, declared once each."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cambrian_desktop.views.new_fields import Field

translate = QCoreApplication.translate

EXPERT = (
    Field(
        "",
        "seed",
        "whole",
        name=lambda: translate("ExpertFields", "Seed"),
        hint=lambda: translate(
            "ExpertFields", "Seed of the search and of every network: the same seed gives the same run."
        ),
        empty=lambda: translate("ExpertFields", "0"),
    ),
    Field(
        "split",
        "test_file",
        "path",
        name=lambda: translate("ExpertFields", "Test file"),
        hint=lambda: translate(
            "ExpertFields", "A table that holds the test rows; without one they are split off."
        ),
        empty=lambda: translate("ExpertFields", "split off"),
    ),
    Field(
        "split",
        "test_fraction",
        "number",
        name=lambda: translate("ExpertFields", "Test part"),
        hint=lambda: translate("ExpertFields", "Part of the rows that is kept for the one test at the end."),
    ),
    Field(
        "split",
        "split_seed",
        "whole",
        name=lambda: translate("ExpertFields", "Split seed"),
        hint=lambda: translate("ExpertFields", "Seed of the split into training, folds and test rows."),
    ),
    Field(
        "split",
        "folds",
        "whole",
        name=lambda: translate("ExpertFields", "Folds"),
        hint=lambda: translate("ExpertFields", "Folds of the search; 1 is a single holdout."),
        empty=lambda: translate("ExpertFields", "automatic"),
    ),
    Field(
        "budget",
        "generations",
        "whole",
        name=lambda: translate("ExpertFields", "Generations"),
        hint=lambda: translate("ExpertFields", "Ends after so many generations; reproducible."),
        empty=lambda: translate("ExpertFields", "no limit"),
    ),
    Field(
        "budget",
        "evaluations",
        "whole",
        name=lambda: translate("ExpertFields", "Networks"),
        hint=lambda: translate("ExpertFields", "Ends after so many networks; reproducible."),
        empty=lambda: translate("ExpertFields", "no limit"),
    ),
    Field(
        "search",
        "epochs",
        "whole",
        name=lambda: translate("ExpertFields", "Epochs"),
        hint=lambda: translate("ExpertFields", "Epochs that the longest training takes."),
        empty=lambda: translate("ExpertFields", "automatic"),
    ),
    Field(
        "search",
        "batch_size",
        "choice",
        name=lambda: translate("ExpertFields", "Batch size"),
        hint=lambda: translate("ExpertFields", "How many rows a network sees at a time."),
        options=lambda: (
            ("search", translate("ExpertFields", "each network its own")),
            ("fit", translate("ExpertFields", "the largest that fits")),
        ),
    ),
    Field(
        "search",
        "buckets",
        "whole",
        name=lambda: translate("ExpertFields", "Species"),
        hint=lambda: translate(
            "ExpertFields", "Most species of a generation: networks of one species train together."
        ),
        empty=lambda: translate("ExpertFields", "automatic"),
    ),
    Field(
        "search",
        "candidates",
        "whole",
        name=lambda: translate("ExpertFields", "Children for each place"),
        hint=lambda: translate(
            "ExpertFields",
            "The genetic strategy breeds so many for each network it trains, and a model picks; 1: no model.",
        ),
    ),
    Field(
        "search",
        "inherit",
        "yes",
        name=lambda: translate("ExpertFields", "Children begin with their parent's weights"),
        hint=lambda: translate("ExpertFields", "Only the genetic strategy has children."),
    ),
    Field(
        "search",
        "inherit_epochs",
        "number",
        name=lambda: translate("ExpertFields", "Share of epochs"),
        hint=lambda: translate("ExpertFields", "Share of its own epochs that such a child trains."),
    ),
    Field(
        "limits",
        "memory_mb",
        "whole",
        name=lambda: translate("ExpertFields", "Memory, MB"),
        hint=lambda: translate("ExpertFields", "Memory that one network may need."),
        empty=lambda: translate("ExpertFields", "a quarter of the machine's"),
    ),
    Field(
        "limits",
        "timeout_factor",
        "number",
        name=lambda: translate("ExpertFields", "Patience, factor"),
        hint=lambda: translate(
            "ExpertFields", "A worker may be silent for so many times the expected seconds of an epoch."
        ),
    ),
    Field(
        "limits",
        "timeout_seconds",
        "number",
        name=lambda: translate("ExpertFields", "Patience, seconds"),
        hint=lambda: translate("ExpertFields", "And at least for so many seconds."),
    ),
    Field(
        "execution",
        "devices",
        "text",
        name=lambda: translate("ExpertFields", "Devices"),
        hint=lambda: translate("ExpertFields", "auto, cpu, mps, cuda, or cuda with numbers as in cuda:0,1."),
        empty=lambda: translate("ExpertFields", "auto"),
    ),
    Field(
        "execution",
        "keep",
        "whole",
        name=lambda: translate("ExpertFields", "Weights kept"),
        hint=lambda: translate("ExpertFields", "Networks whose weights are kept on disk."),
    ),
    Field(
        "execution",
        "tf32",
        "yes",
        name=lambda: translate("ExpertFields", "Faster products on NVIDIA GPUs (TF32)"),
        hint=lambda: translate("ExpertFields", "Products of 10-bit mantissas: results are less alike."),
    ),
)
"""What has a good default for nearly everybody."""

READING = (
    Field(
        "reading",
        "format",
        "choice",
        name=lambda: translate("ExpertFields", "Format"),
        hint=lambda: translate("ExpertFields", "What kind of file it is."),
        options=lambda: (
            ("auto", translate("ExpertFields", "automatic")),
            ("csv", translate("ExpertFields", "separated text (CSV)")),
            ("json", translate("ExpertFields", "JSON lines")),
            ("excel", translate("ExpertFields", "Excel workbook")),
            ("sqlite", translate("ExpertFields", "SQLite database")),
            ("duckdb", translate("ExpertFields", "DuckDB database")),
            ("parquet", translate("ExpertFields", "Parquet file")),
            ("feather", translate("ExpertFields", "Feather file")),
        ),
    ),
    Field(
        "reading",
        "sheet",
        "text",
        name=lambda: translate("ExpertFields", "Sheet"),
        hint=lambda: translate("ExpertFields", "Sheet of an Excel workbook."),
        empty=lambda: translate("ExpertFields", "its only one"),
    ),
    Field(
        "reading",
        "table",
        "text",
        name=lambda: translate("ExpertFields", "Table"),
        hint=lambda: translate("ExpertFields", "Table or view of a database."),
        empty=lambda: translate("ExpertFields", "its only one"),
    ),
    Field(
        "reading",
        "query",
        "text",
        name=lambda: translate("ExpertFields", "Query"),
        hint=lambda: translate("ExpertFields", "A SELECT to read from a database instead of a table."),
        empty=lambda: translate("ExpertFields", "none"),
    ),
    Field(
        "reading",
        "encoding",
        "text",
        name=lambda: translate("ExpertFields", "Encoding"),
        hint=lambda: translate("ExpertFields", "Encoding of the text: auto, utf-8, latin-1, cp1252, ..."),
    ),
    Field(
        "reading",
        "separator",
        "text",
        name=lambda: translate("ExpertFields", "Separator"),
        hint=lambda: translate(
            "ExpertFields", "What separates fields: auto, comma, semicolon, tab, pipe, or one character."
        ),
    ),
    Field(
        "reading",
        "quote",
        "choice",
        name=lambda: translate("ExpertFields", "Quotes"),
        hint=lambda: translate("ExpertFields", "What quotes fields."),
        options=lambda: (
            ("auto", translate("ExpertFields", "automatic")),
            ('"', translate("ExpertFields", "double")),
            ("'", translate("ExpertFields", "single")),
            ("none", translate("ExpertFields", "none")),
        ),
    ),
    Field(
        "reading",
        "decimal",
        "choice",
        name=lambda: translate("ExpertFields", "Decimal mark"),
        hint=lambda: translate("ExpertFields", "Mark of decimals in numbers."),
        options=lambda: (
            ("auto", translate("ExpertFields", "automatic")),
            (".", translate("ExpertFields", "point")),
            (",", translate("ExpertFields", "comma")),
        ),
    ),
    Field(
        "reading",
        "thousands",
        "choice",
        name=lambda: translate("ExpertFields", "Thousands mark"),
        hint=lambda: translate("ExpertFields", "Mark between thousands."),
        options=lambda: (
            ("auto", translate("ExpertFields", "automatic")),
            ("none", translate("ExpertFields", "none")),
            (",", translate("ExpertFields", "comma")),
            (".", translate("ExpertFields", "point")),
            (" ", translate("ExpertFields", "blank")),
            ("'", translate("ExpertFields", "apostrophe")),
        ),
    ),
    Field(
        "reading",
        "missing",
        "words",
        name=lambda: translate("ExpertFields", "Missing"),
        hint=lambda: translate(
            "ExpertFields",
            "Words that stand for a missing value, separated by commas; an empty cell always does.",
        ),
        empty=lambda: translate("ExpertFields", "empty cells only"),
    ),
    Field(
        "reading",
        "header",
        "yes",
        name=lambda: translate("ExpertFields", "The first line holds the names"),
        hint=lambda: translate("ExpertFields", "Otherwise the columns are called column_1, column_2, ..."),
    ),
)
"""How a file is read, where what was detected is wrong."""
