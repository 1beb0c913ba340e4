"""Free text as numbers: hashed character n-grams, and the few directions in which the training rows differ.

A cell becomes counts of its character n-grams within words (3 and 4 characters long, case folded, accents
kept; scikit-learn's `HashingVectorizer` with `char_wb`, whose hash has no seed), put into 4,096 places and
scaled to length 1: the same for the same cell in any table. What is learnt is a truncated SVD of the training
rows of one fold: the `RANK` directions, each standardised on those rows. A missing cell is 0 in all of them,
the place of the mean, as is a cell without any letters.

The SVD is scikit-learn's `TruncatedSVD` (randomised, with a fixed seed and its deterministic signs), of at
most 65,536 rows evenly taken from the fold's. Memory: 6 bytes for every n-gram of a cell, of which no more
than its first 10,000 characters are read, beside 10 MB for the SVD.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cambrian.data.mapped import GATHERED_ROWS, MAPPED
from cambrian.data.roles import MOST_CHARACTERS

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

HASHES = 2**12
"""Places that n-grams share; a table of 16 x 4,096 numbers is 350 KB of a model's JSON."""
NGRAMS = (3, 4)
RANK = 16
"""Directions kept, and inputs of a text column."""
FITTED_ROWS = 2**14
LEAST_SINGULAR = 1e-6
"""Of the largest; a direction below it is rounding (of few different texts), and stays 0."""
FARTHEST = 10.0
"""Standard deviations at which a value ends."""


