from __future__ import annotations

import threading
import time

import pytest

from cambrian.run.beside import beside


def test_waits_for_the_work() -> None:
    done = []
    with beside(lambda: (time.sleep(0.2), done.append(1))):
        assert not done
    assert done


def test_a_failed_block_does_not_wait() -> None:
    """A library on a disk that hangs must not keep an interrupted run alive."""
    end = threading.Event()
    try:
        with pytest.raises(KeyError), beside(end.wait):
            raise KeyError
        assert not end.is_set()
    finally:
        end.set()
