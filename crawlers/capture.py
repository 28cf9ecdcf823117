"""Every page and picture is kept in the vault as the very bytes that are then parsed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, cast

from scrapy import Request, signals
from scrapy.http import Response

from crawlers.circumstances import machine_session
from crawlers.wire import exchanged
from evidence.canonical import canonical
from evidence.vault import Vault
from leads.model import Evidence

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


SYNC_EVERY = 5.0
"""Seconds of captures that a power cut may take; nothing else takes any."""


class Capture:
    """Downloader middleware, last to see a response: decompressed, redirects followed.

    The record travels in ``request.meta["evidence"]``. A vault that cannot be written is an error
    of the request, never a page without proof.
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
        crawler.signals.connect(capture.closed, signals.spider_closed)
        return capture

    async def opened(self) -> None:
        """Note under what circumstances the crawl begins; sync from time to time from then on."""
        self._syncing = asyncio.ensure_future(self._sync_again())
        session = await asyncio.to_thread(machine_session, self.crawler)
        self._session = self.vault.put(canonical(session))

    async def closed(self) -> None:
        """End with everything on the disk."""
        self._syncing.cancel()
        await asyncio.to_thread(self.vault.sync)

    async def _sync_again(self) -> None:
        while True:
            await asyncio.sleep(SYNC_EVERY)
            await asyncio.to_thread(self.vault.sync)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the body and pass the response on."""
        exchange, body = exchanged(request, response.body)
        if body != response.body:
            exchange = exchange.model_copy(update={"body": self.vault.put(body)})
        media_type = response.headers.get("Content-Type") or b"application/octet-stream"
        request.meta["evidence"] = self.vault.keep(
            response.body,
            media_type=media_type.decode("latin-1"),
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
        return response


def evidence_of(response: Response) -> Evidence:
    """Return the record of a response's capture."""
    return cast(Evidence, response.meta["evidence"])
