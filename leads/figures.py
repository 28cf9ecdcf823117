"""What was done in a period, counted from judgements alone, so that a closed period never changes.

A judgement counts by the time it was recorded, which only goes forward; what is recorded later
about an earlier day belongs to the later period. Hits, scores and routes, which a rematch may
change, are counted nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from statistics import median
from typing import NamedTuple

from leads.beijing import BEIJING
from leads.calendar import DAY
from leads.clocks import Run, runs
from leads.desk import Desk
from leads.model import Judgement, Lead, Record, State
from leads.recipients import RecipientKind
from leads.sighting import Change, Sighting
from leads.states import happened

History = Sequence[Judgement]


class Kept(Record):
    """How often a term was kept."""

    in_time: int = 0
    late: int = 0
    overdue: int = 0
    """Still running at the end, its last day gone."""


class Found(Record):
    """How often a right's leads held when an officer looked: neither counts twice."""

    held: int = 0
    """Sent to 待审批."""
    excluded: int = 0


class Notices(Record):
    """What became of listings a platform was told of."""

    sent: int = 0
    vanished: int = 0
    """Gone after the notice, as far as crawls looked."""
    relisted: int = 0
    hours: float | None = None
    """Median hours from notice to the crawl that missed it; None where none vanished."""


class Figures(Record):
    """The figures of one period, both days inclusive, as of its end."""

    first: date
    last: date
    entered: Mapping[str, int]
    """State -> leads that entered it."""
    codes: Mapping[str, int]
    """``排除/误识别`` -> leads."""
    handed: Mapping[str, int]
    """Recipient id -> leads handed over."""
    standing: Mapping[str, int]
    """State -> leads in it at the end."""
    clocks: Mapping[str, Kept]
    rights: Mapping[str, Found]
    """By name of the right."""
    sites: Mapping[str, Found]
    notices: Notices


class Period(NamedTuple):
    """From the first day's beginning to the last day's end, in Beijing."""

    first: date
    last: date

    @property
    def began(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), BEIJING)

    @property
    def ended(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + DAY, time(), BEIJING)

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment lies in it."""
        return self.began <= moment < self.ended


def as_of(histories: Mapping[str, History], moment: datetime) -> dict[str, History]:
    """Return the judgements recorded before ``moment``, by lead; leads without any are left out."""
    cut = {lead: [j for j in history if j.at < moment] for lead, history in histories.items()}
    return {lead: history for lead, history in cut.items() if history}


def figures(
    histories: Mapping[str, History],
    leads: Mapping[str, Lead],
    sightings: Mapping[tuple[str, str], Sequence[Sighting]],
    desk: Desk,
    kinds: Mapping[str, RecipientKind],
    period: Period,
) -> Figures:
    """Count a period.

    Args:
        histories: judgements by lead id, oldest first.
        leads: the leads they are about, by id.
        sightings: what was noticed about listings, by key, oldest first.
        desk: clocks and calendars.
        kinds: recipient id -> kind.
        period: which days.
    """
    known = as_of(histories, period.ended)
    now = [(j, leads.get(lead)) for lead, all_ in known.items() for j in _new(all_, period)]
    return Figures(
        first=period.first,
        last=period.last,
        entered=_counted(_entered(known, period)),
        codes=_counted({(f"{j.state}/{j.code}", j.lead) for j, _ in now if j.code}),
        handed=_counted({(j.to, j.lead) for j, _ in now if j.to}),
        standing=dict(sorted(Counter(h[-1].state.value for h in known.values()).items())),
        clocks=_clocks(known, desk, kinds, period),
        rights=_found(known, period, {one.id: one.right_name for one in leads.values()}),
        sites=_found(known, period, {one.id: one.listing.key[0] for one in leads.values()}),
        notices=_notices(known, leads, sightings, kinds, period),
    )


def _new(history: History, period: Period) -> Iterator[Judgement]:
    return (judgement for judgement in history if period.holds(judgement.at))


def _entered(known: Mapping[str, History], period: Period) -> set[tuple[str, str]]:
    """Return state and lead for each state a lead entered; one it only stayed in is not among."""
    found = set()
    for lead, history in known.items():
        before = State.NEW
        for judgement in history:
            if judgement.state is not before and period.holds(judgement.at):
                found.add((judgement.state.value, lead))
            before = judgement.state
    return found


def _counted(pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    return dict(sorted(Counter(name for name, _ in pairs).items()))


def _clocks(
    known: Mapping[str, History], desk: Desk, kinds: Mapping[str, RecipientKind], period: Period
) -> dict[str, Kept]:
    counts: dict[str, Counter[str]] = {}
    for history in known.values():
        for run in runs(history, desk.clocks.values(), desk.years, kinds):
            if (outcome := _outcome(run, period)) is not None:
                counts.setdefault(run.clock.name, Counter())[outcome] += 1
    return {name: Kept(**counts[name]) for name in sorted(counts)}


def _outcome(run: Run, period: Period) -> str | None:
    if run.overdue(period.last):
        return "overdue"
    if run.recorded is None or not period.holds(run.recorded):
        return None
    return "late" if run.late else "in_time"


def _found(
    known: Mapping[str, History], period: Period, names: Mapping[str, str]
) -> dict[str, Found]:
    counts: dict[str, Counter[str]] = {}
    outcomes = {State.APPROVAL: "held", State.EXCLUDED: "excluded"}
    for lead, history in known.items():
        told = [outcomes[j.state] for j in _new(history, period) if j.state in outcomes]
        if told and lead in names:
            counts.setdefault(names[lead], Counter())[told[-1]] += 1
    return {name: Found(**counts[name]) for name in sorted(counts)}


def _notices(
    known: Mapping[str, History],
    leads: Mapping[str, Lead],
    sightings: Mapping[tuple[str, str], Sequence[Sighting]],
    kinds: Mapping[str, RecipientKind],
    period: Period,
) -> Notices:
    told = [
        action(happened(judgement), sightings.get(leads[lead].listing.key, ()), period.ended)
        for lead, history in known.items()
        for judgement in _new(history, period)
        if lead in leads and judgement.to and kinds.get(judgement.to) is RecipientKind.PLATFORM
    ]
    hours = [one.hours for one in told if one.hours is not None]
    return Notices(
        sent=len(told),
        vanished=len(hours),
        relisted=sum(one.relisted for one in told),
        hours=round(median(hours), 1) if hours else None,
    )


class Action(NamedTuple):
    """What a platform did about one listing."""

    hours: float | None
    """From the notice to the crawl by which it had vanished; None where it has not."""
    relisted: bool


def action(notice: datetime, sightings: Iterable[Sighting], until: datetime) -> Action:
    """Return what became of a listing between a notice about it and ``until``."""
    hours, relisted = None, False
    for sighting in sightings:
        if not notice <= sighting.at < until:
            continue
        if sighting.change is Change.VANISHED and hours is None:
            hours = (sighting.at - notice).total_seconds() / 3600
        relisted = relisted or (sighting.change is Change.RELISTED and hours is not None)
    return Action(hours, relisted)
