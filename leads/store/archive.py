"""What a store shows of its archive at large: to be read in stretches, by many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, Self

from leads.sight import Sight


class Stretch(NamedTuple):
    """Records that are read together; what the ends mean only their store knows."""

    first: str
    last: str


class Archived(NamedTuple):
    """A listing as it is kept."""

    key: tuple[str, str]
    """:attr:`leads.model.Listing.key`."""
    body: str
    """The :class:`leads.model.Listing` as JSON, all letters as they are."""


class Archive(Protocol):
    """What can be asked of a store without changing it; part of :class:`leads.store.Store`."""

    def listing_stretches(self, size: int) -> Sequence[Stretch]:
        """Cut all listings kept now into stretches of about ``size``; none is in two.

        Asked for again, the stretches are the same but for those to which listings were added.
        """

    def listings_in(self, stretch: Stretch, since: datetime | None = None) -> Iterator[Archived]:
        """Yield the listings of a stretch, in any order; of those seen at ``since`` or later."""

    def sight_stretches(self, size: int) -> Sequence[Stretch]:
        """Cut all sights as :meth:`listing_stretches` cuts listings."""

    def sights_in(self, stretch: Stretch) -> Iterator[Sight]:
        """Yield the sights of a stretch that match a reference or were read, in any order."""

    def sights(self, sha256s: Iterable[str]) -> Mapping[str, Sight]:
        """Return what is known of pictures, by SHA-256; those never looked at are missing."""

    def sellers_showing(self) -> Mapping[str, Collection[str]]:
        """Return the sellers at which each reference of the bank (``photos/…``) was seen."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...
