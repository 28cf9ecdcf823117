"""What two officers do and see in the browser, as it is noted and kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawlers.egress import Egress
from evidence.vault import Vault
from leads.beijing import told
from leads.model import Evidence, Exchange

if TYPE_CHECKING:
    from playwright.async_api import Response

_LONGEST = 2000
"""Characters of an address."""
_MOST = 5000
"""Requests that are noted."""


class Notebook:
    """The notes of one visit."""

    def __init__(self, vault: Vault, egress: Egress) -> None:
        self.vault = vault
        self.egress = egress
        self.session = ""
        """SHA-256 of the session's record, in the vault."""
        self.steps: list[str] = []
        """Time and what was done, in Chinese."""
        self.files: list[tuple[str, str, str]] = []
        """Role, name in Chinese and id of the capture."""
        self._requests: list[dict[str, object]] = []

    def step(self, what: str) -> None:
        """Note what was done or seen."""
        self.steps.append(f"{told(datetime.now(UTC))}　{what}")

    def heard(self, response: Response) -> None:
        """Note a request of the page, and how it was answered."""
        asked = response.request
        before = asked.redirected_from
        if len(self._requests) < _MOST:
            self._requests.append(
                {
                    "method": asked.method,
                    "url": asked.url[:_LONGEST],
                    "kind": asked.resource_type,
                    "status": response.status,
                    "redirected_from": before.url[:_LONGEST] if before else None,
                    "peer": self._peer(asked.url),
                }
            )

    def keep(
        self,
        role: str,
        name: str,
        body: bytes,
        media_type: str,
        url: str,
        *,
        status: int | None = None,
        headers: Sequence[tuple[str, str]] = (),
        exchange: Exchange | None = None,
    ) -> Evidence:
        """Keep a file in the vault.

        Raises:
            VaultError: it cannot be kept.
        """
        evidence = self.vault.keep(
            body,
            media_type=media_type,
            captured_at=datetime.now(UTC),
            how="browser",
            url=url,
            status=status,
            headers=headers,
            peer=self._peer(url),
            exchange=exchange,
            session=self.session,
        )
        self.files.append((role, name, evidence.id))
        return evidence

    def close(self, url: str) -> None:
        """Keep the notes themselves: steps, requests, and what the wall did not let through."""
        whole = {
            "schema": 1,
            "steps": self.steps,
            "requests": self._requests,
            "denied": self.egress.denied[:_MOST],
        }
        body = json.dumps(whole, ensure_ascii=False, indent=1).encode(errors="replace")
        self.keep("steps", "操作和网络访问记录", body, "application/json", url)

    def _peer(self, url: str) -> str | None:
        """Return the address that was reached; the browser itself only knows the wall's."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return self.egress.peers.get(f"{parts.hostname}:{port}")
