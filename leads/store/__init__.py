"""Where listings, leads and judgements live, behind one small protocol in domain words."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from leads.exclusions import Exclusion
from leads.fields import Field
from leads.model import Judgement, Lead, Listing, State, Visit
from leads.query import Query
from leads.sight import Sight
from leads.sighting import Appearance, Known, Sighting
from leads.store.archive import Archive


class Standing(NamedTuple):
    """A lead and where it stands: the state of its last judgement, ``NEW`` without one."""

    lead: Lead
    state: State


class Sort(StrEnum):
    """In which order leads come; those alike in it come by id."""

    STRENGTH = "strength"
    """Lead before review before none, then the higher score."""
    NEWEST = "newest"
    """Found last first."""
    OLDEST = "oldest"
    CHEAPEST = "cheapest"
    """By the lowest price asked; those without price last."""
    DEAREST = "dearest"
    """By the lowest price asked, highest first; those without price last."""


class Page(NamedTuple):
    """Some leads in order, and where the next page begins."""

    leads: Sequence[Standing]
    after: str | None
    """To be handed to :meth:`Store.search` for the next page; None on the last one."""


class Facets(NamedTuple):
    """How the leads that fit a query spread over the values of some fields."""

    total: int
    exact: bool
    """False: so many fit that total and counts are estimates from an even sample."""
    counts: Mapping[Field, Mapping[str, int]]
    """Leads by value, the most frequent first; a lead with two values counts for both."""


class Group(NamedTuple):
    """The leads of one seller that fit a query."""

    seller: str
    """See :attr:`leads.model.Listing.seller_key`; the field ``seller`` finds them."""
    leads: int
    strongest: Standing


class Part(StrEnum):
    """What a store holds, in the order in which it can be copied: leads before judgements."""

    LISTINGS = "listings"
    SIGHTINGS = "sightings"
    LEADS = "leads"
    JUDGEMENTS = "judgements"
    VISITS = "visits"
    SIGHTS = "sights"
    EXCLUSIONS = "exclusions"


Kept = Known | Sighting | Lead | Judgement | Visit | Sight | Exclusion
"""A record of a part, in the order of :class:`Part`."""


class Entry(NamedTuple):
    """One record with the key it has in every store.

    Keys are ASCII: a listing's :func:`leads.sighting.listing_id`, the id of a lead or an
    exclusion, a picture's SHA-256; a judgement's lead and running number, ``L0123456789ab.0000``;
    of visits and sightings, which are the same if all their fields are, the first 32 digits of the
    SHA-256 of their JSON.
    """

    key: str
    record: Kept


def record_id(record: Visit | Sighting) -> str:
    """Return the key of a record that is the same as another if all their fields are."""
    return hashlib.sha256(record.model_dump_json().encode()).hexdigest()[:32]


class StoreError(Exception):
    """The store cannot be opened or does not answer; the message says which and why, in Chinese."""


class Overtaken(StoreError):
    """Someone else has judged the lead since it was looked at."""


class Store(Archive, Protocol):
    """What every back end does; ``tests/leads/test_store*.py`` is the contract all of them pass."""

    # ------------------------------------------------------------------ listings

    def see(self, listing: Listing) -> Sequence[Sighting]:
        """Remember a listing; seen again, the newer record replaces the older, first_seen stays.

        Without time of capture it is seen now. Returns what changed: title, price, back again.

        Raises:
            ValueError: the listing has no site, or neither number nor address.
        """

    def missed(self, site: str, refs: Iterable[str], at: datetime) -> Sequence[Sighting]:
        """Note that listings were looked for at ``at`` and not found; returns those now vanished.

        A second miss at a later time makes a listing vanished. A miss before the listing was last
        seen or last missed, and one of a listing that is not known, says nothing.
        """

    def still(self, site: str, refs: Iterable[str], at: datetime) -> Sequence[Sighting]:
        """Note that listings were there at ``at``, unchanged; returns those now back again.

        That they were missed before counts no longer. What is not known says nothing.
        """

    def known(self, site: str, ref: str) -> Known | None:
        """Return a listing with when it was there, or None."""

    def listings(
        self, since: datetime | None = None, site: str | None = None, seller: str | None = None
    ) -> Iterator[Listing]:
        """Yield every listing kept, or those seen at ``since`` or later, oldest first.

        With ``site`` only those of that site, with ``seller`` (:attr:`Listing.seller_key`) only
        those of that seller.
        """

    def sightings(
        self, since: datetime | None = None, of: tuple[str, str] | None = None
    ) -> Iterator[Sighting]:
        """Yield what changed, oldest first; from ``since`` on, of one listing ``(site, ref)``."""

    # ------------------------------------------------------------------ leads

    def put(self, leads: Iterable[Lead]) -> None:
        """Write leads by id: writing one twice is one lead, found when it was found first.

        Judgements and state stay untouched.

        Raises:
            ValueError: a listing has no site, or neither number nor address.
        """

    def drop(
        self,
        listings: Iterable[tuple[str, str]],
        keep: Collection[str],
        rights: Collection[str] | None,
    ) -> int:
        """Remove leads of listings that a rematch no longer finds, except ids in ``keep``.

        Only leads of ``rights`` (all, if None), never one a person has judged. Returns how many.
        """

    def get(self, lead_id: str) -> Standing | None:
        """Return one lead, or None."""

    def find(
        self, query: Query, sort: Sort = Sort.STRENGTH, limit: int | None = None
    ) -> Iterator[Standing]:
        """Yield the leads that fit, as they stood when the first was asked for.

        However many there are, only a few are in memory at a time.
        """

    def search(
        self, query: Query, sort: Sort = Sort.STRENGTH, after: str | None = None, limit: int = 50
    ) -> Page:
        """Return one page; ``after`` is :attr:`Page.after` of the page before, same query and sort.

        Every page is read as the leads stand then: those that change place may come twice or never.

        Raises:
            ValueError: ``after`` is no such thing.
        """

    def count(self, query: Query) -> int:
        """Return how many leads fit, exactly."""

    def facets(self, query: Query, fields: Iterable[Field], most: int = 20) -> Facets:
        """Count the leads that fit by value of each field, of :data:`leads.fields.FACETS`.

        At most ``most`` values a field. Up to 10,000 fitting leads everything is exact.
        """

    def groups(self, query: Query, limit: int = 50, offset: int = 0) -> Sequence[Group]:
        """Return the sellers of the leads that fit, by their strongest lead, as ``STRENGTH`` sorts.

        Leads without seller are in no group.
        """

    # ------------------------------------------------------------------ judgements

    def judge(self, judgement: Judgement, expected: State | None = None) -> None:
        """Append a judgement; with ``expected`` only if the lead still stands so.

        Raises:
            KeyError: no such lead.
            Overtaken: the lead does not stand as ``expected``.
        """

    def judgements(self, lead_id: str) -> Sequence[Judgement]:
        """Return a lead's judgements, oldest first."""

    # ------------------------------------------------------------------ exclusions

    def exclude(self, exclusion: Exclusion) -> None:
        """Write an exclusion by id, to stay even through a power cut; once lifted it stays so."""

    def exclusions(self) -> Sequence[Exclusion]:
        """Return all that were ever made, oldest first."""

    # ------------------------------------------------------------------ visits

    def visit(self, visit: Visit) -> None:
        """Note what came of a page; the very same visit told twice is one."""

    def visits(self, since: datetime | None = None) -> Iterator[Visit]:
        """Yield visits, oldest first."""

    # ------------------------------------------------------------------ pictures

    def keep_sight(self, sight: Sight) -> None:
        """Remember what a picture shows; the last word on a SHA-256 stands."""

    def appearances(self, sha256: str, distance: int = 0) -> Sequence[Appearance]:
        """Return the listings that show a picture, the nearest first, then by site and number.

        With ``distance`` also those with a picture whose 256-bit fingerprint differs in at most so
        many bits; see :mod:`leads.bands` for how surely they are found.
        """

    # ------------------------------------------------------------------ the whole

    def totals(self) -> Mapping[str, int]:
        """Return how many records each :class:`Part` holds."""

    def read(self, part: Part, after: str = "") -> Iterator[Entry]:
        """Yield everything of a part with a key greater than ``after``, in the order of keys."""

    def write(self, part: Part, entries: Iterable[Entry]) -> None:
        """Write entries as :meth:`read` gave them, replacing those of the same key.

        A lead keeps the state of its judgements; a judgement decides its lead's state.

        Raises:
            Overtaken: another judgement has the key already; it stands, nothing more is written.
            KeyError: a judgement's lead is not there.
        """

    def flush(self) -> None:
        """Return once all that was handed over survives the end of this process and of power."""

    def close(self) -> None:
        """Finish writing and let go of the back end."""


def open_archive(url: str) -> Archive:
    """Open the archive of the store at ``url``, which is there, only to read.

    Raises:
        StoreError: it cannot be opened.
    """
    return open_store(url, create=False)


def open_store(url: str, *, create: bool = True) -> Store:
    """Open the store at ``url``: ``sqlite:///PATH``, or ``http(s)://HOST:PORT/PREFIX``.

    Raises:
        StoreError: unknown kind of store, it cannot be opened, or without ``create`` is not there.
    """
    scheme, _, rest = url.partition(":///")
    if scheme == "sqlite" and rest:
        from leads.store.sqlite import SQLiteStore

        return SQLiteStore(rest, create=create)
    if url.startswith(("http://", "https://")):
        try:
            from leads.store.elastic.store import ElasticStore
        except ImportError as error:
            raise StoreError(
                "缺少连接 Elasticsearch 的组件：pip install 'markwatch[elastic]'"
            ) from error
        return ElasticStore(url, create=create)
    raise StoreError(f"不认识的存储地址：{url}（应为 sqlite:///路径 或 http(s)://主机:端口/前缀）")
