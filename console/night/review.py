"""How the last nights went: which are whole, which fell short, which never were."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from console.night.planning import span_of
from leads.beijing import Hours
from leads.calendar import DAY
from leads.nights import FILE, Night, day_of, night_id, read_night


class Ending(StrEnum):
    """How a night went; the value is what officers read."""

    WHOLE = "完成"
    SHORT = "未达要求"
    DAMAGED = "记录损坏"
    BROKEN_OFF = "中断"
    """It was begun and has no record."""
    MISSED = "没有运行"
    RUNNING = "进行中"


class Passed(NamedTuple):
    """One night that was, or should have been."""

    day: date
    ending: Ending
    night: Night | None = None
    fault: str | None = None
    """What is wrong with its record."""


def passed(
    folder: Path,
    shard: str | None,
    hours: Hours,
    now: datetime,
    days: int,
    begun: Callable[[str], object] = lambda _: False,
    running: str | None = None,
) -> Sequence[Passed]:
    """Return the last nights up to now, oldest first, from the first that has a record.

    Args:
        folder: where nights are kept. shard: of which of several machines.
        hours: when a night may run. now: Beijing time.
        days: how many at the most.
        begun: whether a run of this name was begun.
        running: name of the one that is under way.
    """
    known = [day for day in _days(folder, shard) if day <= now.date()]
    first = max(min(known, default=now.date()), now.date() - (days - 1) * DAY)
    found = _passed(folder, shard, hours, now, first, begun, running)
    return [one for one in found if known or one.ending is not Ending.MISSED]


def _days(folder: Path, shard: str | None) -> Iterator[date]:
    for file in folder.glob(f"*/{FILE}"):
        day = day_of(file.parent.name)
        if day and file.parent.name == night_id(day, shard):
            yield day


def _passed(
    folder: Path, shard: str | None, hours: Hours, now: datetime, first: date,
    begun: Callable[[str], object], running: str | None,
) -> Iterator[Passed]:  # fmt: skip
    for number in range((now.date() - first).days + 1):
        day = first + timedelta(days=number)
        name = night_id(day, shard)
        if (folder / name / FILE).exists():
            yield _recorded(folder, name, day)
        elif name == running:
            yield Passed(day, Ending.RUNNING)
        elif begun(name):
            yield Passed(day, Ending.BROKEN_OFF)
        elif now >= span_of(hours, day)[1]:
            yield Passed(day, Ending.MISSED)


def _recorded(folder: Path, name: str, day: date) -> Passed:
    try:
        night = read_night(folder, name)
    except ValueError as damaged:
        return Passed(day, Ending.DAMAGED, fault=str(damaged))
    return Passed(day, Ending.SHORT if night.shortfalls else Ending.WHOLE, night)


def next_night(hours: Hours, now: datetime) -> datetime:
    """Return when the next night may begin."""
    begins = span_of(hours, now.date())[0]
    return begins if begins > now else span_of(hours, now.date() + DAY)[0]
