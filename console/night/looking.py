"""Looks at the pictures for which the crawl had no time, and matches their listings again."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from evidence.vault import Vault
from leads.ledger import Ledger, Work
from leads.model import Listing
from leads.registry import Registry
from leads.store import Store
from matchers.engine import Engine
from pipelines.crowds import Crowds
from pipelines.looking import Eyes, eyes_of, look_again, missing, sights_of


class Looked(NamedTuple):
    """How many listings were looked at, and how many are left."""

    done: int
    left: int


def look(
    ledger: Ledger, run: str, store: Store, watched: Registry, config: Path, vault: Path
) -> Looked:
    """Look at what a run has left, as long as the schedule's budget lasts.

    Raises:
        ConfigError: the references cannot be used.
    """
    left = ledger.unlooked(run)
    if not left or missing():
        return Looked(0, len(left))
    until = time.monotonic() + watched.schedule.budget.pictures * 60
    eyes, engine, done = eyes_of(str(config), str(vault)), Engine(watched, store.exclusions()), 0
    for site, group in groupby(left, key=lambda one: one[0]):
        looking = _Looking(
            Work(ledger, run, site, store, watched.schedule), Vault(vault), eyes, engine
        )
        for _, ref in group:
            if time.monotonic() >= until:
                return Looked(done, len(left) - done)
            if known := store.known(site, ref):
                looking.look(known.listing)
            done += 1
    return Looked(done, 0)


class _Looking:
    """Looks at listings of one site, one after the other; each is noted as soon as it is done."""

    def __init__(self, work: Work, vault: Vault, eyes: Eyes, engine: Engine) -> None:
        self._work, self._store, self._vault = work, work.store, vault
        self._eyes, self._engine = eyes, engine
        shown = work.shown().items()
        self._crowds = Crowds(
            before=((source, filter(None, where.values())) for source, where in shown)
        )

    def look(self, listing: Listing) -> None:
        """Look at a listing's pictures and match it again."""
        look_again(listing, self._store, self._vault, self._eyes)
        sights = sights_of(listing, self._store)
        weighed = self._crowds.weighed(listing, sights)
        leads = self._engine.leads(listing, datetime.now(UTC), weighed)
        self._store.put(leads)
        self._work.shows(
            listing, {match.source for sight in sights.values() for match in sight.matches}
        )
        self._work.looked(listing, len(leads))
        batch = self._work.batch(())
        self._store.flush()
        self._work.write(batch)
