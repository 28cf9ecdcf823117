"""By when something must be done about a lead: clocks that run, stand and run out.

Counting: the day something happened is not counted (民法典 art. 201); a term in days that ends on a
day off ends on the next working day (民法典 art. 203). Days of Beijing. A term in hours runs from
the very moment, through days off as well (民法典 art. 201).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from pydantic import Field

from leads.beijing import BEIJING
from leads.calendar import DAY, Years, is_worked, next_worked
from leads.model import Dated, Id, Judgement, State
from leads.recipients import RecipientKind
from leads.states import EXTEND, NOTES, PAUSE, happened

HOURS = "小时"
"""The unit of terms that run from a moment, not from a day."""


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
    end_codes: tuple[str, ...] = ()
    """Ends with one of these reason codes as well, whatever the state."""
    pauses: tuple[State, ...] = ()
    """States in which it stands."""
    length: int = Field(gt=0)
    unit: Literal["工作日", "日", "小时"]
    extension: int = Field(default=0, ge=0)
    """Units more for each approved 延期."""
    article: str = Field(min_length=1)
    source: str = Field(min_length=1)
    verified: bool = False
    note: str | None = None


class Pause(NamedTuple):
    """A time that does not count, by its days; ``until`` is None where it still stands."""

    first: datetime
    until: datetime | None

    def holds(self, day: date) -> bool:
        """Tell whether a day does not count: from the first until before the last."""
        return _day(self.first) <= day and (self.until is None or day < _day(self.until))


@dataclass(frozen=True, slots=True)
class Run:
    """One clock on one lead."""

    clock: Clock
    since: date
    due: date | None
    """Last day; None while it stands."""
    until: datetime | None
    """Last moment in time: of a term in days the end of the last one."""
    ended: date | None
    ended_at: datetime | None
    recorded: datetime | None
    """When its end was written down, which may be later."""
    provisional: bool
    """A year it touches has no published calendar."""

    def overdue(self, at: date) -> bool:
        """Tell whether it should have ended before ``at`` and has not.

        ``at`` is a moment, or a day that is looked back on from its end.
        """
        return self.ended is None and self.until is not None and self.until < _moment(at)

    def days_over(self, at: date) -> int:
        """Return for how many days it is over at a day or moment; below 0 while some are left."""
        return (_day(_moment(at)) - self.due).days if self.due else 0

    @property
    def late(self) -> bool:
        """Tell whether it ended too late."""
        if self.until is None or self.ended_at is None:
            return False
        return self.until < self.ended_at

    @property
    def due_told(self) -> str | None:
        """By when, as officers read it: ``2026-11-26``, of a term in hours to the minute."""
        if self.until is None:
            return None
        moment = self.until.astimezone(BEIJING)
        return f"{moment:%Y-%m-%d %H:%M}" if self.clock.unit == HOURS else f"{moment:%Y-%m-%d}"


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
        if began is not None and _ends(clock, judgement):
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


def _ends(clock: Clock, judgement: Judgement) -> bool:
    return judgement.state in clock.ends or judgement.code in clock.end_codes


def _run(clock: Clock, during: Sequence[Judgement], years: Years, ended: bool) -> Run:
    began = happened(during[0])
    pauses = list(_pauses(clock, during))
    extended = sum(judgement.code == EXTEND for judgement in during)
    until = None
    if not pauses or pauses[-1].until is not None:
        until = _until(clock, began, clock.length + extended * clock.extension, pauses, years)
    since, due = _day(began), _day(until) if until else None
    touched = range(since.year, (due or since).year + 1)
    last = during[-1] if ended else None
    return Run(
        clock=clock,
        since=since,
        due=due,
        until=until,
        ended=_day(happened(last)) if last else None,
        ended_at=happened(last) if last else None,
        recorded=last.at if last else None,
        provisional=clock.unit != HOURS and any(year not in years for year in touched),
    )


def _pauses(clock: Clock, during: Sequence[Judgement]) -> Iterator[Pause]:
    stood: datetime | None = None
    for judgement in during:
        moment = happened(judgement)
        stands = judgement.state in clock.pauses or judgement.code == PAUSE
        stands = stands or (judgement.code in NOTES and stood is not None)
        if stands and stood is None:
            stood = moment
        elif not stands and stood is not None:
            yield Pause(stood, moment)
            stood = None
    if stood is not None:
        yield Pause(stood, None)


def _until(
    clock: Clock, began: datetime, length: int, pauses: Sequence[Pause], years: Years
) -> datetime:
    if clock.unit == HOURS:
        stood = sum((p.until - p.first for p in pauses if p.until), timedelta())
        return began + timedelta(hours=length) + stood
    day = _day(began)
    while length > 0:
        day += DAY
        counts = clock.unit == "日" or is_worked(day, years)
        length -= counts and not any(pause.holds(day) for pause in pauses)
    return datetime.combine(next_worked(day, years), time.max, BEIJING)


def _moment(at: date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time.max, BEIJING)


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()
