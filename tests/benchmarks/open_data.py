"""The open tables that the benchmarks train on."""

from __future__ import annotations

from recording import ROOT

FOLDER = ROOT.parent / "shared" / "data" / "open"
FILES = {
    "ames": ("ames.parquet", "Sale_Price"),
    "credit_data": ("credit_data.parquet", "Status"),
    "spam": ("spam.parquet", "type"),
    "soybean": ("soybean.csv", "class"),
    "digits_table": ("digits_table.parquet", "target"),
    "chicago": ("chicago.parquet", "ridership"),
    "diamonds": ("diamonds.parquet", "price"),
}
"""File in the folder, and the column to predict."""
