"""The custody log: no line can be changed, removed or put in, and no crash breaks the chain."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from evidence.custody import START, Custody, CustodyError

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Custody:
    """A log of two days with three lines each."""
    log = Custody(tmp_path)
    for day in range(2):
        for number in range(3):
            log.append(
                "kept", NOON + timedelta(days=day, seconds=number), capture=f"c{day}{number}"
            )
    return log


def test_a_line_carries_the_digest_of_the_one_before_as_documented(log: Custody) -> None:
    link = START
    lines = [json.loads(line) for path in log.days() for line in path.read_text().splitlines()]
    assert [line["line"] for line in lines] == [1, 2, 3, 4, 5, 6]
    for line in lines:
        record = json.dumps(line["record"], sort_keys=True, separators=(",", ":"))
        assert line["digest"] == hashlib.sha256(record.encode()).hexdigest()
        link = hashlib.sha256((link + line["digest"]).encode()).hexdigest()
        assert line["link"] == link
    log.check()


def test_a_day_is_one_of_beijing_and_a_clock_set_back_opens_none(log: Custody) -> None:
    log.append("kept", datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
    log.append("kept", datetime(2020, 1, 1, tzinfo=UTC))
    days = [path.stem for path in log.days()]
    assert days == ["2026-11-22", "2026-11-23", "2026-11-24"]
    assert len(list(log.lines(log.days()[-1]))) == 2
    log.check()


DAMAGE = {
    "a line is gone": (lambda lines: lines[:1] + lines[2:], "缺少或多出"),
    "the first line is gone": (lambda lines: lines[1:], "缺少或多出"),
    "the last line of a day is gone": (lambda lines: lines[:-1], "缺少或多出"),
    "a line comes twice": (lambda lines: [lines[0], *lines], "缺少或多出"),
    "lines have changed places": (lambda lines: [lines[1], lines[0], lines[2]], "缺少或多出"),
    "a fact was changed": (
        lambda lines: [lines[0].replace("c00", "c99"), *lines[1:]],
        "内容已改动",
    ),
    "a link was changed": (
        lambda lines: [lines[0].replace('"link":"', '"link":"0'), *lines[1:]],
        "在此断开",
    ),
    "a record was left out": (lambda lines: [lines[0].split(',"record"')[0] + "}"], "缺少"),
    "no line at all": (lambda lines: ["{", *lines[1:]], "已损坏"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_was_done_to_a_line_is_found(log: Custody, damage: str) -> None:
    change, reason = DAMAGE[damage]
    path = log.days()[0]
    path.write_text("".join(f"{line}\n" for line in change(path.read_text().splitlines())))
    with pytest.raises(CustodyError, match=reason) as caught:
        log.check()
    assert "2026-11-2" in str(caught.value)


def test_the_end_that_a_closed_day_has_lost_is_found_by_its_head(log: Custody) -> None:
    for path, text in log.heads(date(2026, 11, 24)):
        path.write_bytes(text)
    log.check()
    last = log.days()[-1]
    last.write_text("".join(f"{line}\n" for line in last.read_text().splitlines()[:-1]))
    with pytest.raises(CustodyError, match="与当日末端记录不符"):
        log.check()


@pytest.mark.parametrize("torn", [b'{"dig', b'{"digest":"0"}'])
def test_a_line_that_a_power_cut_tore_is_written_over(log: Custody, torn: bytes) -> None:
    path = log.days()[-1]
    with path.open("ab") as file:
        file.write(torn)
    fresh = Custody(log.folder.parent)
    fresh.append("kept", NOON + timedelta(days=1), capture="c9")
    fresh.check()
    log.append("kept", NOON + timedelta(days=1), capture="c10")
    log.check()
    assert len(list(log.lines(path))) == 5


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from evidence.custody import Custody
log = Custody(Path(sys.argv[1]))
for number in range(50):
    log.append("kept", datetime(2026, 11, 22, tzinfo=UTC), sync=False, capture=str(number))
"""


def test_many_hands_in_many_processes_write_one_chain(tmp_path: Path) -> None:
    def write(_: int) -> None:
        subprocess.run([sys.executable, "-c", WRITER, str(tmp_path)], check=True)

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(write, range(4)))
    log = Custody(tmp_path)
    log.check()
    assert len(list(log.lines(log.days()[0]))) == 200


FULL = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from evidence.custody import Custody
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = Custody(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
try:
    for number in range(50):
        log.append("kept", datetime(2026, 11, 22, tzinfo=UTC), capture=str(number))
except OSError:
    print(number)
"""


def test_a_disk_that_fills_up_leaves_whole_lines(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], check=True, capture_output=True, text=True
    )
    log = Custody(tmp_path)
    log.append("kept", datetime(2026, 11, 22, tzinfo=UTC))
    log.check()
    assert len(list(log.lines(log.days()[0]))) == int(done.stdout) + 1


def test_an_excerpt_tells_of_what_was_asked_and_still_holds_the_chain(log: Custody) -> None:
    (first, second) = log.about({"c01", "c12"}, date(2026, 11, 1))
    assert [line.record is not None for line in first.lines] == [True]
    assert [line.record is not None for line in second.lines] == [True]
    assert first.lines[0].number == 2
    assert second.before == next(iter(reversed(list(log.lines(log.days()[1]))[:2]))).link

    (whole,) = log.about({"c00", "c02"}, date(2026, 11, 1))
    assert [line.number for line in whole.lines] == [1, 2, 3]
    assert [line.record is None for line in whole.lines] == [False, True, False]
    assert list(log.about({"c00"}, date(2026, 11, 23))) == []
