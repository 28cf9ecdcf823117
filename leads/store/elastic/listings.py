"""Listings of a store in Elasticsearch: when each was there, and what changed about it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from leads.model import Listing
from leads.sighting import Known, Sighting, listing_id
from leads.store import Part, StoreError
from leads.store.elastic.condition import from_then
from leads.store.elastic.planning import after
from leads.store.elastic.searching import Searching
from leads.store.elastic.spool import Miss, See, Still
from leads.store.elastic.writing import PAUSE

_log = logging.getLogger("markwatch.elastic")

_BY_TIME: list[dict[str, Any]] = [{"at_us": "asc"}, {"site": "asc"}, {"ref": "asc"}]


class Listings(Searching):
    """What is seen, missed, and has changed."""

    def see(self, listing: Listing) -> Sequence[Sighting]:
        """See :meth:`leads.store.Store.see`; nothing is told while the cluster does not answer."""
        key = listing_id(*listing.key)
        op = See(listing=listing, at=listing.captured_at or datetime.now(UTC))
        told = self._told([key], op)
        self._note(op)
        return told

    def missed(self, site: str, refs: Iterable[str], at: datetime) -> Sequence[Sighting]:
        """See :meth:`leads.store.Store.missed`; told as :meth:`see` tells."""
        return self._noted(Miss(site=site, refs=tuple(refs), at=at))

    def still(self, site: str, refs: Iterable[str], at: datetime) -> Sequence[Sighting]:
        """See :meth:`leads.store.Store.still`; told as :meth:`see` tells."""
        return self._noted(Still(site=site, refs=tuple(refs), at=at))

    def known(self, site: str, ref: str) -> Known | None:
        """See :meth:`leads.store.Store.known`."""
        self._catch_up()
        key = listing_id(site, ref)
        with self._named():
            self._alias(Part.LISTINGS)
            found = self._planner.known([key])
        return found[key][0] if key in found else None

    def listings(
        self, since: datetime | None = None, site: str | None = None, seller: str | None = None
    ) -> Iterator[Listing]:
        """See :meth:`leads.store.Store.listings`."""
        order = [{"last_us": "asc"}, {"site": "asc"}, {"ref": "asc"}, {"key": "asc"}]
        query = from_then("last_us", since)
        asked = {"site": site, "seller": seller}
        terms = [{"term": {name: value}} for name, value in asked.items() if value is not None]
        if terms:
            query = {"bool": {"filter": [query, *terms]}}
        for source in self._scan(Part.LISTINGS, query, order, ["body"]):
            yield self._made(Known, source["body"]).listing

    def sightings(
        self, since: datetime | None = None, of: tuple[str, str] | None = None
    ) -> Iterator[Sighting]:
        """See :meth:`leads.store.Store.sightings`."""
        query = from_then("at_us", since)
        if of is not None:
            query = {"bool": {"filter": [query, {"term": {"listing": listing_id(*of)}}]}}
        order = [*_BY_TIME, {"change": "asc"}, {"key": "asc"}]
        for source in self._scan(Part.SIGHTINGS, query, order, ["body"]):
            yield self._made(Sighting, source["body"])

    def _noted(self, op: Miss | Still) -> Sequence[Sighting]:
        told = self._told([listing_id(op.site, ref) for ref in op.refs], op)
        self._note(op)
        return told

    def _told(self, keys: Sequence[str], op: See | Miss | Still) -> list[Sighting]:
        """Return what an operation will turn out to have changed."""
        if time.monotonic() < self._next_try:
            return []
        try:
            with self._named():
                unknown = [key for key in keys if key not in self._recent]
                if unknown:
                    self._alias(Part.LISTINGS)
                    found = self._planner.known(unknown)
                    self._recent |= {
                        key: found[key][0] if key in found else None for key in unknown
                    }
        except StoreError as error:
            _log.warning("%s；暂不报告商品的变化", error)
            self._next_try = time.monotonic() + PAUSE
            return []
        told: list[Sighting] = []
        for key in keys:
            self._recent[key], news = after(self._recent[key], op)
            told += news
        return told
