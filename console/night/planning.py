"""What one night is to do: sites x searches, listings that are due, campaigns and fairs of the day.

Nothing is fetched here; a night of 1,200 searches and 100,000 due listings is planned in seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, zip_longest

from console.night.shards import Shard
from crawlers.queries import queries
from leads.beijing import BEIJING, Hours, open_at, seconds_left
from leads.ledger import Due
from leads.nights import night_id
from leads.registry import Registry
from leads.schedule import Schedule
from leads.seasonal import Addition, ready
from leads.site import Site


@dataclass(frozen=True)
class Tonight:
    """Which night it is."""

    day: date
    at: datetime
    """The present moment, Beijing time."""
    shard: Shard | None = None
    only: frozenset[str] = frozenset()
    """Sites that are asked for; all, if empty."""

    @property
    def part(self) -> str | None:
        """Which of several machines this is, as records write it: 2/5."""
        return str(self.shard) if self.shard else None

    @property
    def id(self) -> str:
        """The id of its record."""
        return night_id(self.day, self.part)


@dataclass(frozen=True)
class Planned:
    """What one site is asked for tonight; or why it is not visited, in Chinese."""

    site: Site
    """As in the config, but open only while the night's own window and time last, too."""
    queries: tuple[str, ...] = ()
    """In the order in which the site's pages should be spent."""
    recrawls: tuple[Due, ...] = ()
    due: int = 0
    """Known listings that are due; more than ``recrawls`` where the share does not reach."""
    pages: int | None = None
    """Pages that may still be fetched today; None: as many as there are."""
    additions: tuple[Addition, ...] = ()
    """The campaigns and fairs for which it is searched."""
    skipped: str | None = None


def day_of(hours: Hours, at: datetime) -> date:
    """Return the day of the night at a moment in Beijing: it is that day's until the next begins.

    What was missed can so be made up for by day, and never takes the place of the next night.
    """
    return at.date() - timedelta(days=at.time() < hours[0])


def span_of(hours: Hours, day: date) -> tuple[datetime, datetime]:
    """Return when the night of a day begins and ends."""
    begins, ends = hours
    last = day + timedelta(days=begins > ends)
    return datetime.combine(day, begins, BEIJING), datetime.combine(last, ends, BEIJING)


def plan(
    tonight: Tonight,
    watched: Registry,
    due: Callable[[str], Sequence[Due]],
    spent: Mapping[str, int],
    extra: Sequence[Addition],
) -> tuple[Planned, ...]:
    """Return what each site is asked for, in order of id, those left out with the reason.

    Args:
        tonight: which night.
        watched: what is watched.
        due: the known listings of a site that are due, those due first first.
        spent: pages that were fetched today, by site.
        extra: what campaigns and fairs add.
    """
    usual = tuple(_mixed(queries(watched.rights.values()), tonight.day))
    fairs = {fair.site for fair in watched.fairs.values()}
    found = []
    for entry in watched.sites.values():
        site = _closing(entry, tonight.at, watched.schedule)
        pages = entry.terms.daily_pages - spent.get(entry.id, 0) if entry.terms else None
        here = tuple(one for one in extra if entry.id in one.sites)
        why = _left_out(entry, tonight, watched.schedule, pages)
        if not why and entry.id in fairs and not here:
            why = "展会不在排查、展期之内"
        if why:
            found.append(Planned(site, pages=pages, skipped=why))
            continue
        again = due(entry.id)
        share = len(again) if pages is None else int(watched.schedule.recrawl.share * pages)
        searches = _searches(entry, here, usual)
        found.append(Planned(site, searches, tuple(again[:share]), len(again), pages, here))
    return tuple(found)


def _left_out(site: Site, tonight: Tonight, schedule: Schedule, pages: int | None) -> str | None:
    """Return why a site is not visited tonight, or None."""
    if tonight.only and site.id not in tonight.only:
        return "本次未选"
    if not ready(site):
        return "没有采集条件 [terms]，只能导入文件"
    if tonight.shard and not tonight.shard.has(site.url.host or ""):
        return "属于另一台机器（分片）"
    if site.terms is None:
        return None
    if not open_at(schedule.window, tonight.at):
        return f"不在夜间时段内（{_told(schedule.window)}）"
    if not site.terms.open_at(tonight.at):
        return f"不在网站允许的时段内（{_told(site.terms.window)}）"
    if pages is not None and pages <= 0:
        return f"当日 {site.terms.daily_pages} 页已用完"
    return None


def _told(hours: Hours) -> str:
    return f"{hours[0]:%H:%M}–{hours[1]:%H:%M}"


def _closing(site: Site, at: datetime, schedule: Schedule) -> Site:
    """Return the site with a window that closes with the first of three: its, the night's, time.

    It has closed already where the night is over, or has not begun.
    """
    if site.terms is None:
        return site
    left = min(
        site.terms.seconds_left(at), seconds_left(schedule.window, at), schedule.budget.crawl * 60
    )
    opens, closes = at, at + timedelta(seconds=left)
    if not left:
        opens, closes = at - timedelta(minutes=2), at - timedelta(minutes=1)
    terms = site.terms.model_copy(update={"window": (opens.time(), closes.time())})
    return site.model_copy(update={"terms": terms})


def _searches(site: Site, here: Iterable[Addition], usual: Sequence[str]) -> tuple[str, ...]:
    """Return the searches of a site: those of campaigns, then its own or those of all rights."""
    if site.kind == "fair":
        return site.queries
    campaign = chain.from_iterable(one.queries for one in here)
    return tuple(dict.fromkeys([*campaign, *(site.queries or usual)]))


def _mixed(usual: Sequence[str], day: date) -> Iterator[str]:
    """Yield by turns the next in order of value, and one drawn for this day.

    The searches of all rights are more than a night's pages: the valuable come every night, and
    of the others each has its nights.
    """
    drawn = sorted(usual, key=lambda text: hashlib.sha256(f"{day} {text}".encode()).digest())
    for pair in zip_longest(usual, drawn):
        yield from filter(None, pair)
