"""What became of a listing over time: when it was there, and what changed about it."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from leads.model import Listing, Moment, Price, Record

GONE_AFTER = 2
"""Misses in a row, at different times, after which a listing counts as vanished."""


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
    at: Moment
    change: Change
    before: str | None = None
    """Price or title until then; a price is ``min`` or ``min–max`` with its currency."""
    after: str | None = None


class Known(Record):
    """A listing as it was seen last, with when it was there."""

    listing: Listing
    first_seen: Moment
    last_seen: Moment
    misses: int = 0
    """How often in a row it was looked for since and not found."""
    missed_at: Moment | None = None
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


def changes(before: Known, now: Listing, at: Moment) -> list[Sighting]:
    """Return what is new about a known listing that is seen again ``at`` a later time."""
    site, ref = now.key
    old = before.listing
    told = [
        (Change.RELISTED, None, None) if before.vanished else None,
        (Change.TITLE, old.title, now.title) if old.title != now.title else None,
        (Change.PRICE, _asked(old.price), _asked(now.price)) if old.price != now.price else None,
    ]
    return [
        Sighting(site=site, ref=ref, at=at, change=change, before=was, after=is_now)
        for change, was, is_now in filter(None, told)
    ]


def _asked(price: Price | None) -> str | None:
    if price is None:
        return None
    span = f"{price.min}" if price.min == price.max else f"{price.min}–{price.max}"
    return f"{span} {price.currency}"
