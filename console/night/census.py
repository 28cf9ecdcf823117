"""Counts what a night brought, from the store it was kept in: a night's record is made of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from operator import attrgetter
from urllib.parse import urlsplit

from crawlers.run import Result
from leads.fields import Field
from leads.health import FIELD_ZH
from leads.model import Lead, Listing, Verdict, Visit
from leads.nights import Found, PageKind, SiteNight, Unseen
from leads.query import Compare, Query
from leads.sighting import Change
from leads.store import Sort, Store

STRONGEST = 10
UNSEEN = 30
"""Of the pages for a person so many are named."""
KINDS = 20
"""Kinds of pages of a site that are told apart; the rest is counted with the whole only."""
_NUMBERS = re.compile(r"[0-9A-Za-z]*[0-9][0-9A-Za-z]*")

_FILLED: Mapping[str, Callable[[Listing], object]] = {
    **{name: attrgetter(name) for name in FIELD_ZH},
    "company": lambda listing: listing.seller and listing.seller.company,
    "uscc": lambda listing: listing.seller and listing.seller.uscc,
    "location": lambda listing: listing.seller and listing.seller.location,
}


def of_sites(
    results: Sequence[Result],
    store: Store,
    began: datetime,
    visits: Sequence[Visit],
    leads: Iterable[Lead],
) -> tuple[SiteNight, ...]:
    """Return what each site gave since the night began, in the order of the results.

    Args:
        results: what the crawl says of each site. store: where the rest lies.
        visits: the last one of each address.
        leads: those of the listings that were read.
    """
    changes = _changes(store, began)
    counts = Counter(lead.listing.site for lead in leads)
    return tuple(
        _of_site(result, store, began, visits, changes, counts[result.site.id])
        for result in results
    )


def last_visits(store: Store, began: datetime) -> Sequence[Visit]:
    """Return what became of each address tonight; the last visit tells."""
    told = {(v.site, v.url): v for v in store.visits(began) if v.door != "file"}
    return tuple(told.values())


def _of_site(
    result: Result,
    store: Store,
    began: datetime,
    visits: Sequence[Visit],
    changes: Mapping[tuple[str, str], set[Change]],
    leads: int,
) -> SiteNight:
    site = result.site
    verdicts = Counter(visit.verdict for visit in visits if visit.site == site.id)
    became: Counter[str] = Counter()
    fills = _Fills()
    for listing in store.listings(began, site.id):
        became[_became(listing, changes.get(listing.key, set()), store, began)] += 1
        if _read(listing, began):
            fills.add(listing)
    vanished = sum(key[0] == site.id and Change.VANISHED in kinds for key, kinds in changes.items())
    return SiteNight(
        site=site.id,
        name=site.name,
        listings=became.total(),
        new=became["new"],
        changed=became["changed"],
        relisted=became["relisted"],
        unchanged=became["unchanged"],
        vanished=vanished,
        read=fills.whole.listings,
        visits=verdicts,
        fields=fills.whole.shares(),
        kinds=fills.kinds(),
        unknown=max(0, verdicts[Verdict.UNSUPPORTED] - result.for_browser),
        for_browser=result.for_browser,
        leads=leads,
        finish=result.finish,
        errors=result.errors,
        shortfall=result.shortfall,
    )


def _changes(store: Store, began: datetime) -> Mapping[tuple[str, str], set[Change]]:
    changes: dict[tuple[str, str], set[Change]] = defaultdict(set)
    for sighting in store.sightings(began):
        changes[sighting.site, sighting.ref].add(sighting.change)
    return changes


def _became(listing: Listing, changes: set[Change], store: Store, began: datetime) -> str:
    if Change.RELISTED in changes:
        return "relisted"
    known = store.known(*listing.key) if _read(listing, began) else None
    if known and known.first_seen >= began:
        return "new"
    return "changed" if changes & {Change.TITLE, Change.PRICE} else "unchanged"


def _read(listing: Listing, began: datetime) -> bool:
    return listing.captured_at is not None and listing.captured_at >= began


class _Fill:
    """How many of some listings have each field."""

    def __init__(self) -> None:
        self.listings = 0
        self._filled: Counter[str] = Counter()

    def add(self, listing: Listing) -> None:
        self.listings += 1
        self._filled.update(name for name, there in _FILLED.items() if there(listing))

    def shares(self) -> dict[str, float]:
        if not self.listings:
            return {}
        return {name: round(self._filled[name] / self.listings, 4) for name in _FILLED}


class _Fills:
    """Fill rates of a site, and of each kind of page it has."""

    def __init__(self) -> None:
        self.whole = _Fill()
        self._kinds: dict[str, _Fill] = {}

    def add(self, listing: Listing) -> None:
        self.whole.add(listing)
        form = form_of(listing.url)
        if form in self._kinds or len(self._kinds) < KINDS:
            self._kinds.setdefault(form, _Fill()).add(listing)

    def kinds(self) -> tuple[PageKind, ...]:
        return tuple(
            PageKind(form=form, listings=fill.listings, fields=fill.shares())
            for form, fill in sorted(self._kinds.items())
        )


def form_of(url: str | None) -> str:
    """Return what addresses of one kind of page share: the path, ``#`` for numbers."""
    try:
        return _NUMBERS.sub("#", urlsplit(url or "").path)[:200]
    except ValueError:
        return ""


# ---------------------------------------------------------------------------- leads


def read(store: Store, began: datetime) -> Iterator[Lead]:
    """Yield the leads from listings that were read tonight."""
    return _leads(store, Compare(Field.CAPTURED_AT, ">=", began))


def new(store: Store, began: datetime) -> Iterator[Lead]:
    """Yield the leads that were found for the first time tonight, the strongest first."""
    return _leads(store, Compare(Field.FOUND_AT, ">=", began))


def _leads(store: Store, query: Query) -> Iterator[Lead]:
    for lead, _ in store.find(query, Sort.STRENGTH):
        yield lead


def by_matcher(leads: Iterable[Lead]) -> Counter[str]:
    """Count leads by matcher; one of two matchers counts for both."""
    return Counter(matcher for lead in leads for matcher in {hit.matcher for hit in lead.hits})


def strongest(leads: Iterable[Lead], names: Mapping[str, str]) -> tuple[Found, ...]:
    """Return the first few leads as a report tells them; ``names`` are those of sites, by id."""
    return tuple(
        Found(
            lead=lead.id,
            site=lead.listing.site or "",
            site_name=names.get(lead.listing.site or "", lead.listing.site or ""),
            title=lead.listing.title[:300],
            right_name=lead.right_name,
            triage=lead.triage,
            score=lead.score,
            reason=lead.hits[0].reason[:600],
        )
        for lead in islice(leads, STRONGEST)
    )


def unseen(visits: Iterable[Visit]) -> tuple[Unseen, ...]:
    """Return the pages that only a person can open."""
    return tuple(
        Unseen(site=visit.site, url=visit.url[:500], reason=(visit.reason or "")[:300])
        for visit in visits
        if visit.verdict is Verdict.BLOCKED
    )
