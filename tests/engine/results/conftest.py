"""scikit-learn's baselines on one thread, as in a worker: what they predict must not hang on the machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    import sklearn.ensemble  # noqa: F401 - its OpenMP must be loaded to be limited

    with threadpool_limits(1):
        yield
