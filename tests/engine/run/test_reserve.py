"""When the search of a run with a budget in minutes ends: the rest gets what it needs, not more."""

from __future__ import annotations

import pytest
from run_parts import heir, individual, resolved_of

from cambrian.records import Evaluation, LaneStatus, Outcome, State
from cambrian.run.lanes import LaneId, LaneReport
from cambrian.run.packs import ROUND_SECONDS
from cambrian.run.reserve import REPEATS, Reserve, repeat_seconds, repeats_of, slowest_round

LIMIT, SHARE, FINALISTS_UNTIL = 180.0, 129.0, 163.0
FOLDS = 2


def reserve(*, limit: float | None = LIMIT, test_rows: int = 200, workers: int = 2) -> Reserve:
    resolved = resolved_of(folds=FOLDS, search_until=SHARE, finalists_until=FINALISTS_UNTIL)
    if limit is None:
        resolved = resolved_of(folds=FOLDS)
    return Reserve(resolved, limit, workers, test_rows)


def finalists(count: int = 3) -> list[Outcome]:
    return [Outcome(individual(number), 2, (0.1 * number,)) for number in range(count)]


def searched(seconds: float, count: int = 3) -> dict[LaneId, LaneReport]:
    lanes = [LaneId(number, fold, 0) for number in range(count) for fold in range(FOLDS)]
    return {
        lane: LaneReport(lane, LaneStatus.FINISHED, 64, values=(0.1,), seconds=seconds, state=State.COMPLETE)
        for lane in lanes
    }


def test_without_minutes_nothing_ends_by_time():
    without = reserve(limit=None)
    assert without.search_until(finalists(), searched(1.0), slowest_round=0.1) is None
    assert without.finalists_until(searched(1.0)) is None


def test_fast_finalists_leave_their_time_to_the_search():
    until = reserve().search_until(finalists(), searched(0.1), slowest_round=0.01)
    assert until is not None
    assert 0.93 * LIMIT < until < 0.97 * LIMIT


def test_every_second_that_the_finalists_need_is_kept_for_them():
    """Each second of a lane is needed 12 times, by two workers, and a fifth more."""
    ends = [reserve().search_until(finalists(), searched(each), slowest_round=0.0) for each in (1.0, 2.0)]
    one, two = (repeat_seconds(individual(0), FOLDS, searched(each), workers=2) for each in (1.0, 2.0))
    needed = two - one
    assert needed == pytest.approx(len(REPEATS) * FOLDS / 2)
    # Their epochs grow too, and with them the time to predict the test rows.
    assert 3.6 * needed <= ends[0] - ends[1] < 3.6 * needed + 0.5
    end = reserve().finalists_until(searched(2.0))
    assert ends[1] + 3.6 * repeat_seconds(individual(0), FOLDS, searched(2.0), workers=2) == pytest.approx(
        end
    )


def test_the_search_keeps_its_share():
    assert reserve().search_until(finalists(), searched(60.0), slowest_round=5.0) == SHARE
    assert reserve().search_until([], {}, slowest_round=5.0) == SHARE


def test_a_slow_round_is_waited_for_but_no_longer_than_the_grace():
    ends = [
        reserve().search_until(finalists(), searched(0.1), slowest_round=each) for each in (0.0, 3.0, 500.0)
    ]
    assert [ends[0] - each for each in ends[1:]] == pytest.approx([3.0, 8.0])


@pytest.mark.parametrize("test_rows", [100, 20_000, 1_000_000])
def test_the_delivery_has_its_time_within_the_limit(test_rows):
    """Measured on a busy machine: 5 s for 40,000 rows; more rows get fewer resamples."""
    end = reserve(test_rows=test_rows).finalists_until(searched(0.001))
    assert end is not None
    scoring = 5.0 * min(1.0, test_rows / 40_000)
    assert end <= LIMIT - scoring
    assert end >= LIMIT - 1 - 5 - 3 * max(scoring, 5.0 * test_rows / 1_000_000)


def test_what_is_repeated_already_costs_nothing():
    known = searched(10.0)
    for seed in REPEATS:
        for fold in range(FOLDS):
            lane = LaneId(0, fold, seed)
            known[lane] = LaneReport(lane, LaneStatus.FINISHED, 64, values=(0.1,), seconds=10.0)
    assert repeat_seconds(individual(0), FOLDS, known, workers=2) == 0.0
    assert repeat_seconds(individual(1), FOLDS, known, workers=2) >= 20.0


def test_an_heir_repeats_once_more_and_from_scratch_over_all_its_epochs():
    """Its lanes of the search trained a quarter of the epochs, and none of them counts."""
    assert repeats_of(individual(0)) == REPEATS
    assert len(set(repeats_of(heir(0)))) == len(REPEATS) + 1
    assert 0 not in repeats_of(heir(0))
    usual, heirs = (
        repeat_seconds(each, FOLDS, searched(10.0), workers=2) for each in (individual(0), heir(0))
    )
    assert usual == pytest.approx(2 * FOLDS * 10.0 / 2, rel=0.01)
    assert heirs == pytest.approx(3 * FOLDS * 40.0 / 2, rel=0.01)


def trained(number: int, pack: str, seconds: float, epochs: int = 4) -> Evaluation:
    return Evaluation(number, 0, 0, State.COMPLETE, pack=pack, epochs=epochs, seconds=seconds)


def test_a_worker_parks_after_an_epoch_of_its_whole_pack():
    """What is stored of a lane is its share: twenty lanes of 0.05 s an epoch keep a worker for a second."""
    wide = [trained(number, "pack-1-1", 4 * 0.05) for number in range(20)]
    assert slowest_round(wide) == pytest.approx(1.0)
    assert slowest_round([*wide, trained(20, "pack-1-2", 4 * 0.3)]) == pytest.approx(1.0)
    assert slowest_round([]) == slowest_round([trained(0, "pack-1-1", 0.0, epochs=0)]) == 0.0


def test_lanes_of_a_job_that_waited_for_room_are_no_part_of_its_round():
    many = [trained(number, "pack-1-1", 4 * 0.05) for number in range(200)]
    assert slowest_round(many) == ROUND_SECONDS
    assert slowest_round([*many, trained(200, "pack-1-1", 4 * 7.0)]) == pytest.approx(7.0)


@pytest.mark.parametrize(("share", "parking"), [(0.05, 0.3), (1.0, ROUND_SECONDS), (6.0, 6.0), (60.0, 8.0)])
def test_the_finalists_have_parked_before_the_delivery_begins(share, parking):
    """The last epoch of their packs lies within the minutes, not behind them; the margin stays besides."""
    known = searched(64 * share)
    end = reserve().finalists_until(known)
    assert end is not None
    delivery = reserve()._delivery_seconds(known.values())
    assert end + parking + delivery <= LIMIT + 1e-9
    if share < 1.0:
        assert end + parking + delivery == pytest.approx(LIMIT - 5.0)
