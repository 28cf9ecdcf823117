"""A night under way: where its things lie, what it is to do, and what was noted so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from console.night.planning import Planned, Tonight, plan
from crawlers.run import Result, pages_today
from leads.ledger import Ledger
from leads.nights import Night, read_nights
from leads.registry import Registry
from leads.seasonal import campaigns_of, fairs_of
from leads.store import open_store

REMEMBERED = 70
"""Nights in which a campaign's last run is looked for; none has a longer pause."""


@dataclass(frozen=True)
class Place:
    """Where the things of a night lie."""

    config: Path
    store: str
    vault: Path
    nights: Path


@dataclass
class Course:
    """A night under way: what it is to do, and what was noted so far."""

    tonight: Tonight
    watched: Registry
    place: Place
    ledger: Ledger
    run: str
    """Its name in the ledger."""
    began: datetime
    plans: Sequence[Planned] = ()
    results: list[Result] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)
    night: Night | None = None
    """Its record, once it was kept."""

    @property
    def campaigns(self) -> tuple[str, ...]:
        """Ids of the campaigns and fairs that are searched for."""
        causes = [one.cause for plan in self.plans for one in plan.additions]
        return tuple(dict.fromkeys(cause.partition("/")[2] for cause in causes))


def planned(
    tonight: Tonight, watched: Registry, place: Place, ledger: Ledger
) -> tuple[Planned, ...]:
    """Return what each site is asked for, see :func:`console.night.planning.plan`.

    Raises:
        StoreError: the store does not answer.
    """
    past = read_nights(place.nights, tonight.id, REMEMBERED).nights
    ran = {campaign: night.day for night in past for campaign in night.campaigns}
    with open_store(place.store) as store:
        spent = pages_today(store, ledger, watched.sites.values(), tonight.at)
        fairs = fairs_of(tonight.day, watched, store)
    extra = (*campaigns_of(tonight.day, watched, ran), *fairs)
    return plan(tonight, watched, lambda site: ledger.due(site, tonight.day), spent, extra)
