"""The end of a night: what it brought is counted, floods are held back, and all of it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from console.night import census
from console.night.holding import hold_back
from console.night.keeping import keep
from crawlers.run import Result
from leads.excluding import excessive
from leads.exclusions import SCOPE_ZH, Exclusion
from leads.health import faults
from leads.nights import Night, night_id, read_nights
from leads.registry import Registry
from leads.store import Store

COMPARED = 7
"""Nights that one is compared with."""


class Closed(NamedTuple):
    """A night that is over."""

    night: Night
    without: str | None
    """Why there is no report.html, in Chinese."""


def close(
    results: Sequence[Result],
    store: Store,
    registry: Registry,
    *,
    folder: Path,
    day: date,
    shard: str | None = None,
    began: datetime,
    ended: datetime,
    campaigns: Sequence[str] = (),
    notices: Sequence[str] = (),
    shortfalls: Sequence[str] = (),
) -> Closed:
    """Count a night, hold back what came in a flood, compare, and write record, report, metrics.

    Args:
        results: what the crawl says of each site.
        store: where all of it lies, what was matched included.
        registry: what is watched; limits are those of its schedule.
        folder: where nights are kept. day, shard: which night it is.
        began: everything in the store from then on is of this night. ended: when it was over.
        campaigns: ids of the campaigns and fairs that were searched for.
        notices: what else an officer should know, in Chinese.
        shortfalls: what else fell short, in Chinese.

    Raises:
        OSError: a file cannot be written.
    """
    past = read_nights(folder, night_id(day, shard), COMPARED)
    flooded, new = hold_back(store, registry, past.nights, began, ended)
    visits, read = census.last_visits(store, began), list(census.read(store, began))
    waiting = census.unseen(visits)
    made, met = store.exclusions(), _met(results)
    night = Night(
        id=night_id(day, shard),
        day=day,
        shard=shard,
        began=began,
        ended=ended,
        sites=census.of_sites(results, store, began, visits, read),
        matchers=census.by_matcher(read),
        rules=new.rules,
        strongest=census.strongest(
            census.new(store, began), {site.id: site.name for site in registry.sites.values()}
        ),
        found=sum(1 for _ in census.new(store, began)),
        unseen=waiting[: census.UNSEEN],
        waiting=len(waiting),
        quarantined=flooded,
        excluded={_named(one): met[one.id] for one in made if met[one.id]},
        campaigns=tuple(campaigns),
        notices=(
            *notices,
            *excessive(met, made, registry.schedule.floods.exclusion),
            *past.damaged,
        ),
    )
    short = (*shortfalls, *faults(night, past.nights, registry.schedule.health))
    night = night.model_copy(update={"shortfalls": short})
    return Closed(night, keep(folder, night, past.nights))


def _met(results: Sequence[Result]) -> Counter[str]:
    """Count the listings that each exclusion met, by its id."""
    met: Counter[str] = Counter()
    for result in results:
        met.update(result.excluded)
    return met


def _named(one: Exclusion) -> str:
    return f"{SCOPE_ZH[one.scope]}“{one.subject[:60]}”（{one.code}，{one.id}）"
