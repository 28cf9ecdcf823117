"""By when something must be done about a lead: clocks that run, stand and run out.

Counting: the day something happened is not counted (民法典 art. 201); a term in days that ends on a
day off ends on the next working day (民法典 art. 203). Days of Beijing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from pydantic import Field

from leads.beijing import BEIJING
from leads.calendar import DAY, Years, is_worked, next_worked
from leads.model import Dated, Id, Judgement, State
from leads.recipients import RecipientKind
from leads.states import EXTEND, PAUSE, happened


class Clock(Dated):
    """One term: from entering a state of ``starts`` until one of ``ends``."""

    id: Id
    name: str = Field(min_length=1)
    starts: tuple[State, ...] = Field(min_length=1)
    ends: tuple[State, ...] = Field(min_length=1)
    codes: tuple[str, ...] = ()
    """Starts only with one of these reason codes; always, if empty."""
    to: tuple[RecipientKind, ...] = ()
    """Runs only where the lead went to one of these; for all, if empty."""
    pauses: tuple[State, ...] = ()
    """States in which it stands."""
    days: int = Field(gt=0)
    unit: Literal["工作日", "日"]
    extension: int = Field(default=0, ge=0)
    """Days more for each approved 延期."""
    article: str = Field(min_length=1)
    source: str = Field(min_length=1)
    verified: bool = False
    note: str | None = None


class Pause(NamedTuple):
    """Days that do not count, from ``first`` until before ``until``; None where it still stands."""

    first: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Run:
    """One clock on one lead."""

    clock: Clock
    since: date
    due: date | None
    """Last day; None while it stands."""
    ended: date | None
    recorded: datetime | None
    """When its end was written down, which may be later."""
    provisional: bool
    """A year it touches has no published calendar."""

    def overdue(self, today: date) -> bool:
        """Tell whether it should have ended before ``today`` and has not."""
        return self.ended is None and self.due is not None and self.due < today

    @property
    def late(self) -> bool:
        """Tell whether it ended after its last day."""
        return self.ended is not None and self.due is not None and self.due < self.ended


def runs(
    history: Sequence[Judgement],
    clocks: Iterable[Clock],
    years: Years,
    kinds: Mapping[str, RecipientKind],
) -> list[Run]:
    """Return every run of every clock on a lead, in order of beginning.

    Args:
        history: judgements of one lead, oldest first.
        clocks: all versions; the one in force on the day of beginning counts.
        years: published calendars.
        kinds: recipient id -> kind.
    """
    found = [run for clock in clocks for run in _runs(clock, history, years, kinds)]
    return sorted(found, key=lambda run: (run.since, run.clock.id))


def _runs(
    clock: Clock, history: Sequence[Judgement], years: Years, kinds: Mapping[str, RecipientKind]
) -> Iterator[Run]:
    began: int | None = None
    to: RecipientKind | None = None
    for at, judgement in enumerate(history):
        to = kinds.get(judgement.to, to) if judgement.to else to
        if began is not None and judgement.state in clock.ends:
            yield _run(clock, history[began : at + 1], years, ended=True)
            began = None
        elif began is None and _starts(clock, judgement, to):
            began = at
    if began is not None:
        yield _run(clock, history[began:], years, ended=False)


def _starts(clock: Clock, judgement: Judgement, to: RecipientKind | None) -> bool:
    return (
        judgement.state in clock.starts
        and (not clock.codes or judgement.code in clock.codes)
        and (not clock.to or to in clock.to)
        and clock.in_force(_day(happened(judgement)))
    )


def _run(clock: Clock, during: Sequence[Judgement], years: Years, ended: bool) -> Run:
    since = _day(happened(during[0]))
    pauses = list(_pauses(clock, during))
    extended = sum(judgement.code == EXTEND for judgement in during)
    due = None
    if not pauses or pauses[-1].until is not None:
        due = _due(since, clock.days + extended * clock.extension, clock.unit, pauses, years)
    last = due or since
    return Run(
        clock=clock,
        since=since,
        due=due,
        ended=_day(happened(during[-1])) if ended else None,
        recorded=during[-1].at if ended else None,
        provisional=any(year not in years for year in range(since.year, last.year + 1)),
    )


def _pauses(clock: Clock, during: Sequence[Judgement]) -> Iterator[Pause]:
    stood: date | None = None
    for judgement in during:
        day = _day(happened(judgement))
        stands = judgement.state in clock.pauses or judgement.code == PAUSE
        stands = stands or (judgement.code == EXTEND and stood is not None)
        if stands and stood is None:
            stood = day
        elif not stands and stood is not None:
            yield Pause(stood, day)
            stood = None
    if stood is not None:
        yield Pause(stood, None)


def _due(since: date, days: int, unit: str, pauses: Sequence[Pause], years: Years) -> date:
    day = since
    while days > 0:
        day += DAY
        counts = unit == "日" or is_worked(day, years)
        paused = any(p.first <= day and (p.until is None or day < p.until) for p in pauses)
        days -= counts and not paused
    return next_worked(day, years)


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()
