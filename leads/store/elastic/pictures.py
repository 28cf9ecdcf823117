"""Visits and pictures of a store in Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from leads import bands
from leads.model import Visit
from leads.sight import Sight
from leads.sighting import Appearance, Known
from leads.store import Part
from leads.store.elastic.condition import from_then
from leads.store.elastic.searching import Searching
from leads.store.elastic.spool import Show, Tell

_AT_ONCE = 500
_BY_KEY = [{"key": "asc"}]


class Pages(Searching):
    """Pages that were fetched, or could not be."""

    def visit(self, visit: Visit) -> None:
        """See :meth:`leads.store.Store.visit`."""
        self._note(Tell(visit=visit))

    def visits(self, since: datetime | None = None) -> Iterator[Visit]:
        """See :meth:`leads.store.Store.visits`."""
        order = [{"at_us": "asc"}, {"key": "asc"}]
        for source in self._scan(Part.VISITS, from_then("at_us", since), order, ["body"]):
            yield self._made(Visit, source["body"])


class Pictures(Searching):
    """What pictures show, and which listings show them."""

    def keep_sight(self, sight: Sight) -> None:
        """See :meth:`leads.store.Store.keep_sight`."""
        self._note(Show(sight=sight))

    def sights(self, sha256s: Iterable[str]) -> Mapping[str, Sight]:
        """See :meth:`leads.store.Store.sights`."""
        found: dict[str, Sight] = {}
        waiting = iter(sha256s)
        while batch := list(islice(waiting, _AT_ONCE)):
            query = {"terms": {"key": batch}}
            for source in self._scan(Part.SIGHTS, query, _BY_KEY, ["body"]):
                sight: Sight = self._made(Sight, source["body"])
                found[sight.sha256] = sight
        return found

    def appearances(self, sha256: str, distance: int = 0) -> Sequence[Appearance]:
        """See :meth:`leads.store.Store.appearances`."""
        pictures = {**(self._near(sha256, distance) if distance else {}), sha256: 0}
        found = [
            Appearance(listing=listing, sha256=picture, distance=pictures[picture])
            for source in self._scan(
                Part.LISTINGS,
                {"terms": {"pictures": list(pictures)}},
                _BY_KEY,
                ["body"],
            )
            for listing in [self._made(Known, source["body"]).listing]
            for picture in sorted({one.sha256 for one in listing.pictures if one.sha256})
            if picture in pictures
        ]
        return sorted(found, key=lambda one: (one.distance, one.listing.key))

    def _near(self, sha256: str, distance: int) -> dict[str, int]:
        """Return the pictures that look alike, with the bits in which they differ."""
        own = self.sights([sha256]).get(sha256)
        if own is None or own.pdq is None:
            return {}
        query = {"terms": {"bands": bands.bands(own.pdq)}}
        apart = {
            source["key"]: bands.distance(own.pdq, source["pdq"])
            for source in self._scan(Part.SIGHTS, query, _BY_KEY, ["key", "pdq"])
        }
        return {other: bits for other, bits in apart.items() if bits <= distance}
