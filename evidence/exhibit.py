"""The captured files that prove a lead, each under a number and a name of its role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evidence.recapture import recaptures
from evidence.vault import Vault, VaultError
from leads.model import Evidence, Lead, Listing, Picture

_PICTURE = re.compile(
    rb"(?P<jpg>\xff\xd8\xff)|(?P<png>\x89PNG\r\n\x1a\n)|(?P<gif>GIF8)|(?P<bmp>BM)"
    rb"|(?P<webp>RIFF.{4}WEBP)|(?P<avif>.{4}ftypavi[fs])",
    re.DOTALL,
)
_FIXED = {"mhtml": "mhtml", "steps": "json"}
"""Endings of what the browser itself has written."""


def picture_type(body: bytes) -> str | None:
    """Return the usual ending of a picture by its first bytes; None for SVG, TIFF, HTML and all."""
    found = _PICTURE.match(body)
    return found.lastgroup if found else None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One captured file in a packet."""

    number: str
    """``E001`` and on."""
    role: str
    """``page`` or ``picture``; of a re-capture ``screenshot``, ``mhtml``, ``dom`` or ``steps``."""
    name: str
    """What it is, in Chinese."""
    record: Evidence
    body: bytes
    lead: str
    """Id of the lead it proves."""

    @property
    def folder(self) -> str:
        """Its folder in the packet's payload."""
        return f"evidence/{self.number}"

    @property
    def file(self) -> str:
        """Name in the payload: from number and role, the ending from a fixed list."""
        stem = "page" if self.role == "mhtml" else self.role
        return f"{self.folder}/{stem}.{self._ending()}"

    @property
    def record_file(self) -> str:
        """Name of the capture's record in the payload."""
        return f"{self.folder}/capture.json"

    def _ending(self) -> str:
        # A page stays .bin: opened as .html it would run what the shop put into it.
        if self.role in ("picture", "screenshot"):
            return picture_type(self.body) or "bin"
        return _FIXED.get(self.role, "bin")


def exhibits(leads: Iterable[Lead], vault: Vault) -> list[Exhibit]:
    """Return what proves the leads, verified: page, pictures, and every re-capture by officers.

    Raises:
        VaultError: a listing has no capture, or a file or record is missing or damaged.
    """
    found = [(lead.id, *one) for lead in leads for one in _captures(lead, vault)]
    return [
        Exhibit(f"E{number:03}", role, name, record, vault.bytes(record), lead)
        for number, (lead, role, name, record) in enumerate(found, 1)
    ]


def _captures(lead: Lead, vault: Vault) -> Iterator[tuple[str, str, Evidence]]:
    listing = lead.listing
    if listing.capture is None:
        raise VaultError("商品没有采集记录，无从证明")
    yield "page", "商品所在网页（原始字节）", vault.record(listing.capture)
    for number, picture in enumerate(listing.pictures, 1):
        if picture.sha256:
            yield "picture", f"商品图片 {number}", _picture(picture, listing, vault)
    for number, again in enumerate(recaptures(vault, lead.id), 1):
        for role, name, capture in again.files:
            yield role, f"第 {number} 次复核固证：{name}", vault.record(capture)


def _picture(picture: Picture, listing: Listing, vault: Vault) -> Evidence:
    """Return the capture of these bytes from this address that is nearest to the page's."""
    records = vault.records(picture.sha256 or "")
    if not records:
        raise VaultError(f"图片没有采集记录：{picture.sha256}")

    def distance(record: Evidence) -> tuple[bool, float]:
        apart = listing.captured_at and abs(record.captured_at - listing.captured_at)
        return record.url != picture.url, apart.total_seconds() if apart else 0.0

    return min(records, key=distance)
