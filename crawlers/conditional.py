"""A known page is asked for only if it has changed; what is unchanged is read from the vault.

RFC 9110, 13.1 and 15.4.5. Unlike Scrapy's cache, which would answer without asking, nothing is ever
taken for fresh: the server itself confirms, today, the very body that was kept.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from crawlers.frontier import TASK
from evidence.vault import Vault, VaultError
from leads.ledger import ITEM, Page
from leads.ledger.memory import Memory

_KNOWN = "markwatch_known"
"""Where the page and its body wait in ``request.meta`` for the server to confirm them."""


def ask_if_changed(request: Request, memory: Memory, vault: Vault) -> None:
    """Make a request for a listing's page conditional, if the page is known and its body intact."""
    request.meta.pop(_KNOWN, None)  # of the address that a redirect came from
    for header in ("If-None-Match", "If-Modified-Since"):
        request.headers.pop(header, None)
    if not request.meta.get(TASK, "").startswith(ITEM):
        return
    page = memory.page(request.url)
    if page is None:
        return
    try:
        request.meta[_KNOWN] = page, vault.bytes(page.sha256)
    except VaultError:
        return
    if page.etag:
        request.headers["If-None-Match"] = page.etag
    if page.modified:
        request.headers["If-Modified-Since"] = page.modified


def confirmed(request: Request, response: Response) -> tuple[Page, bytes] | None:
    """Return the page and the body that a server says are unchanged, or None."""
    known: tuple[Page, bytes] | None = request.meta.pop(_KNOWN, None)
    return known if response.status == 304 else None


def page_of(response: Response, sha256: str, media_type: str) -> Page | None:
    """Return how to ask for a page again, or None if its server gives no means to."""
    etag, modified = _header(response, "ETag"), _header(response, "Last-Modified")
    if not (etag or modified) or "no-store" in (_header(response, "Cache-Control") or ""):
        return None
    return Page(response.url, etag, modified, sha256, media_type)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
