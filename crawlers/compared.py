"""A listing seen again, held against the page from which it was read the first time."""

from __future__ import annotations

from crawlers.extract import extract
from crawlers.page import Page, Reading
from evidence.recapture import differences
from evidence.vault import Vault
from leads.model import Door, Listing, Verdict


def first_on_page(listing: Listing, site: str, vault: Vault) -> tuple[Listing, Door | None]:
    """Return the listing as its first captured page alone has it, and how that page was read.

    What a lead knows from other pages (a result list, the shop) cannot vanish from this one.

    Raises:
        VaultError: the first capture is missing or damaged.
    """
    if listing.capture is None:
        return listing, None
    record = vault.record(listing.capture)
    page = Page(vault.bytes(record), record.url, record.media_type)
    on_page = same(listing, extract(page, site=site))
    if on_page is None:
        return listing, record.how
    known = {picture.url: picture.sha256 for picture in listing.pictures}
    pictures = tuple(
        picture.model_copy(update={"sha256": known.get(picture.url)})
        for picture in on_page.pictures
    )
    return on_page.model_copy(update={"pictures": pictures}), record.how


def same(listing: Listing, reading: Reading) -> Listing | None:
    """Return what a page says of ``listing``, told by its number, else of the only one there."""
    by_ref = [one for one in reading.listings if one.ref and one.ref == listing.ref]
    if by_ref:
        return by_ref[0]
    return reading.listings[0] if len(reading.listings) == 1 else None


def changes(
    first: Listing, door: Door | None, again: Listing | None, reading: Reading
) -> tuple[str, ...]:
    """Return what differs from the first capture, in Chinese; nothing where nothing does."""
    if again is None and reading.verdict is Verdict.BLOCKED:
        return (f"网页要求登录或验证，未能看到商品信息：{reading.reason}",)
    if again is None:
        return (f"商品信息已不能读取：{reading.reason or '网页上没有该商品'}",)
    found = differences(first, again)
    if found and door == "http":
        return (*found, "首次为直接访问，本次用浏览器访问，脚本载入的内容只在本次可见。")
    return found
