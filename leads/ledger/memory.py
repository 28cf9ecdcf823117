"""What is known from earlier runs: listings with the day they are due, pages, pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from leads.ledger.ledger import Ledger
from leads.ledger.records import Page
from leads.model import Listing
from leads.schedule import Schedule
from leads.sighting import GONE_AFTER
from leads.store.sqlite.rows import Cell, utc

Note = Callable[..., None]
"""Keeps a statement and its values until they are written."""

_SAW = """
    INSERT INTO listing (place, site, ref, url, content, unchanged, first_seen, last_seen, due)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET url = excluded.url, content = excluded.content, misses = 0,
    unchanged = excluded.unchanged, last_seen = excluded.last_seen, due = excluded.due
"""
_KNOWN = "WHERE place = ? AND site = ? AND ref = ?"


class Memory:
    """The memory of one site; what it is told, it hands to ``note``."""

    def __init__(
        self, ledger: Ledger, site: str, schedule: Schedule, day: date, note: Note
    ) -> None:
        self._ledger = ledger
        self._site = site
        self._schedule = schedule
        self._day = day
        self._note = note

    # ------------------------------------------------------------------ listings

    def current(self, outline: Listing) -> bool:
        """Tell whether a listing, as a result list has it, need not be fetched now.

        It is known and not yet due, and the list says of it what it said last time.
        """
        sql = f"SELECT due, outline FROM listing {_KNOWN} AND misses = 0"  # noqa: S608  # our own words
        return any(
            str(due) > self._day.isoformat() and told == outlined(outline)
            for due, told in self._ledger.ask(sql, self._key(outline.key[1]))
        )

    def saw(self, listing: Listing, at: datetime, *, lead: bool, campaign: bool) -> None:
        """Note a listing that was read, and when it is due again."""
        ref, now = listing.key[1], content(listing)
        known = self._ledger.ask(
            f"SELECT content, unchanged FROM listing {_KNOWN}",  # noqa: S608  # our own words
            self._key(ref),
        )
        unchanged = next((int(str(times)) + 1 for before, times in known if before == now), 0)
        days = self._schedule.recrawl.days(lead=lead, campaign=campaign, unchanged=unchanged)
        due = self._in_days(days)
        self._note(
            _SAW, *self._key(ref), listing.url, now, unchanged, utc(at), utc(at), due
        )  # fmt: skip

    def told(self, ref: str, outline: str) -> None:
        """Note what the result list says of a listing that was read."""
        self._note(f"UPDATE listing SET outline = ? {_KNOWN}", outline, *self._key(ref))  # noqa: S608

    def leads(self, listing: Listing) -> None:
        """Note that a listing's pictures make it a lead."""
        due = self._in_days(self._schedule.recrawl.lead)
        sql = f"UPDATE listing SET due = min(due, ?) {_KNOWN}"  # noqa: S608  # our own words
        self._note(sql, due, *self._key(listing.key[1]))

    def still(self, refs: Iterable[str], at: datetime) -> None:
        """Note listings that are there as they were."""
        for ref in refs:
            sql = f"UPDATE listing SET last_seen = ?, misses = 0 {_KNOWN}"  # noqa: S608  # ditto
            self._note(sql, utc(at), *self._key(ref))

    def missed(self, refs: Iterable[str]) -> None:
        """Note listings that are gone; each is looked for once more, on another day."""
        sql = (
            "UPDATE listing SET misses = misses + 1,"  # noqa: S608  # our own words
            f" due = CASE WHEN misses + 1 < {GONE_AFTER} THEN ? END {_KNOWN}"
        )
        for ref in refs:
            self._note(sql, self._in_days(1), *self._key(ref))

    def unseen(self, ref: str) -> None:
        """Note a listing whose page told nothing: others that are due have their turn first."""
        due = self._in_days(self._schedule.recrawl.changed)
        self._note(f"UPDATE listing SET due = ? {_KNOWN}", due, *self._key(ref))  # noqa: S608

    # ------------------------------------------------------------------ pages and pictures

    def page(self, url: str) -> Page | None:
        """Return what is known of a page that may not have changed since."""
        sql = "SELECT url, etag, modified, sha256, media_type FROM page WHERE url = ?"
        return next((Page(*row) for row in self._ledger.ask(sql, [url])), None)  # type: ignore[arg-type]  # as we wrote it

    def keep_page(self, page: Page) -> None:
        """Remember how to ask whether a page has changed."""
        self._note("INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?)", *page)

    def picture(self, url: str) -> str | None:
        """Return the SHA-256 of a picture that need not be fetched again yet."""
        since = datetime.now(UTC) - timedelta(days=self._schedule.keep.pictures)
        sql = "SELECT sha256 FROM picture WHERE url = ? AND at >= ?"
        return next((str(sha256) for (sha256,) in self._ledger.ask(sql, [url, utc(since)])), None)

    def keep_picture(self, url: str, sha256: str) -> None:
        """Remember a picture that was fetched now."""
        values = url, self._site, sha256, utc(datetime.now(UTC))
        self._note("INSERT OR REPLACE INTO picture VALUES (?, ?, ?, ?)", *values)

    def _key(self, ref: str) -> list[Cell]:
        return [self._ledger.place, self._site, ref]

    def _in_days(self, days: int) -> str:
        return (self._day + timedelta(days=days)).isoformat()


def content(listing: Listing) -> str:
    """Return a fingerprint of what a listing says; how often it was sold is no part of it."""
    said = listing.model_dump_json(
        exclude={
            "captured_at": True,
            "capture": True,
            "sold": True,
            "pictures": {"__all__": {"sha256", "path"}},
        }
    )
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def outlined(outline: Listing) -> str:
    """Return a fingerprint of what a result list says of a listing: title and price."""
    said = outline.model_dump_json(include={"title", "price"})
    return hashlib.sha256(said.encode()).hexdigest()[:32]
