"""What an officer should be told in the morning: platforms' answers, terms, dates of campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

from console.handing import due_line, ending, histories, leads_of
from evidence.shown import one_line
from leads.beijing import BEIJING
from leads.exclusions import SCOPE_ZH, expiring
from leads.fair import PHASE_ZH, Phase
from leads.figures import action
from leads.model import Judgement, Lead
from leads.recipients import RecipientKind
from leads.registry import Registry
from leads.routing import kinds
from leads.seasonal import uncertain
from leads.sighting import Sighting
from leads.states import happened
from leads.store import Store

SOON = 3
"""Days before the end of a term from which on it is told."""
AHEAD = 30
"""Days before a fair from which on it is told."""
MOST = 20
"""Lines of one kind; the rest is counted."""


class Notified(NamedTuple):
    """A listing that a platform was told of, and what has become of it since."""

    lead: Lead
    at: datetime
    hours: float | None
    """From the notice until it had vanished; None where it is still there."""
    relisted: bool
    tonight: bool
    """It vanished, or came back, in this night."""

    @property
    def told(self) -> str:
        """Return what became of it as a line for officers."""
        day = self.at.astimezone(BEIJING).date()
        became = "又重新上架" if self.relisted else f"后 {self.hours or 0:.0f} 小时内下架"
        title = one_line(self.lead.listing.title)[:30]
        return f"平台通知（{day}）{became}：{self.lead.id}　{title}"


def notified(
    store: Store, watched: Registry, began: datetime, until: datetime
) -> Sequence[Notified]:
    """Return what became of each listing after the last notice of it to a platform."""
    kind_of = kinds(watched)
    last = {lead: _last_notice(history, kind_of) for lead, history in histories(store).items()}
    known = {lead: notice for lead, notice in last.items() if notice}
    leads = leads_of(store, known)
    return [
        _became(leads[one].lead, known[one], store, began, until) for one in known if one in leads
    ]


def _last_notice(
    history: Iterable[Judgement], kind_of: dict[str, RecipientKind]
) -> datetime | None:
    told = [happened(j) for j in history if j.to and kind_of.get(j.to) is RecipientKind.PLATFORM]
    return told[-1] if told else None


def _became(lead: Lead, at: datetime, store: Store, began: datetime, until: datetime) -> Notified:
    seen: list[Sighting] = list(store.sightings(of=lead.listing.key))
    now, before = action(at, seen, until), action(at, seen, began)
    gone_again = now.relisted and _gone(lead, store)
    relisted = now.relisted and not gone_again
    return Notified(lead, at, now.hours, relisted, tonight=now != before)


def _gone(lead: Lead, store: Store) -> bool:
    known = store.known(*lead.listing.key)
    return known is not None and known.vanished


def notices(
    store: Store, watched: Registry, day: date, began: datetime, until: datetime
) -> Iterator[str]:
    """Yield what is to be told of ``day``, a line each, in Chinese.

    ``began`` and ``until`` are when the night began and when it is looked at.
    """
    yield from _platforms(notified(store, watched, began, until))
    running = list(ending(store, watched, day, SOON))
    late = sum(run.overdue(day) for _, run in running)
    if running:
        yield f"期限：超期 {late} 项，{SOON} 天内到期 {len(running) - late} 项"
        yield from _first([due_line(standing, run, day) for standing, run in running])
    yield from _first(
        [
            f"排除决定将于 {one.until} 到期：{SCOPE_ZH[one.scope]} {one_line(one.subject)[:40]}"
            f"（{one.id}，{one_line(one.reason)[:40]}）"
            for one in expiring(store.exclusions(), day, SOON)
        ]
    )
    yield from _dates(watched, day)


def _platforms(found: Sequence[Notified]) -> Iterator[str]:
    if not found:
        return
    became = Counter(
        "relisted" if one.relisted else "there" if one.hours is None else "gone" for one in found
    )
    yield (
        f"平台通知 {len(found)} 条：已下架 {became['gone']}，仍在售 {became['there']}，"
        f"下架后又上架 {became['relisted']}（以采集所见为准）"
    )
    yield from _first([one.told for one in found if one.tonight])


def _dates(watched: Registry, day: date) -> Iterator[str]:
    years = watched.desk.years
    for campaign in watched.campaigns.values():
        if window := campaign.current(day, years):
            yield f"专项“{campaign.name}”进行中：{window}"
    for fair in watched.fairs.values():
        phase, begins_in = fair.phase(day), (fair.first - day).days
        if phase is not Phase.OVER and begins_in <= AHEAD:
            yield f"展会“{fair.name}”：{PHASE_ZH[phase]}，{fair.first} 至 {fair.last}"
    yield from uncertain(day, watched)


def _first(lines: Sequence[str]) -> Iterator[str]:
    yield from islice(lines, MOST)
    if len(lines) > MOST:
        yield f"……另有 {len(lines) - MOST} 项"
