"""What every matcher is: a class with a name that turns a listing into hits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar

from leads.model import Hit, Listing
from leads.registry import Registry
from leads.sight import Sight


class Matcher(ABC):
    """Compares one listing with all watched rights.

    Pure: no network, no clock, no disk. A matcher is a file in ``matchers/text`` or
    ``matchers/image`` with one such class, and a weight in ``config/scoring.toml``.
    """

    name: ClassVar[str]

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    @abstractmethod
    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield a hit for every right the listing touches under the law of ``day``.

        Hits carry spans, a reason in Chinese and defences; the engine adds the provisions.
        """

    def explain(self, listing: Listing, day: date) -> Iterator[str]:
        """Yield lines in Chinese on what came near which right, and why it was or wasn't a hit."""
        yield from ()


class PictureMatcher(ABC):
    """Judges what a listing's pictures show; as pure as a :class:`Matcher`, and found like one."""

    name: ClassVar[str]

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    @abstractmethod
    def match(self, listing: Listing, day: date, sights: Sequence[Sight]) -> Iterator[Hit]:
        """Yield a hit for every right that the pictures touch.

        ``sights`` are those of the listing's own pictures, in their order, each once. Hits carry
        boxes, a reason in Chinese and defences.
        """
