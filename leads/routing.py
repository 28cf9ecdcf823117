"""Who may act on a lead: a ranked list with reasons, never one guess.

A shop on a platform belongs to where it really does business; the platform's own authority may
act too where it found the matter first (市场监督管理投诉举报处理暂行办法 art. 27). Who files first
keeps the case (行政处罚法 art. 25).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from leads.desk import Desk, Threshold
from leads.model import Bureau, Lead, Listing, Route, Seller
from leads.recipients import Recipient, RecipientKind, of_bureau, of_holder
from leads.registry import Registry

# 杭州 begins 杭州市…, 杭州某某有限公司 and is the whole of 杭州; 长春路 is a street anywhere.
_CITY = r"(?:(?:市|地区|州|盟|县|$)|(?=.*(?:公司|厂|合作社|店|行|部|中心)$))"

_CODE = re.compile(r"[1-8][0-9]{5}")
_REGIONAL = (RecipientKind.PROVINCE, RecipientKind.SUPERIOR)
_REASONS = ("卖家所在地", "经营主体名称", "统一社会信用代码登记地", "厂址", "发货地", "产地")
"""What a place is, from the strongest ground of jurisdiction to the weakest."""


class Place(NamedTuple):
    """A place a listing states, and what that says about it."""

    text: str
    reason: str


class Suggestion(NamedTuple):
    """A recipient and why; the first reason is the strongest."""

    recipient: Recipient
    reasons: tuple[str, ...]


def routes(listing: Listing, right: str, registry: Registry) -> tuple[Route, ...]:
    """Return the own province's bureaus that may be competent, each once, the most certain first.

    Where the seller does business decides before where the firm is registered, then where goods
    are made, sent from or said to come from; the bureau in charge of the right comes last.
    """
    found: dict[str, list[str]] = {}
    for place in _places(listing):
        if bureau := _bureau(place.text, registry):
            found.setdefault(bureau.code, []).append(f"{place.reason}“{place.text}”")
    known = registry.rights.get(right)
    if known and known.bureau:
        found.setdefault(known.bureau, []).append("该权利的主管市局")
    return tuple(Route(bureau=code, reason="；".join(why)) for code, why in found.items())


def suggestions(leads: Sequence[Lead], registry: Registry, day: date) -> tuple[Suggestion, ...]:
    """Return everyone who may receive ``leads`` of one seller, the most certain first.

    Args:
        leads: leads that would leave together.
        registry: bureaus and what the desk knows.
        day: agreements and thresholds in force on it count.
    """
    found: dict[str, tuple[Recipient, list[str]]] = {}
    for recipient, reason in _ranked(leads, registry, day):
        found.setdefault(recipient.id, (recipient, []))[1].append(reason)
    return tuple(
        Suggestion(recipient, tuple(dict.fromkeys(reasons)))
        for recipient, reasons in found.values()
    )


Reasoned = tuple[Recipient, str]


def _ranked(leads: Sequence[Lead], registry: Registry, day: date) -> Iterator[Reasoned]:
    desk = registry.desk
    listings = [lead.listing for lead in leads]
    by_place = list(_by_place(listings, registry, day))
    yield from by_place
    if not by_place and desk.own:
        yield desk.own, "经营地不明，先由本机关核查落地"
    for lead in leads:
        known = registry.rights.get(lead.right)
        bureau = registry.bureaus.get(known.bureau) if known and known.bureau else None
        if known and bureau:
            yield of_bureau(bureau), f"“{known.name}”的主管市局"
    yield from _departments(leads, desk)
    yield from _police(leads, desk, day)
    yield from _platforms(listings, registry)
    for lead in leads:
        known = registry.rights.get(lead.right)
        holder = of_holder(known) if known else None
        if holder and known:
            yield holder, f"“{known.name}”的权利人，可请其辨认"


def _by_place(listings: Sequence[Listing], registry: Registry, day: date) -> Iterator[Reasoned]:
    stated = (place for listing in listings for place in _places(listing))
    # Where any of the shops says it is comes before what is known of the next.
    for place in sorted(stated, key=lambda place: _REASONS.index(place.reason)):
        if found := of_place(place.text, registry):
            yield found, f"{place.reason}“{place.text}”{_together(found, registry.desk, day)}"


def of_place(place: str, registry: Registry) -> Recipient | None:
    """Return the market regulator of a place as written, or of a GB/T 2260 code, else None."""
    bureau = _bureau(place, registry)
    if bureau:
        return of_bureau(bureau)
    regional = [one for one in registry.desk.recipients.values() if one.kind in _REGIONAL]
    if _CODE.fullmatch(place):
        return next((one for one in regional if one.code and one.code[:2] == place[:2]), None)
    for part in re.split(r"\W+", place):
        if found := next((one for one in regional if _names(one, part)), None):
            return found
    return None


def _bureau(place: str, registry: Registry) -> Bureau | None:
    if _CODE.fullmatch(place):
        return registry.bureaus.get(f"{place[:4]}00")
    return registry.bureau_of(place)


def _names(recipient: Recipient, part: str) -> bool:
    if recipient.place and part.startswith(recipient.place):
        return True
    return any(re.match(re.escape(city) + _CITY, part) for city in recipient.cities)


def _places(listing: Listing) -> Iterator[Place]:
    seller = listing.seller or Seller()
    stated = (
        seller.location,
        seller.company,
        _area(seller.uscc),
        listing.factory,
        listing.ships_from,
        listing.origin,
    )
    return (Place(text, reason) for text, reason in zip(stated, _REASONS, strict=True) if text)


def _area(uscc: str | None) -> str | None:
    """Return characters 3 to 8 of a credit code, the area of registration (GB 32100-2015)."""
    area = uscc[2:8] if uscc and len(uscc) == 18 else ""
    return area if _CODE.fullmatch(area) else None


def _together(recipient: Recipient, desk: Desk, day: date) -> str:
    """Return the agreements both the own province and the recipient's are in, for a reason."""
    if recipient.kind is not RecipientKind.PROVINCE or desk.own is None:
        return ""
    shared = [
        group.name + ("" if group.verified else "（协议待核对）")
        for group in desk.groups.values()
        if group.in_force(day) and {desk.own.code, recipient.code} <= set(group.members)
    ]
    return f"；同属{'、'.join(shared)}" if shared else ""


