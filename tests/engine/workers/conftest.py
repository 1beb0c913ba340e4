"""Pools that end with their test."""

import pytest

from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool


@pytest.fixture
def log(tmp_path):
    return tmp_path / "run.log"


@pytest.fixture
def make_pool(log):
    pools = []

    def make(workers=1, handlers="worker_jobs:HANDLERS", devices=("cpu",), **settings):
        settings = WorkerSettings(log, **settings)
        pools.append(Pool(handlers, workers=workers, devices=devices, settings=settings))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close(grace=0)
