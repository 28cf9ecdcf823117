"""One fetched page and what was read from it: the types every extractor speaks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from selectolax.lexbor import LexborHTMLParser

from leads.model import Listing, Seller, Verdict


@dataclass(frozen=True)
class Page:
    """Bytes as they came, with what is known about them; decoding and parsing happen once."""

    body: bytes
    url: str | None = None
    content_type: str | None = None

    @cached_property
    def text(self) -> str:
        """The decoded text; see :func:`crawlers.decode.decode` for how the charset is found."""
        from crawlers.decode import decode

        return decode(self.body, self.content_type)

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The parsed markup."""
        return LexborHTMLParser(self.text)


@dataclass(frozen=True)
class Reading:
    """What an extractor made of a page.

    ``listings`` is empty unless the verdict is ``ok`` or ``partial``; ``reason`` is Chinese and
    says why it is anything but ``ok``; ``missing`` names the fields a partial page lacks.
    """

    verdict: Verdict
    listings: tuple[Listing, ...] = ()
    reason: str | None = None
    missing: tuple[str, ...] = ()
    seller: Seller | None = None
    """The shop itself, where the page is a shop's or exhibitor's own page."""
    follow: tuple[str, ...] = ()
    """Absolute addresses of listing, shop or detail pages this page leads to."""
    next_page: str | None = None
    """Absolute address of the next page of the same list."""


class Extractor(ABC):
    """Reads one kind of page. A file in ``crawlers/platforms`` with one such class.

    Pure: bytes, address and content type in, reading out; nothing on a page is ever evaluated.
    """

    name: ClassVar[str]
    order: ClassVar[int] = 50
    """Who is asked first: 10 block pages, 50 platforms, 90 generic markup."""

    @abstractmethod
    def claims(self, page: Page) -> bool:
        """Tell cheaply whether this extractor knows the page."""

    @abstractmethod
    def read(self, page: Page) -> Reading:
        """Return what is on the page; a field that is not on it is None."""