def _departments(leads: Iterable[Lead], desk: Desk) -> Iterator[Reasoned]:
    findings = {hit.finding for lead in leads for hit in lead.hits}
    for one in desk.of_kind(RecipientKind.DEPARTMENT):
        if findings & set(one.findings):
            yield one, "涉及该部门主管的商品"


class Estimate(NamedTuple):
    """Price times public sales, of leads a threshold speaks to; a lower bound, never an amount."""

    yuan: Decimal
    counted: int
    """Leads of which both price and sales are public."""
    of: int
    """Leads there are."""


def estimate(leads: Iterable[Lead], threshold: Threshold) -> Estimate:
    """Return the lowest price times the public number of sales, summed over fitting leads."""
    fitting = {
        lead.listing.key: lead.listing
        for lead in leads
        if any(hit.finding in threshold.findings for hit in lead.hits)
    }.values()
    amounts = [
        listing.price.min * listing.sold.count
        for listing in fitting
        if listing.price and listing.price.currency == "CNY"
        if listing.sold and listing.sold.count is not None
    ]
    return Estimate(sum(amounts, Decimal(0)), len(amounts), len(fitting))


def _police(leads: Sequence[Lead], desk: Desk, day: date) -> Iterator[Reasoned]:
    for threshold in desk.thresholds.values():
        found = estimate(leads, threshold)
        if not threshold.in_force(day) or found.yuan < threshold.amount * Decimal(
            str(threshold.warn)
        ):
            continue
        reason = _amount(found, threshold)
        for one in desk.of_kind(RecipientKind.POLICE):
            yield one, reason
        for one in desk.of_kind(RecipientKind.PROCURATOR):
            yield one, "移送公安机关的，同时抄送"


def _amount(found: Estimate, threshold: Threshold) -> str:
    reached = "达到" if found.yuan >= threshold.amount else "接近"
    unchecked = "" if threshold.verified else "（标准待核对）"
    return (
        f"按公开标价和销量估算 {found.yuan:.2f} 元（估算，须核实；"
        f"{found.of} 条中 {found.counted} 条可估），{reached}{threshold.crime}"
        f"{threshold.measure}标准 {threshold.amount} 元：{threshold.article}{unchecked}"
    )


def _platforms(listings: Iterable[Listing], registry: Registry) -> Iterator[Reasoned]:
    sites = dict.fromkeys(listing.site for listing in listings if listing.site)
    for one in registry.desk.of_kind(RecipientKind.PLATFORM):
        if not set(one.sites) & set(sites):
            continue
        yield one, "商品所在平台，可通知其采取必要措施"
        seat = of_place(one.place, registry) if one.place else None
        if seat:
            yield seat, f"平台住所地“{one.place}”，先行发现的也可以管辖"


def kinds(registry: Registry) -> dict[str, RecipientKind]:
    """Return the kind of every recipient a lead can be handed to, by id."""
    return {
        **{one.id: one.kind for one in registry.desk.recipients.values()},
        **dict.fromkeys(registry.bureaus, RecipientKind.BUREAU),
        **{f"holder-{right}": RecipientKind.HOLDER for right in registry.rights},
    }
