"""Sizes of tensors: a few of them for many widths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cambrian.padding import STEP, padded, padded_towards


@given(widest=st.integers(1, 3000), data=st.data())
def test_rows_are_padded_to_few_widths_and_at_most_to_about_the_double(widest, data):
    size = data.draw(st.integers(1, widest))
    width = padded_towards(size, widest)
    assert width % STEP == 0
    assert size <= width <= padded(widest)
    assert width <= max(2 * padded(size), 2 * size + STEP)
    assert width == padded_towards(width, widest)


@pytest.mark.parametrize("widest", [1, 16, 17, 100, 288, 1000])
def test_as_many_widths_as_halvings(widest):
    widths = {padded_towards(size, widest) for size in range(1, widest + 1)}
    halvings = 1
    while padded(-(-widest // 2**halvings)) < padded(-(-widest // 2 ** (halvings - 1))):
        halvings += 1
    assert len(widths) == halvings


@pytest.mark.parametrize(
    ("size", "widest", "width"), [(5, 0, 16), (40, 17, 48), (150, 288, 288), (144, 288, 144)]
)
def test_widths_by_hand(size, widest, width):
    assert padded_towards(size, widest) == width
