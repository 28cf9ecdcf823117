"""What papers say about a lead, its shop, its right and its captures, each fact in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from evidence.exhibit import Exhibit
from evidence.papers.blocks import Cell, Piece, marks, said
from evidence.papers.case import Case
from leads.beijing import told
from leads.model import FINDING_ZH, Hit, Lead, Listing, Price, Right, RightKind, Seller, Span

KIND_ZH = {
    RightKind.GI: "地理标志",
    RightKind.TRADEMARK: "注册商标",
    RightKind.SPECIAL_SIGN: "特殊标志、官方标志",
}
_SEVERAL = 5
"""Articles and names told in one cell."""

Rows = list[tuple[str, str | Cell | None]]


def number(case: Case) -> str | None:
    """Return the paper's own number, None where it has none yet."""
    return said(case.number) if case.number else None


def seller_of(lead: Lead) -> Seller:
    """Return the seller; an empty one where the page names none."""
    return lead.listing.seller or Seller()


def shop(lead: Lead) -> str:
    """Return how the shop is called: its name, else the firm, else its number."""
    seller = seller_of(lead)
    return said(seller.name or seller.company or seller.ref)


def findings(lead: Lead) -> str:
    """Return in what ways the lead touches the right, in Chinese."""
    return "、".join(dict.fromkeys(FINDING_ZH[hit.finding] for hit in lead.hits))


def about(case: Case, lead: Lead) -> Rows:
    """Return everything about a lead that a recipient must know."""
    return [
        ("线索编号", lead.id),
        ("发现时间", f"{told(lead.found_at)}（北京时间）"),
        *_offer(case, lead),
        *_firm(lead),
        *_right(lead, case.rights.get(lead.right)),
        ("疑似情形", findings(lead)),
        ("可能适用的条款", provisions(lead.hits)),
        ("应先排除的情形", defences(lead.hits)),
        ("证据编号", numbers(case, lead)),
    ]


def site(case: Case, listing: Listing) -> str:
    """Return how the site is called, and whether it is a fair."""
    name = case.sites.get(listing.site or "", listing.site or "")
    return f"{name}（展品）" if listing.kind == "exhibit" else name


def _offer(case: Case, lead: Lead) -> Rows:
    listing = lead.listing
    title = [span for hit in lead.hits for span in hit.spans if span.field == "title"]
    return [
        ("平台", site(case, listing)),
        ("商品名称", Cell(marks(listing.title, title))),
        ("商品编号", listing.ref),
        ("网址", Cell(marks(listing.url, ()), code=True) if listing.url else None),
        ("标价", price(listing.price)),
        ("页面所示销量", sold(listing)),
        ("采集时间", told(listing.captured_at) if listing.captured_at else None),
    ]


def _firm(lead: Lead) -> Rows:
    listing, seller = lead.listing, seller_of(lead)
    return [
        (
            "店铺",
            " ".join(filter(None, (seller.name, f"（编号 {seller.ref}）" * bool(seller.ref)))),
        ),
        ("亮照主体", seller.company),
        ("统一社会信用代码", seller.uscc),
        ("经营地", seller.location),
        ("厂址", listing.factory),
        ("发货地", listing.ships_from),
        ("产地", listing.origin),
    ]


def _right(lead: Lead, right: Right | None) -> Rows:
    if right is None:
        return [("涉及权利", lead.right_name), ("权利人", None)]
    return [
        ("涉及权利", f"{KIND_ZH[right.kind]}“{said(right.name)}”" + unverified(right.verified)),
        ("登记（公告）号", registered(right)),
        ("核定类别", "、".join(map(str, right.classes))),
        ("权利人", right.holder),
        ("有效期", validity(right, lead.law_day)),
    ]


def registered(right: Right) -> str:
    """Return the numbers under which a right is registered; empty where none is known."""
    return "、".join(dict.fromkeys(mark.number for mark in right.marks if mark.number))


def validity(right: Right, day: date) -> str | None:
    """Return from when to when a right is in force, and whether it is on ``day``."""
    if right.valid_from is None and right.valid_to is None:
        return None
    force = "在有效期内" if right.in_force(day) else "不在有效期内，请核对"
    return f"{right.valid_from or '未载明'} 至 {right.valid_to or '未载明'}（{day} {force}）"


def unverified(verified: bool) -> str:
    """Return what stands behind a fact nobody has compared with the source."""
    return "" if verified else "（未核对）"


def price(of: Price | None) -> str | None:
    """Return a price: 19.90 元."""
    if of is None:
        return None
    unit = "元" if of.currency == "CNY" else of.currency
    low, high = f"{of.min:.2f}", f"{of.max:.2f}"
    return f"{low} {unit}" if low == high else f"{low} 至 {high} {unit}"


def sold(listing: Listing) -> str | None:
    """Return the public number of sales in the page's words."""
    if listing.sold is None:
        return None
    count = listing.sold.count
    return listing.sold.text or (str(count) if count is not None else None)


def provisions(hits: Iterable[Hit]) -> str:
    """Return the articles hits may rest on, the first few."""
    texts = [p.article + unverified(p.verified) for hit in hits for p in hit.provisions]
    return _first(texts) or "由办案机关判断"


def defences(hits: Iterable[Hit]) -> str:
    """Return what must be ruled out first."""
    return _first([str(defence) for hit in hits for defence in hit.defences]) or "未发现"


def _first(texts: Sequence[str]) -> str:
    different = list(dict.fromkeys(texts))
    more = f"等 {len(different)} 项" if len(different) > _SEVERAL else ""
    return "；".join(different[:_SEVERAL]) + more


def of_lead(case: Case, lead: Lead) -> list[Exhibit]:
    """Return the captured files of a lead."""
    return [exhibit for exhibit in case.exhibits if exhibit.lead == lead.id]


def numbers(case: Case, lead: Lead) -> str:
    """Return the numbers of a lead's captured files: E001 至 E004."""
    found = [exhibit.number for exhibit in of_lead(case, lead)]
    if not found:
        return "无"
    return found[0] if len(found) == 1 else f"{found[0]} 至 {found[-1]}（共 {len(found)} 件）"


def digests(exhibit: Exhibit) -> Cell:
    """Return both digests of a captured file, each on a line of its own."""
    record = exhibit.record
    return Cell((Piece(f"SHA-256\n{record.sha256}\nSM3\n{record.sm3}"),), code=True)


def field_text(listing: Listing, field: str) -> str | None:
    """Return the text a span speaks of; None where the listing has no such field."""
    name, _, part = field.partition(".")
    seller = listing.seller or Seller()
    if name in {"attributes", "category"}:
        texts = (
            listing.category if name == "category" else [value for _, value in listing.attributes]
        )
        return next((text for at, text in enumerate(texts) if str(at) == part), None)
    return {
        "title": listing.title,
        "description": listing.description,
        "brand": listing.brand,
        "origin": listing.origin,
        "factory": listing.factory,
        "seller.name": seller.name,
        "seller.company": seller.company,
    }.get(field)


def spans_by_field(hits: Iterable[Hit]) -> dict[str, list[Span]]:
    """Return the spans of hits by the field they stand in, in order of first mention."""
    found: dict[str, list[Span]] = {}
    for hit in hits:
        for span in hit.spans:
            found.setdefault(span.field, []).append(span)
    return found
