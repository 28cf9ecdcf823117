"""The archive of a store in Elasticsearch: keys are digests, so even parts of their range do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice, pairwise

from leads.sight import Sight
from leads.sighting import Known
from leads.store import Part
from leads.store.archive import Archived, Stretch
from leads.store.elastic.condition import Clause, from_then
from leads.store.elastic.searching import Searching

_BY_KEY = [{"key": "asc"}]
_AT_ONCE = 500
_DIGITS = 8
"""Of a key that stretches end at."""


class Archive(Searching):
    """Documents from one key, exclusive, to another."""

    def listing_stretches(self, size: int) -> Sequence[Stretch]:
        """See :meth:`leads.store.archive.Archive.listing_stretches`."""
        return self._stretches(Part.LISTINGS, size)

    def listings_in(self, stretch: Stretch, since: datetime | None = None) -> Iterator[Archived]:
        """See :meth:`leads.store.archive.Archive.listings_in`."""
        query: Clause = {"bool": {"filter": [_within(stretch), from_then("last_us", since)]}}
        for source in self._scan(Part.LISTINGS, query, _BY_KEY, ["body"]):
            listing = self._made(Known, source["body"]).listing
            yield Archived(listing.key, listing.model_dump_json())

    def sight_stretches(self, size: int) -> Sequence[Stretch]:
        """See :meth:`leads.store.archive.Archive.sight_stretches`."""
        return self._stretches(Part.SIGHTS, size)

    def sights_in(self, stretch: Stretch) -> Iterator[Sight]:
        """See :meth:`leads.store.archive.Archive.sights_in`."""
        telling = [{"exists": {"field": "match"}}, {"exists": {"field": "text"}}]
        query: Clause = {
            "bool": {"filter": [_within(stretch)], "should": telling, "minimum_should_match": 1}
        }
        for source in self._scan(Part.SIGHTS, query, _BY_KEY, ["body"]):
            yield self._made(Sight, source["body"])

    def sellers_showing(self) -> Mapping[str, Collection[str]]:
        """See :meth:`leads.store.archive.Archive.sellers_showing`."""
        matched = self._scan(Part.SIGHTS, {"exists": {"field": "match"}}, _BY_KEY, ["body"])
        sellers: dict[str, set[str]] = {}
        while batch := [self._made(Sight, one["body"]) for one in islice(matched, _AT_ONCE)]:
            sources = {sight.sha256: {match.source for match in sight.matches} for sight in batch}
            showing = {"terms": {"pictures": list(sources)}}
            for one in self._scan(Part.LISTINGS, showing, _BY_KEY, ["pictures", "seller"]):
                for picture in one["pictures"]:
                    for source in sources.get(picture, ()):
                        if seller := one.get("seller"):
                            sellers.setdefault(source, set()).add(seller)
        return sellers

    def _stretches(self, part: Part, size: int) -> list[Stretch]:
        """Cut the keys; into a power of two, so that a few more records leave the cuts alone."""
        total, parts = self._total(part), 1
        while parts * size < total:
            parts *= 2
        cuts = [f"{number * 16**_DIGITS // parts:0{_DIGITS}x}" for number in range(1, parts)]
        return [Stretch(first, last) for first, last in pairwise(["", *cuts, "g"])]


def _within(stretch: Stretch) -> Clause:
    return {"range": {"key": {"gt": stretch.first, "lte": stretch.last}}}
