from __future__ import annotations

import json
import os

import pytest

from cambrian.run.requests import (
    KINDS,
    NoRequest,
    Request,
    forget_pauses,
    waiting_requests,
    write_request,
)


def taken_from(folder):
    """The requests that wait, and why other files are none; all are answered and gone."""
    found = list(waiting_requests(folder))
    requests = [each for each in found if isinstance(each, Request)]
    return requests, [each.why for each in found if isinstance(each, NoRequest)]


def test_requests_are_taken_once_in_their_order(tmp_path):
    folder = tmp_path / "requests"
    for kind in (*KINDS, *reversed(KINDS)):
        write_request(folder, kind)
    taken, refused = taken_from(folder)
    assert taken == [Request(kind) for kind in (*KINDS, *reversed(KINDS))]
    assert refused == []
    assert list(folder.iterdir()) == []
    assert taken_from(folder) == ([], [])


def test_a_run_without_a_request_folder_has_none(tmp_path):
    assert taken_from(tmp_path / "nowhere") == ([], [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"3",
        b'{"request": "format the disk"}',
        b'{"request": ["pause"]}',
        b'{"ask": "pause"}',
        b"[" * 60_000,
        json.dumps({"request": "x" * 5000}).encode(),
        b'{"request": "pause", "more": "' + b"x" * 70_000 + b'"}',
    ],
)
def test_what_is_no_request_is_named_removed_and_ignored(tmp_path, content):
    (tmp_path / "1-bad.json").write_bytes(content)
    write_request(tmp_path, "stop")
    taken, refused = taken_from(tmp_path)
    assert taken == [Request("stop")]
    assert len(refused) == 1
    assert refused[0].startswith("The request file '1-bad.json' was ignored: ")
    assert len(refused[0]) < 300
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_request(tmp_path):
    (tmp_path / "1.json" / "inside").mkdir(parents=True)
    taken, refused = taken_from(tmp_path)
    assert taken == []
    assert refused == ["The request file '1.json' was ignored: it is not a plain file."]
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_followed_and_its_target_stays(tmp_path):
    (tmp_path / "elsewhere").write_text('{"request": "stop-now"}')
    folder = tmp_path / "requests"
    folder.mkdir()
    os.symlink(tmp_path / "elsewhere", folder / "1.json")
    os.symlink(tmp_path / "nothing", folder / "2.json")
    taken, refused = taken_from(folder)
    assert taken == []
    assert len(refused) == 2
    assert (tmp_path / "elsewhere").exists()
    assert list(folder.iterdir()) == []


def test_files_that_are_not_finished_are_left_alone(tmp_path):
    (tmp_path / ".1.json.abc.tmp").write_text('{"requ')
    (tmp_path / "notes.txt").write_text("mine")
    assert taken_from(tmp_path) == ([], [])
    assert len(list(tmp_path.iterdir())) == 2


def test_a_flood_is_taken_in_portions(tmp_path):
    for number in range(250):
        (tmp_path / f"{number:04}.json").write_text('{"request": "pause"}')
    assert [len(taken_from(tmp_path)[0]) for _ in range(4)] == [100, 100, 50, 0]


def test_a_request_whose_answer_failed_is_met_again(tmp_path):
    for kind in ("pause", "stop"):
        write_request(tmp_path, kind)
    for request in waiting_requests(tmp_path):
        if request.kind == "stop":
            break  # as an exception would end the loop
    assert taken_from(tmp_path) == ([Request("stop")], [])


def test_of_what_a_killed_run_left_a_stop_counts_and_a_pause_does_not(tmp_path):
    for kind in KINDS:
        write_request(tmp_path, kind)
    (tmp_path / "bad.json").write_text("{")
    forget_pauses(tmp_path)
    taken, refused = taken_from(tmp_path)
    assert taken == [Request("stop"), Request("stop-now")]
    assert len(refused) == 1
    forget_pauses(tmp_path / "nowhere")
