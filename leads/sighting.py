"""What became of a listing over time: when it was there, and what changed about it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from leads.model import Listing, Moment, Price, Record

GONE_AFTER = 2
"""Misses in a row, at different times, after which a listing counts as vanished."""


Utc = Annotated[Moment, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""A time told in UTC whatever zone it came in, so that every store gives the same record."""


class Change(StrEnum):
    """What was noticed about a listing that was known before."""

    PRICE = "price"
    TITLE = "title"
    VANISHED = "vanished"
    """It was looked for and missed twice in a row."""
    RELISTED = "relisted"
    """It had vanished and is there again."""


CHANGE_ZH = {
    Change.PRICE: "改价",
    Change.TITLE: "改标题",
    Change.VANISHED: "下架",
    Change.RELISTED: "重新上架",
}


class Sighting(Record):
    """One change of one listing; the same change told twice is one."""

    site: str
    ref: str
    """The second part of :attr:`leads.model.Listing.key`: number, else address."""
    at: Utc
    change: Change
    before: str | None = None
    """Price or title until then; a price is ``min`` or ``min–max`` with its currency."""
    after: str | None = None


class Known(Record):
    """A listing as it was seen last, with when it was there."""

    listing: Listing
    first_seen: Utc
    last_seen: Utc
    misses: int = 0
    """How often in a row it was looked for since and not found."""
    missed_at: Utc | None = None
    """When it was missed last."""

    @property
    def vanished(self) -> bool:
        """Whether it counts as gone."""
        return self.misses >= GONE_AFTER


class Appearance(Record):
    """A listing that shows a picture, the very bytes or one that looks alike."""

    listing: Listing
    sha256: str
    distance: int
    """Bits of 256 in which the fingerprints differ; 0 for the same bytes."""


def listing_id(site: str, ref: str) -> str:
    """Return the stable id of a listing: the same site and number always give the same."""
    return hashlib.sha256(f"{site}\x1f{ref}".encode()).hexdigest()[:32]


def seen_again(before: Known, now: Listing, at: datetime) -> tuple[Known, list[Sighting]]:
    """Return what is known of a listing once it is seen ``at`` some time, and what is new about it.

    What was captured before the listing was last seen only tells that it was there earlier.
    """
    first = min(before.first_seen, at)
    if at < before.last_seen:
        return before.model_copy(update={"first_seen": first}), []
    missed_since = before.missed_at is not None and before.missed_at >= at
    known = Known(
        listing=now,
        first_seen=first,
        last_seen=at,
        misses=before.misses if missed_since else 0,
        missed_at=before.missed_at if missed_since else None,
    )
    site, ref = now.key
    old = before.listing
    told = (
        (Change.RELISTED, None, None) if before.vanished and not missed_since else None,
        (Change.TITLE, old.title, now.title) if old.title != now.title else None,
        (Change.PRICE, _asked(old.price), _asked(now.price)) if old.price != now.price else None,
    )
    return known, [
        Sighting(site=site, ref=ref, at=at, change=change, before=was, after=is_now)
        for change, was, is_now in filter(None, told)
    ]


def still(before: Known, at: datetime) -> tuple[Known, list[Sighting]]:
    """Return what is known of a listing that was there ``at`` some time, unchanged."""
    return seen_again(before, before.listing, at)


def missed(before: Known, at: datetime) -> tuple[Known, list[Sighting]]:
    """Return what is known of a listing that was looked for ``at`` some time and not found."""
    if at <= before.last_seen or (before.missed_at and at <= before.missed_at):
        return before, []
    known = before.model_copy(update={"misses": before.misses + 1, "missed_at": at})
    site, ref = before.listing.key
    gone = known.misses == GONE_AFTER
    return known, [Sighting(site=site, ref=ref, at=at, change=Change.VANISHED)] if gone else []


def _asked(price: Price | None) -> str | None:
    if price is None:
        return None
    span = f"{price.min}" if price.min == price.max else f"{price.min}–{price.max}"
    return f"{span} {price.currency}"
