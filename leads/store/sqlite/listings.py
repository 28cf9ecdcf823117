"""Listings of the embedded store: when each was there, and what changed about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from leads.model import Listing
from leads.sighting import Known, Sighting, listing_id, missed, seen_again, still
from leads.store import record_id
from leads.store.sqlite import rows
from leads.store.sqlite.file import File
from leads.store.sqlite.rows import Cell, utc

KNOWN = "SELECT body, first_seen, last_seen, misses, missed_at FROM listing"


Become = Callable[[Known, datetime], tuple[Known, list[Sighting]]]
"""Works out what is known of a listing after it was noted at some time, and what is new."""


class Listings(File):
    """What is seen, missed, and has changed."""

    def see(self, listing: Listing) -> Sequence[Sighting]:
        """See :meth:`leads.store.Store.see`."""
        at = listing.captured_at or datetime.now(UTC)
        with self._writing():
            before = self.known(*listing.key)
            if before is None:
                new = Known(listing=listing, first_seen=at, last_seen=at)
                self._keep(new)
                return []
            known, changes = seen_again(before, listing, at)
            self._keep(known)
            self._tell(changes)
        return changes

    def missed(self, site: str, refs: Iterable[str], at: datetime) -> Sequence[Sighting]:
        """See :meth:`leads.store.Store.missed`."""
        return self._noted(missed, site, refs, at)

    def still(self, site: str, refs: Iterable[str], at: datetime) -> Sequence[Sighting]:
        """See :meth:`leads.store.Store.still`."""
        return self._noted(still, site, refs, at)

    def known(self, site: str, ref: str) -> Known | None:
        """See :meth:`leads.store.Store.known`."""
        found = self._rows(f"{KNOWN} WHERE id = ?", [listing_id(site, ref)])
        return self._made(known_row, found[0]) if found else None

    def listings(
        self, since: datetime | None = None, site: str | None = None, seller: str | None = None
    ) -> Iterator[Listing]:
        """See :meth:`leads.store.Store.listings`."""
        asked = {"site = ?": site, "seller = ?": seller}
        given = {clause: value for clause, value in asked.items() if value is not None}
        where = " AND ".join(["last_seen >= ?", *given])
        sql = f"SELECT body FROM listing WHERE {where} ORDER BY last_seen, site, ref"  # noqa: S608
        values = [utc(since) if since else "", *given.values()]
        return self._read(Listing.model_validate_json, sql, values)

    def sightings(
        self, since: datetime | None = None, of: tuple[str, str] | None = None
    ) -> Iterator[Sighting]:
        """See :meth:`leads.store.Store.sightings`."""
        where = "at >= ? AND site = ? AND ref = ?" if of else "at >= ?"
        sql = f"SELECT body FROM sighting WHERE {where} ORDER BY at, site, ref, change"  # noqa: S608
        return self._read(
            Sighting.model_validate_json, sql, [utc(since) if since else "", *(of or ())]
        )

    def _noted(
        self, become: Become, site: str, refs: Iterable[str], at: datetime
    ) -> Sequence[Sighting]:
        """Write what known listings become, and what is new about them."""
        news: list[Sighting] = []
        with self._writing():
            for before in filter(None, [self.known(site, ref) for ref in refs]):
                known, changes = become(before, at)
                if known != before:
                    self._keep(known)
                news += changes
            self._tell(news)
        return news

    def _keep(self, known: Known) -> None:
        row = rows.listing_row(known)
        self._db.execute(rows.PUT_LISTING, row)
        self._db.execute("DELETE FROM listing_picture WHERE listing = ?", [row["id"]])
        self._db.executemany(rows.PUT_PICTURE, rows.picture_rows(known.listing))

    def _tell(self, changes: Iterable[Sighting]) -> None:
        self._db.executemany(
            rows.PUT_SIGHTING,
            [
                (
                    record_id(one), one.site, one.ref, utc(one.at), one.change.value,
                    one.before, one.after, one.model_dump_json(),
                )
                for one in changes
            ],
        )  # fmt: skip


def known_row(body: str, first: str, last: str, misses: int, missed_at: Cell) -> Known:
    """Return what a row that ``KNOWN`` selects says."""
    return Known.model_validate(
        {
            "listing": Listing.model_validate_json(body),
            "first_seen": first,
            "last_seen": last,
            "misses": misses,
            "missed_at": missed_at,
        }
    )
