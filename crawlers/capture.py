"""Every page and picture is kept in the vault as the very bytes that are then parsed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, cast

from scrapy import Request, signals
from scrapy.http import Response

from crawlers.circumstances import machine_session
from crawlers.conditional import ask_if_changed, confirmed
from crawlers.wire import exchanged
from evidence.canonical import canonical
from evidence.vault import Vault
from leads.model import Evidence

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.spider import SiteSpider


class Capture:
    """Downloader middleware, last to see a response: decompressed, redirects followed.

    The record travels in ``request.meta["evidence"]``. A vault that cannot be written is an error
    of the request, never a page without proof. Of a page that its server says is unchanged, the
    body kept before is the evidence, with the server's word for it (status 304).

    What is kept reaches the disk with what :mod:`crawlers.settling` settles.
    """

    def __init__(self, vault: Vault, crawler: Crawler) -> None:
        self.vault = vault
        self.crawler = crawler
        self._session: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the vault named in the settings."""
        capture = cls(Vault(crawler.settings["MARKWATCH_VAULT"], at_once=False), crawler)
        crawler.signals.connect(capture.opened, signals.spider_opened)
        return capture

    async def opened(self) -> None:
        """Note under what circumstances the crawl begins."""
        session = await asyncio.to_thread(machine_session, self.crawler)
        self._session = self.vault.put(canonical(session))

    def process_request(self, request: Request) -> None:
        """Ask for a known page only if it has changed."""
        ask_if_changed(request, cast("SiteSpider", self.crawler.spider).work.memory, self.vault)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the body and pass the response on."""
        same = confirmed(request, response)
        exchange, body = exchanged(request, response.body)
        kept = same[1] if same else response.body
        if body != kept:
            exchange = exchange.model_copy(update={"body": self.vault.put(body)})
        media_type = response.headers.get("Content-Type") or b"application/octet-stream"
        request.meta["evidence"] = self.vault.keep(
            kept,
            media_type=same[0].media_type if same else media_type.decode("latin-1"),
            url=response.url,
            captured_at=datetime.now(UTC),
            how="browser" if request.meta.get("playwright") else "http",
            status=response.status,
            headers=[
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, values in response.headers.items()
                for value in values
            ],
            peer=str(response.ip_address) if response.ip_address else None,
            exchange=exchange,
            session=self._session,
        )
        return response.replace(status=200, body=kept) if same else response


def evidence_of(response: Response) -> Evidence:
    """Return the record of a response's capture."""
    return cast(Evidence, response.meta["evidence"])
