"""Holds back what came in a flood: its leads of the night go to review, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from console.night import census
from leads.beijing import BEIJING
from leads.excluding import InForce, answered
from leads.flood import Tally, floods, quarantines, tally
from leads.model import Lead
from leads.nights import Flood, Night
from leads.registry import Registry
from leads.sight import Sight
from leads.store import Store
from leads.triage import leads_of


def hold_back(
    store: Store, registry: Registry, before: Sequence[Night], began: datetime, at: datetime
) -> tuple[tuple[Flood, ...], Tally]:
    """Quarantine floods in the store, and write the new leads they made anew.

    Returns the floods that are held back from now on, and the new leads by rule and picture as they
    were before.
    """
    limits = registry.schedule.floods
    new = tally(census.new(store, began))
    names = {right.id: right.name for right in registry.rights.values()}
    found = floods(new, before, names, limits)
    made = quarantines(found, store.exclusions(), at, limits.days)
    for one in made:
        store.exclude(one)
    if made:
        holding = InForce(made, at.astimezone(BEIJING).date())
        leads = list(census.new(store, began))
        store.put(
            weaker
            for lead in leads
            if (weaker := _held(lead, holding, _sights(lead, store), registry))
        )
    held = {(one.scope.value, one.subject, one.right) for one in made}
    return tuple(flood for flood in found if (flood.scope, flood.subject, flood.right) in held), new


def _sights(lead: Lead, store: Store) -> Mapping[str, Sight]:
    return store.sights({box.picture for hit in lead.hits for box in hit.boxes})


def _held(
    lead: Lead, holding: InForce, sights: Mapping[str, Sight], registry: Registry
) -> Lead | None:
    """Return a lead as a rematch will find it, None where no quarantine meets its hits."""
    hits = [answered(hit, holding.on(hit, lead.listing, sights)) for hit in lead.hits]
    if hits == list(lead.hits):
        return None
    return leads_of(lead.listing, hits, registry, lead.law_day, lead.found_at)[0]
