"""Facts of all kinds of data, for the spaces of the tests of this folder."""

from __future__ import annotations

from cambrian.space.build import SpaceFacts

FACTS = {
    "binary": SpaceFacts("binary", 5_000, objectives=("log_loss",)),
    "accuracy": SpaceFacts("multiclass", 20_000, objectives=("log_loss", "accuracy")),
    "regression": SpaceFacts("regression", 50_000, positive_target=True, device="gpu"),
    "negative": SpaceFacts("regression", 300_000, epochs=16),
    "tiny": SpaceFacts("binary", 5, epochs=1),
    "numbers": SpaceFacts("multiclass", 5_000, most_categories=0, balanced_classes=True),
    "labels": SpaceFacts("binary", 9_000, most_categories=3, scaled_numbers=False, rows_per_epoch=1024),
}
