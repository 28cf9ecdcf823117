"""Makes one offer or exhibit out of a case, a firm and a source of chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Literal

from leads.model import Finding, Listing, Picture, Price, Sold
from practice.case import Case, Door, Shape
from practice.firms import PLACES, Firm
from practice.goods import GOODS, MAKERS, Goods
from practice.photos import HOLDERS, PLACEHOLDER, SHARED
from practice.pictures import Drawing
from practice.truth import Truth

_SHARED_STEMS = {drawing: stem for stem, drawing in SHARED.items()}
_KNOWN = {*SHARED.values(), *HOLDERS.values(), PLACEHOLDER}
"""Pictures that are the same wherever they are shown."""
_LETTERED = 0.35
"""Share of ordinary offers whose pack bears its maker's name."""


@dataclass(frozen=True)
class Offer:
    """One listing as its seller published it, and how the market shows it.

    ``listing`` holds all there is; a shape shows what such a page shows. Addresses are paths.
    """

    listing: Listing
    shape: Shape
    door: Door
    firm: Firm
    drawings: tuple[Drawing, ...]
    """What the listing's pictures show, in their order."""
    case: Case | None
    """None for an ordinary offer."""

    @property
    def ref(self) -> str:
        """The market's number of the listing."""
        return self.listing.ref or ""

    def truth(self) -> Truth | None:
        """Return what is true of it, None where no watched right is near."""
        case = self.case
        if case is None or not (case.misuse or case.decoy or case.pseudo):
            return None
        rights: dict[str, frozenset[Finding]] = {}
        for right, finding in case.misuse:
            rights[right] = rights.get(right, frozenset()) | {finding}
        site = self.listing.site or ""
        return Truth(site, self.ref, rights, case.why, case.needs, case.decoy)


def ordinary(goods: str) -> Case:
    """Return the case of an offer near no watched right."""
    return Case(goods, ("{maker}{adj}{noun}{size} {tail}", "{adj}{noun} {size}{tail}"), "")


@dataclass(frozen=True)
class Slot:
    """Where an offer stands: its site, number and addresses."""

    site: str
    ref: str
    kind: Literal["offer", "exhibit"]
    seller_ref: str
    seller_url: str
    pictures: str
    """Folder of the site's pictures."""


def make(case: Case | None, goods_key: str, slot: Slot, firm: Firm, rng: Random) -> Offer:
    """Make the offer; the same chance gives the same offer."""
    scene = case or ordinary(goods_key)
    goods = GOODS[scene.goods]
    words = {
        "maker": rng.choice(MAKERS),
        "noun": rng.choice(goods.nouns),
        "adj": rng.choice(goods.adjectives),
        "size": rng.choice(goods.sizes),
        "tail": rng.choice(goods.tails),
    }
    title = rng.choice(scene.titles).format(**words)
    shape = rng.choice(scene.shapes)
    facts = dict(_facts(scene, goods, words, case is None, rng))
    drawings = _drawings(scene, goods, slot, words, rng)
    listing = Listing(
        site=slot.site,
        ref=slot.ref,
        url=_address(shape, slot),
        kind=slot.kind,
        title=title,
        description=scene.description,
        attributes=tuple(facts.items()),
        brand=facts.get("品牌"),
        price=_price(goods, rng, ranged=shape in (Shape.TAOBAO, Shape.STORE)),
        sold=_sold(rng),
        seller=firm.seller(slot.seller_ref, slot.seller_url),
        origin=facts.get("产地"),
        ships_from=facts.get("发货地"),
        factory=facts.get("厂址"),
        category=goods.category,
        pictures=tuple(
            Picture(url=_picture_address(drawing, number, slot))
            for number, drawing in enumerate(drawings)
        ),
        pseudo=scene.pseudo,
    )
    return Offer(listing, shape, scene.door, firm, drawings, case)


def _facts(
    scene: Case, goods: Goods, words: dict[str, str], free: bool, rng: Random
) -> Iterator[tuple[str, str]]:
    """Yield the attributes; places only of ordinary goods, or where the scene names them."""
    if scene.brand is not None:
        yield "品牌", scene.brand or words["maker"]
    place = rng.choice(PLACES)
    if free and rng.random() < 0.7:
        yield "产地", f"{place.province}{place.city}"
    yield "规格", words["size"]
    for name, choices in goods.facts:
        yield name, rng.choice(choices)
    if free and rng.random() < 0.4:
        yield "厂址", f"{place.province}{place.city}{place.county}演练路{rng.randrange(1, 400)}号"
    yield from scene.facts.items()


def _drawings(
    scene: Case, goods: Goods, slot: Slot, words: dict[str, str], rng: Random
) -> tuple[Drawing, ...]:
    own = [
        Drawing(goods.pack, f"{rng.random()}/{slot.ref}/{number}")
        for number in range(rng.choice((1, 1, 2)))
    ]
    if scene.brand == "" and rng.random() < _LETTERED:
        own[0] = replace(own[0], words=(words["maker"], words["noun"]))
    if scene.picture:
        own[0] = scene.picture
        if scene.picture not in _KNOWN and not scene.picture.treatment:
            own[0] = replace(scene.picture, key=f"{scene.picture.key}/{slot.ref}")
    return tuple(own)


def _address(shape: Shape, slot: Slot) -> str:
    if slot.kind == "exhibit":
        return f"{slot.seller_url}#exhibit-{slot.ref}"
    if shape is Shape.JD:
        return f"/market/item/{slot.ref}.html"
    if shape in (Shape.TAOBAO, Shape.TMALL):
        return f"/market/item.htm?id={slot.ref}"
    return f"/market/goods/{slot.ref}"


def _picture_address(drawing: Drawing, number: int, slot: Slot) -> str:
    stem = _SHARED_STEMS.get(drawing)
    return f"{slot.pictures}{f'shared/{stem}' if stem else f'{slot.ref}_{number}'}.jpg"


def _price(goods: Goods, rng: Random, *, ranged: bool) -> Price:
    low = Decimal(rng.randint(goods.price[0] * 10, goods.price[1] * 10)) / 10
    high = low * rng.choice((1, 1, 2, 3)) if ranged else low
    return Price(min=low.quantize(Decimal("0.01")), max=high.quantize(Decimal("0.01")))


def _sold(rng: Random) -> Sold:
    count = rng.choice((0, 3, rng.randrange(10, 100), rng.randrange(100, 5000)))
    return Sold(count=count, text=f"{count}人付款")
