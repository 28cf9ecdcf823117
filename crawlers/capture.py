"""Every page and picture is kept in the vault as the very bytes that are then parsed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, cast

from scrapy import Request
from scrapy.http import Response

from evidence.vault import Vault
from leads.model import Evidence

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Capture:
    """Downloader middleware, last to see a response: decompressed, redirects followed.

    The record travels in ``request.meta["evidence"]``. A vault that cannot be written is an error
    of the request, never a page without proof.
    """

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the vault named in the settings."""
        return cls(Vault(crawler.settings["MARKWATCH_VAULT"]))

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the body and pass the response on."""
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
        )
        return response


def evidence_of(response: Response) -> Evidence:
    """Return the record of a response's capture."""
    return cast(Evidence, response.meta["evidence"])
