"""What the ledger tells of: runs, plans, requests, pages, and listings that are due."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from leads.model import Moment, Record

ITEM = "item "
"""What the key of a request for one listing begins with; the listing's ``ref`` follows."""


class Stage(StrEnum):
    """How far a request has come."""

    PLANNED = "planned"
    FETCHED = "fetched"
    """The page was received; here it stays if reading it broke off with an error."""
    PARSED = "parsed"
    """All it brought was handed over; here it stays if something of it could not be kept."""
    STORED = "stored"
    """All it brought was matched and is safe in the store, be it that it brought nothing."""


class Due(Record):
    """A known listing that is to be looked at again, at its own address."""

    ref: str
    """The second part of :attr:`leads.model.Listing.key`."""
    url: str


class Glimpse(Record):
    """Listings that were looked for: there as they were, or not to be found."""

    site: str
    refs: tuple[str, ...]
    at: Moment
    there: bool


class Plan(Record):
    """What one site is asked for in one run."""

    site: str
    queries: tuple[str, ...] = ()
    recrawls: tuple[Due, ...] = ()
    max_pages: int = 0
    """Pages of one result list; 0 for all."""
    expect: int = 0
    """Fewer listings than this are an error."""


class Run(NamedTuple):
    """One crawl of several sites, however often it was interrupted."""

    id: str
    began: datetime
    ended: datetime | None
    """None: some site is not finished."""


class Task(NamedTuple):
    """One request of a spider."""

    key: str
    """What makes it the same request in one run, whatever its address."""
    url: str
    callback: str
    """Name of the spider's method."""
    errback: str | None
    kwargs: str
    """What the method is given, as JSON."""
    priority: int
    outline: str | None = None
    """What the result list said of the listing: :func:`leads.ledger.memory.outlined`."""


class Page(NamedTuple):
    """What lets a page be asked for only if it has changed, RFC 9110, 13.1."""

    url: str
    etag: str | None
    modified: str | None
    """The header Last-Modified."""
    sha256: str
    """The body these belong to, in the vault."""
    media_type: str
