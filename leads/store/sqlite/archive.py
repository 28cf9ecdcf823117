"""The archive of the embedded store: read in the order in which it lies on the disk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from leads.sight import Sight
from leads.store.archive import Archived, Stretch
from leads.store.sqlite.pictures import Pictures
from leads.store.sqlite.rows import Cell, utc


class Archive(Pictures):
    """Rows from one number to another: listings and sights are never deleted, so none is vacant."""

    def listing_stretches(self, size: int) -> Sequence[Stretch]:
        """See :meth:`leads.store.archive.Archive.listing_stretches`."""
        return _cut(self._number("SELECT ifnull(max(rowid), 0) FROM listing"), size)

    def listings_in(self, stretch: Stretch, since: datetime | None = None) -> Iterator[Archived]:
        """See :meth:`leads.store.archive.Archive.listings_in`."""
        sql = "SELECT site, ref, body FROM listing WHERE rowid BETWEEN ? AND ? AND last_seen >= ?"
        rows: list[Cell] = [int(stretch.first), int(stretch.last), utc(since) if since else ""]
        return self._read(lambda site, ref, body: Archived((site, ref), body), sql, rows)

    def sight_stretches(self, size: int) -> Sequence[Stretch]:
        """See :meth:`leads.store.archive.Archive.sight_stretches`."""
        return _cut(self._number("SELECT ifnull(max(number), 0) FROM sight"), size)

    def sights_in(self, stretch: Stretch) -> Iterator[Sight]:
        """See :meth:`leads.store.archive.Archive.sights_in`."""
        sql = (
            "SELECT body FROM sight WHERE number BETWEEN ? AND ? AND NOT"
            """ (body LIKE '%"matches":[]%' AND body LIKE '%"lines":[]%')"""
        )
        return self._read(Sight.model_validate_json, sql, [int(stretch.first), int(stretch.last)])

    def sellers_showing(self) -> Mapping[str, Collection[str]]:
        """See :meth:`leads.store.archive.Archive.sellers_showing`."""
        found = self._rows(
            "SELECT DISTINCT json_extract(shown.value, '$.source'), listing.seller"
            " FROM sight, json_each(sight.body, '$.matches') AS shown"
            " JOIN listing_picture ON listing_picture.sha256 = sight.sha256"
            " JOIN listing ON listing.id = listing_picture.listing"
            """ WHERE sight.body NOT LIKE '%"matches":[]%' AND seller IS NOT NULL"""
        )
        sellers: dict[str, set[str]] = {}
        for source, seller in found:
            sellers.setdefault(str(source), set()).add(str(seller))
        return sellers


def _cut(rows: int, size: int) -> list[Stretch]:
    return [
        Stretch(str(first), str(min(first + size - 1, rows))) for first in range(1, rows + 1, size)
    ]
