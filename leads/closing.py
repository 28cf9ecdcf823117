"""The closing report of a campaign: what was seen, found and done, each number with its query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from leads.beijing import BEIJING
from leads.calendar import DAY
from leads.campaign import Campaign
from leads.fields import Field
from leads.model import Id, Moment, Record, State
from leads.outcomes import outcome
from leads.season import Window
from leads.sighting import Change, Known
from leads.store import Part, Standing, Store
from leads.tree import And, Compare, Or, Query, Term


class Seen(Record):
    """Listings on the campaign's sites in its days."""

    offered: int = 0
    """First seen no later than its last day, and last seen no earlier than its first."""
    new: int = 0
    """Seen for the first time in its days."""
    vanished: int = 0
    relisted: int = 0
    """Listings that vanished, or were back, at least once in its days."""


class Count(Record):
    """How many leads of the campaign have a value."""

    what: str
    """A key of :data:`COUNTED`."""
    value: str
    """Code, id or name; empty where a lead has none."""
    leads: int
    query: str | None
    """Finds these leads; None where no field tells them apart."""


class Closing(Record):
    """The report, as of a moment; a lead that has two values of a kind is counted for both."""

    campaign: Id
    name: str
    first: date
    last: date
    provisional: bool
    """Its days are counted from a calendar that is not published yet."""
    at: Moment
    query: str
    """Finds all its leads."""
    sites: Mapping[str, Seen]
    leads: int
    counts: tuple[Count, ...]


class Kind(NamedTuple):
    """By what leads are counted."""

    name: str
    """As officers read it."""
    field: Field
    """The field that tells the values apart."""
    values: Callable[[Standing], Iterable[str]]


COUNTED: dict[str, Kind] = {
    "right": Kind("权利", Field.RIGHT_ID, lambda one: [one.lead.right]),
    "finding": Kind("发现", Field.FINDING, lambda one: {hit.finding for hit in one.lead.hits}),
    "city": Kind("建议市局", Field.BUREAU, lambda one: {r.bureau for r in one.lead.routes}),
    "site": Kind("平台", Field.SITE, lambda one: [one.lead.listing.key[0]]),
    "triage": Kind("分级", Field.TRIAGE, lambda one: [one.lead.triage]),
    "state": Kind("状态", Field.STATE, lambda one: [one.state]),
}
"""What is told of a lead itself; its outcome takes its judgements."""
OUTCOME = "outcome"


def closing(
    campaign: Campaign, window: Window, sites: Sequence[str], store: Store, at: datetime
) -> Closing:
    """Count the listings of ``sites`` in a campaign's days, and its leads as they stand now."""
    counts = {what: Counter[str]() for what in (*COUNTED, OUTCOME)}
    leads = 0
    for standing in store.find(leads_of(campaign, window, sites)):
        leads += 1
        for what, kind in COUNTED.items():
            counts[what].update(list(kind.values(standing)) or [""])
        counts[OUTCOME][_outcome(standing, store)] += 1
    query = told(campaign, window, sites)
    return Closing(
        campaign=campaign.id,
        name=campaign.name,
        first=window.first,
        last=window.last,
        provisional=window.provisional,
        at=at,
        query=query,
        sites=_seen(window, sites, store),
        leads=leads,
        counts=tuple(
            Count(what=what, value=value, leads=count, query=_narrowed(query, what, value))
            for what, counter in counts.items()
            for value, count in sorted(counter.items(), key=lambda one: (-one[1], one[0]))
        ),
    )


def leads_of(campaign: Campaign, window: Window, sites: Sequence[str]) -> Query:
    """Return what finds the leads on ``sites`` that were found in a campaign's days."""
    began, ended = _moments(window)
    named = (
        (Field.SITE, sites),
        (Field.RIGHT_ID, campaign.rights),
        (Field.BUREAU, campaign.regions),
    )
    return And(
        (
            *(_any(field, values) for field, values in named if values),
            Compare(Field.FOUND_AT, ">=", began),
            Compare(Field.FOUND_AT, "<", ended),
        )
    )


def told(campaign: Campaign, window: Window, sites: Sequence[str]) -> str:
    """Return the same as :func:`leads_of`, as an officer types it."""
    named = (("平台", sites), ("right.id", campaign.rights), ("城市", campaign.regions))
    parts = [f"{name}:({' OR '.join(values)})" for name, values in named if values]
    return " AND ".join([*parts, f"发现时间 >= {window.first}", f"发现时间 <= {window.last}"])


def _narrowed(query: str, what: str, value: str) -> str | None:
    if what == OUTCOME:
        return None
    field = COUNTED[what].field
    return f"{query} AND {field}:{value}" if value else f"{query} AND NOT {field}:*"


def _any(field: Field, values: Sequence[str]) -> Query:
    terms = tuple(Term(field, value) for value in values)
    return terms[0] if len(terms) == 1 else Or(terms)


def _moments(window: Window) -> tuple[datetime, datetime]:
    """Return when a window begins, and the first moment after it."""
    return (
        datetime.combine(window.first, time(), BEIJING),
        datetime.combine(window.last + DAY, time(), BEIJING),
    )


def _outcome(standing: Standing, store: Store) -> str:
    judged = standing.state is not State.NEW
    return outcome(store.judgements(standing.lead.id) if judged else ()).value


def _seen(window: Window, sites: Sequence[str], store: Store) -> dict[str, Seen]:
    """Count the listings of each site in one pass over all, and what changed about them."""
    began, ended = _moments(window)
    counts = {site: Counter[str]() for site in sites}
    for entry in store.read(Part.LISTINGS):
        known = entry.record
        if not isinstance(known, Known) or known.listing.key[0] not in counts:
            continue
        on = counts[known.listing.key[0]]
        on["offered"] += known.first_seen < ended and known.last_seen >= began
        on["new"] += began <= known.first_seen < ended
    changed = {
        (sighting.site, sighting.ref, sighting.change)
        for sighting in store.sightings(since=began)
        if sighting.at < ended and sighting.site in counts
    }
    for site, _, change in changed:
        if change in _TOLD:
            counts[site][change] += 1
    return {site: Seen(**count) for site, count in counts.items()}


_TOLD = (Change.VANISHED, Change.RELISTED)
