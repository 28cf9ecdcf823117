"""What waits on the disk: whole lines, one owner at a time, and damage is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leads.store import StoreError
from leads.store.elastic.spool import Put, Settle, Spool, read, waiting

HERE = "http://127.0.0.1:9200/markwatch"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spool]:
    monkeypatch.setenv("MARKWATCH_SPOOL", str(tmp_path))
    spool = Spool(HERE)
    yield spool
    spool.close()


def test_what_was_not_sent_waits_for_the_next_run_in_its_order(opened: Spool) -> None:
    ops = [Settle(lead=f"L{number}") for number in range(3)]
    first = Spool(HERE)
    first.add(ops[0])
    first.rotate()
    first.add(ops[1])
    first.rotate()
    first.add(ops[2], sync=True)
    first.close()
    assert [op for segment in opened.orphans() for op in read(segment)] == ops


def test_what_a_living_process_keeps_is_nobody_elses(opened: Spool) -> None:
    with_owner = Spool(HERE)
    with_owner.add(Settle(lead="L1"))
    assert list(opened.orphans()) == []
    with_owner.close()
    taken = list(opened.orphans())
    assert taken
    for segment in taken:
        segment.unlink()
    assert list(opened.orphans()) == []


def test_what_was_sent_leaves_nothing_behind(opened: Spool) -> None:
    done = Spool(HERE)
    done.add(Settle(lead="L1"))
    done.sent()
    done.close()
    assert not done.folder.exists()
    assert waiting(HERE) == []


def test_stores_do_not_see_what_waits_for_another(opened: Spool) -> None:
    other = Spool("http://127.0.0.1:9200/other")
    other.add(Settle(lead="L1"))
    other.close()
    assert list(opened.orphans()) == []


def test_a_line_cut_off_by_a_crash_was_never_acknowledged(
    opened: Spool, make_lead: Callable[..., Any]
) -> None:
    opened.add(Put(leads=(make_lead(1),)))
    opened.rotate()
    (segment,) = opened.waiting()
    whole = segment.read_bytes()
    segment.write_bytes(whole + whole[: len(whole) // 2])
    assert list(read(segment)) == [Put(leads=(make_lead(1),))]


def test_a_damaged_line_is_named_and_kept(opened: Spool) -> None:
    opened.add(Settle(lead="L1"))
    opened.rotate()
    (segment,) = opened.waiting()
    segment.write_bytes(b'{"op":"unknown"}\n' + segment.read_bytes())
    with pytest.raises(StoreError, match=r"0\.jsonl：第 1 行无法读取"):
        list(read(segment))
    assert segment.exists()
    segment.unlink()


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MARKWATCH_SPOOL", str(tmp_path / "file"))
    with pytest.raises(StoreError, match="暂存目录"):
        Spool(HERE).add(Settle(lead="L1"))


def test_who_only_reads_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKWATCH_SPOOL", str(tmp_path / "none"))
    reader = Spool(HERE)
    assert list(reader.orphans()) == reader.waiting() == []
    reader.close()
    assert not (tmp_path / "none").exists()
