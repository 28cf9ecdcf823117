"""What two officers saw when they opened a listing again, and what had changed since.

The browser is driven elsewhere (:mod:`crawlers.officers`); here is the record of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Annotated

from pydantic import Field, ValidationError

from evidence.canonical import canonical
from evidence.vault import Vault, VaultError
from leads.model import Listing, Moment, Picture, Record, Seller, Verdict

_LEAD = re.compile(r"L[0-9a-f]{12}")


class Recapture(Record):
    """One re-capture of a lead's listing; a page that is blocked or gone is a result as well."""

    lead: str
    began: Moment
    ended: Moment
    officers: Annotated[tuple[str, ...], Field(min_length=2)]
    url: str
    """The address that was opened."""
    verdict: Verdict
    reason: str | None = None
    """Why the listing could not be read, in Chinese."""
    session: str
    """SHA-256 of the :class:`leads.model.Session` record, in the vault."""
    steps: tuple[str, ...]
    """What was done and seen, in order, in Chinese."""
    files: tuple[tuple[str, str, str], ...] = ()
    """Role, name in Chinese and id of the capture of each file."""
    listing: Listing | None = None
    """What the page then said; None where it could not be read."""
    changes: tuple[str, ...] = ()
    """What differs from the first capture, in Chinese."""


def keep(vault: Vault, record: Recapture) -> None:
    """Keep a re-capture and note it in the custody log.

    Raises:
        VaultError: it cannot be written.
    """
    body = canonical(record)
    folder = vault.root / "recaptures" / _checked(record.lead)
    for number in count(1):
        if vault.write_once(folder / f"{number:03}.json", body):
            break
    vault.note(
        "recaptured", lead=record.lead, number=number, sha256=vault.put(body), by=record.officers
    )


def recaptures(vault: Vault, lead: str) -> list[Recapture]:
    """Return the re-captures of a lead, oldest first.

    Raises:
        VaultError: one of them is damaged.
    """
    return list(_read(vault, lead))


def _read(vault: Vault, lead: str) -> Iterator[Recapture]:
    for path in sorted((vault.root / "recaptures" / _checked(lead)).glob("*.json")):
        try:
            yield Recapture.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as broken:
            raise VaultError(f"复核固证记录已损坏：{path}") from broken


def _checked(lead: str) -> str:
    if not _LEAD.fullmatch(lead):
        raise VaultError(f"线索编号不合规则：{lead[:80]!r}")
    return lead


def differences(first: Listing, again: Listing) -> tuple[str, ...]:
    """Return what changed, vanished or came up between two captures of a listing, in Chinese."""
    pairs = [
        ("商品编号", first.ref, again.ref),
        ("标题", first.title, again.title),
        ("标价", _price(first), _price(again)),
        ("品牌", first.brand, again.brand),
        ("产地", first.origin, again.origin),
        ("发货地", first.ships_from, again.ships_from),
        ("厂址", first.factory, again.factory),
        ("商品描述", first.description, again.description),
        *_seller(first.seller or Seller(), again.seller or Seller()),
        *_attributes(first, again),
    ]
    told = [_told(name, before, after) for name, before, after in pairs if before != after]
    return (*told, *_pictures(first.pictures, again.pictures))


def _price(listing: Listing) -> str | None:
    price = listing.price
    return f"{price.min} 至 {price.max} {price.currency}" if price else None


def _seller(first: Seller, again: Seller) -> Iterator[tuple[str, str | None, str | None]]:
    yield "店铺", first.name, again.name
    # A shop's licence is a page of its own, which is not opened again.
    if again.company or again.uscc:
        yield "企业名称", first.company, again.company
        yield "统一社会信用代码", first.uscc, again.uscc


def _attributes(first: Listing, again: Listing) -> Iterator[tuple[str, str | None, str | None]]:
    before, after = dict(first.attributes), dict(again.attributes)
    for name in dict.fromkeys([*before, *after]):
        yield f"参数“{name}”", before.get(name), after.get(name)


def _told(name: str, before: str | None, after: str | None) -> str:
    return f"{name}：首次采集时{_seen(before)}，本次{_seen(after)}"


def _seen(text: str | None) -> str:
    return "未见" if text is None else f"为“{_short(text)}”"


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}……"


def _pictures(first: tuple[Picture, ...], again: tuple[Picture, ...]) -> Iterator[str]:
    """Compare by content; a picture that could not be fetched is compared with none."""
    before = {picture.sha256 for picture in first} - {None}
    after = {picture.sha256 for picture in again} - {None}
    if gone := before - after:
        yield f"图片：首次采集的 {len(gone)} 张本次未见或已更换"
    if fresh := after - before:
        yield f"图片：本次有 {len(fresh)} 张首次采集时未见"
