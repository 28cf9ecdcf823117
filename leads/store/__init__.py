"""Where listings, leads and judgements live, behind one small protocol in domain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, Self

from leads.model import Judgement, Lead, Listing, State, Visit
from leads.query import Query


class Standing(NamedTuple):
    """A lead and where it stands: the state of its last judgement, ``NEW`` without one."""

    lead: Lead
    state: State


class StoreError(Exception):
    """The store cannot be opened or does not answer; the message says which and why, in Chinese."""


class Store(Protocol):
    """What every back end does; ``tests/leads/test_store.py`` is the contract all of them pass."""

    def see(self, listing: Listing) -> None:
        """Remember a listing; seen again, the newer record replaces the older, first_seen stays.

        Raises:
            ValueError: the listing has no site, or neither number nor address.
        """

    def listings(self, since: datetime | None = None) -> Iterator[Listing]:
        """Yield every listing kept, or those captured at ``since`` or later, oldest first."""

    def put(self, leads: Iterable[Lead]) -> None:
        """Write leads by id: writing one twice is one lead, found when it was found first.

        Judgements and state stay untouched.

        Raises:
            ValueError: a listing has no site, or neither number nor address.
        """

    def drop(self, site: str, ref: str, keep: Sequence[str], rights: Sequence[str] | None) -> int:
        """Remove leads of a listing that a rematch no longer finds, except ids in ``keep``.

        Only leads of ``rights`` (all, if None), never one a person has judged. Returns how many.
        """

    def get(self, lead_id: str) -> Standing | None:
        """Return one lead, or None."""

    def find(self, query: Query, limit: int | None = None, offset: int = 0) -> Iterator[Standing]:
        """Yield the leads that fit, strongest first: lead before review, then score, then id."""

    def count(self, query: Query) -> int:
        """Return how many leads fit."""

    def judge(self, judgement: Judgement) -> None:
        """Append a judgement.

        Raises:
            KeyError: no such lead.
        """

    def judgements(self, lead_id: str) -> Sequence[Judgement]:
        """Return a lead's judgements, oldest first."""

    def visit(self, visit: Visit) -> None:
        """Note what came of a page."""

    def visits(self, since: datetime | None = None) -> Iterator[Visit]:
        """Yield visits, oldest first."""

    def totals(self) -> Mapping[str, int]:
        """Return how many listings, leads, judgements and visits are kept."""

    def close(self) -> None:
        """Finish writing and let go of the back end."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def open_store(url: str) -> Store:
    """Open the store at ``url``: ``sqlite:///PATH``.

    Raises:
        StoreError: unknown kind of store, or it cannot be opened.
    """
    scheme, _, rest = url.partition(":///")
    if scheme == "sqlite" and rest:
        from leads.store.sqlite import SQLiteStore

        return SQLiteStore(rest)
    raise StoreError(f"不认识的存储地址：{url}（应为 sqlite:///路径）")