@dataclass(frozen=True)
class HashedText:
    """The n-grams of one column's cells, a sparse row each; its arrays may be mapped from the disk.

    Attributes:
        starts: Where each row begins among the others, `(rows + 1,)` int64.
        places: The places that have a number, uint16.
        values: Those numbers, float32.
    """

    starts: NDArray[np.int64]
    places: NDArray[np.uint16]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.starts) - 1

    @classmethod
    def of(cls, text: pa.Array) -> HashedText:
        """The cells of a text column, some thousand at a time."""
        from sklearn.feature_extraction.text import HashingVectorizer

        vectorizer = HashingVectorizer(
            analyzer="char_wb", ngram_range=NGRAMS, n_features=HASHES, norm="l2", dtype=np.float32
        )
        parts = [cls(np.zeros(1, np.int64), np.empty(0, np.uint16), np.empty(0, np.float32))]
        for start in range(0, len(text), GATHERED_ROWS):
            chunk = text.slice(start, GATHERED_ROWS).to_pylist()
            matrix = vectorizer.transform([(cell or "")[:MOST_CHARACTERS] for cell in chunk])
            starts = matrix.indptr.astype(np.int64)
            parts.append(cls(starts, matrix.indices.astype(np.uint16), matrix.data))
        return cls.joined(parts)

    @classmethod
    def joined(cls, parts: list[HashedText]) -> HashedText:
        """Rows below one another."""
        starts, total = [np.zeros(1, np.int64)], 0
        for part in parts:
            starts.append(part.starts[1:] + total)
            total += int(part.starts[-1])
        places = np.concatenate([part.places for part in parts])
        return cls(np.concatenate(starts), places, np.concatenate([part.values for part in parts]))

    def take(self, rows: Rows | slice) -> HashedText:
        """The given rows."""
        if isinstance(rows, slice):
            first, last, _ = rows.indices(len(self))
            begins = np.asarray(self.starts[first : max(first, last) + 1])
            span = slice(int(begins[0]), int(begins[-1]))
            MAPPED.gathered(len(begins) - 1)
            return HashedText(begins - begins[0], self.places[span], self.values[span])
        parts = [self._gathered(rows[at : at + GATHERED_ROWS]) for at in range(0, len(rows), GATHERED_ROWS)]
        return HashedText.joined(parts) if parts else self.take(slice(0, 0))

    def _gathered(self, rows: Rows) -> HashedText:
        begins, ends = self.starts[rows], self.starts[rows + 1]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(ends - begins)])
        at = np.arange(starts[-1]) + np.repeat(begins - starts[:-1], ends - begins)
        MAPPED.gathered(len(rows))
        return HashedText(starts, np.asarray(self.places[at]), np.asarray(self.values[at]))

    def chunks(self) -> Iterator[tuple[slice, Any]]:
        """Some thousand rows at a time as scipy's sparse matrices `(rows, HASHES)`."""
        for start in range(0, len(self), GATHERED_ROWS):
            span = slice(start, min(start + GATHERED_ROWS, len(self)))
            yield span, self.take(span).matrix()

    def matrix(self) -> Any:
        """All rows as a scipy sparse matrix `(rows, HASHES)`."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.values, self.places.astype(np.int32), self.starts), (len(self), HASHES))


@dataclass(frozen=True)
class TextScaler:
    """The directions of one text column, learnt from the training rows of one fold.

    Attributes:
        directions: `(RANK, HASHES)` float32; zeros where there are fewer.
        centre: Of each, `(RANK,)`.
        factor: 1 / its standard deviation, `(RANK,)`; 0 where there is none.
    """

    directions: NDArray[np.float32]
    centre: Floats
    factor: Floats

    @classmethod
    def fit(cls, text: HashedText, rows: Rows | None = None) -> TextScaler:
        """Learn from the given rows (None: all); the same rows give the same scaler."""
        chosen = np.arange(len(text)) if rows is None else rows
        if len(chosen) > FITTED_ROWS:
            chosen = chosen[np.linspace(0, len(chosen) - 1, FITTED_ROWS).astype(np.int64)]
        matrix = text.take(chosen).matrix()
        directions = np.zeros((RANK, HASHES), dtype=np.float32)
        found = _directions(matrix)
        directions[: len(found)] = found
        projected = matrix @ directions.T.astype(np.float64)
        deviation = projected.std(axis=0)
        some = deviation > LEAST_SINGULAR
        factor = np.where(some, 1.0 / np.where(some, deviation, 1.0), 0.0)
        return cls(directions, projected.mean(axis=0), factor)

    def transform(self, text: HashedText) -> NDArray[np.float32]:
        """The numbers `(rows, RANK)`, finite; 0 where a cell holds nothing."""
        out = np.zeros((len(text), RANK), dtype=np.float32)
        directions = self.directions.T.astype(np.float64)
        for span, matrix in text.chunks():
            z = (matrix @ directions - self.centre) * self.factor
            empty = np.diff(matrix.indptr) == 0
            out[span] = np.where(empty[:, None], 0.0, np.clip(z, -FARTHEST, FARTHEST))
        return out

    def to_json(self) -> dict[str, Any]:
        """The scaler as JSON values; the directions as base64 of little-endian float32, which is exact."""
        content = np.ascontiguousarray(self.directions, dtype="<f4").tobytes()
        return {
            "directions": base64.b64encode(content).decode("ascii"),
            "centre": self.centre.tolist(),
            "factor": self.factor.tolist(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TextScaler:
        """The scaler that `to_json` wrote."""
        content = base64.b64decode(value["directions"], validate=True)
        directions = np.frombuffer(content, dtype="<f4").reshape(RANK, HASHES)
        return cls(directions, np.array(value["centre"]), np.array(value["factor"]))


def _directions(matrix: Any) -> NDArray[np.float64]:
    """The right singular vectors of a sparse matrix `(rows, HASHES)`, at most `RANK`, largest first."""
    from sklearn.decomposition import TruncatedSVD

    if not matrix.nnz:
        return np.empty((0, HASHES))
    svd = TruncatedSVD(n_components=RANK, algorithm="randomized", n_iter=5, random_state=0)
    with np.errstate(invalid="ignore", divide="ignore"):  # of its variance ratios, where no text differs
        svd.fit(matrix.astype(np.float64))
    kept = svd.singular_values_ > LEAST_SINGULAR * svd.singular_values_[0]
    return np.asarray(svd.components_[kept])
