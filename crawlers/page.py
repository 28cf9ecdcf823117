"""One fetched page and what was read from it: the types every extractor speaks."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawlers.decode import bomb, decode
from leads.model import Listing, Picture, Seller, Verdict

_COLLAPSED = re.compile(r"[ \t\n\r\f\v]+")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d{1,6}\)(https?://[^\s<>\"]{1,4000})\s*-->")
_HOST = re.compile(r"[^\[\]\\]+|\[[\da-fA-F:.]+\](?::\d*)?")
"""Host and port; what parsers disagree about is no address."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


class Unreadable(Exception):
    """A page cannot be read: the verdict, and why, in Chinese."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


@dataclass(frozen=True)
class Page:
    """Bytes as they came, with what is known about them; decoding and parsing happen once."""

    body: bytes
    url: str | None = None
    content_type: str | None = None

    @cached_property
    def text(self) -> str:
        """The decoded text; see :func:`crawlers.decode.decode` for how the charset is found."""
        return decode(self.body, self.content_type)

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The parsed markup.

        Raises:
            Unreadable: the markup is made to exhaust a parser.
        """
        reason = bomb(self.text)
        if reason:
            raise Unreadable(Verdict.UNSUPPORTED, reason)
        try:
            return LexborHTMLParser(self.text)
        except SelectolaxError as broken:
            raise Unreadable(Verdict.DAMAGED, "网页标记无法解析") from broken

    @cached_property
    def home(self) -> str | None:
        """The page's address: as fetched, else as the browser noted when it saved the page, else
        as the page itself gives it."""
        return self.url or self._saved_from or self.canonical

    @cached_property
    def host(self) -> str:
        """Host of the page's address, else empty."""
        return host_of(self.home) or ""

    @cached_property
    def _saved_from(self) -> str | None:
        found = _SAVED_FROM.search(self.text, 0, 4000)
        return found[1] if found else None

    @cached_property
    def canonical(self) -> str | None:
        """The address that the page gives as its own."""
        if "canonical" not in self.text:
            return None
        link = self.tree.css_first('link[rel="canonical"]')
        return self.absolute(link.attributes.get("href")) if link else None

    def absolute(self, href: str | None) -> str | None:
        """Return an http(s) address for a link on this page, None for any other kind of link."""
        if not href:
            return None
        try:
            link = _CONTROL.sub("", href).strip()
            url = urljoin(self.url or self._saved_from or "https:", link)
            parts = urlsplit(url)
            whole = parts.hostname and parts.port != 0 and _HOST.fullmatch(parts.netloc)
        except ValueError:  # brackets that hold no address, a port that is no number
            return None
        return url if parts.scheme in ("http", "https") and whole else None

    def pictures(self, *addresses: str | None) -> tuple[Picture, ...]:
        """Return each address once, made absolute; what is no web address is left out."""
        found = dict.fromkeys(self.absolute(address) for address in addresses)
        return tuple(Picture(url=url) for url in found if url)

    def first(self, selector: str) -> str | None:
        """Return the text of the first element that fits and has text."""
        return next((text for node in self.tree.css(selector) if (text := words(node))), None)


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
    gone: bool = False
    """Whether the page says that the listing that was here is no more."""
    needs_browser: bool = False
    """Whether the page is empty because its scripts have not run."""


class Extractor(ABC):
    """Reads one kind of page. A file in ``crawlers/platforms`` with one such class.

    Pure: bytes, address and content type in, reading out; nothing on a page is ever evaluated.
    """

    name: ClassVar[str]
    order: ClassVar[int] = 50
    """Who is asked first: 10 block pages, 50 platforms, 90 generic markup."""
    site: ClassVar[str | None] = None
    """The platform whose pages these are; None where only the address tells."""
    promises: ClassVar[tuple[str, ...]] = ()
    """Fields of a listing that such a page always carries: without one of them it is partial."""

    @abstractmethod
    def claims(self, page: Page) -> bool:
        """Tell cheaply whether this extractor knows the page."""

    @abstractmethod
    def read(self, page: Page) -> Reading:
        """Return what is on the page; a field that is not on it is None.

        A listing whose title cannot be found has an empty one: :func:`crawlers.extract.extract`
        drops it and says so.

        Raises:
            Unreadable: the page is of this kind, but damaged.
        """


def clean(text: object) -> str | None:
    """Return text with white space as a browser shows it and no control characters; None if empty.

    Wide, zero-width and other odd spaces stay inside: a disguise is evidence.
    """
    if text is None or isinstance(text, bool | dict | list):
        return None
    return _CONTROL.sub("", _COLLAPSED.sub(" ", str(text))).strip() or None


def words(node: LexborNode | None) -> str | None:
    """Return an element's text."""
    return clean(node.text(deep=True)) if node is not None else None


def attribute(node: LexborNode | None, *names: str) -> str | None:
    """Return the first of an element's attributes that is there and not empty."""
    if node is None:
        return None
    found = node.attributes
    return next((text for name in names if (text := clean(found.get(name)))), None)


def host_of(url: str | None) -> str | None:
    """Return the host of an address, None if it has none."""
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
