"""The texts of a listing, each under the name that spans give it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

from leads.model import Listing, Span
from matchers.text.normalise import Plain, normalise


class Text(NamedTuple):
    """One text of a listing; ``key`` is the name of the attribute it is the value of, else ""."""

    field: str
    key: str
    plain: Plain

    def cut(self, start: int, end: int) -> Span:
        """Return the span behind the folded characters ``[start, end)``."""
        first, last = self.plain.span(start, end)
        return Span(field=self.field, start=first, end=last, text=self.plain.raw[first:last])


FIELD_ZH = {
    "title": "标题",
    "brand": "品牌",
    "origin": "产地",
    "description": "描述",
    "seller.name": "店铺名称",
    "seller.company": "企业名称",
}


IN_PICTURE = "图片文字"
"""Stands as an attribute's name for a line that was read in a picture."""


def in_words(text: Text) -> str:
    """Return what an officer calls the place a text stands in."""
    if text.key == IN_PICTURE:
        return IN_PICTURE
    return FIELD_ZH.get(text.field) or f"属性“{text.key}”"


def head(listing: Listing) -> str:
    """Return the part of a title that is read for context; no honest title is longer."""
    return listing.title[:300]


T = TypeVar("T")
_MOST_NAMING = 100
"""Texts that name the goods of one listing; more is stuffing."""
LONGEST = 1000
"""Characters of a text that are compared loosely; more is stuffing."""


class Offer(NamedTuple):
    """What a listing says about the goods: title, brand, attributes, description.

    Most listings hold no word that a matcher looks for, so all texts are searched at once, joined
    by line breaks, which no folded text holds itself.
    """

    texts: tuple[Text, ...]
    naming: tuple[Text, ...]
    """What names the goods: title, brand, and the attributes that name brand or product."""
    brands: tuple[Text, ...]
    """What states the brand."""
    raw: str
    """All texts as given, with the names of the attributes."""
    folded: str

    def split(
        self, found: Iterable[tuple[int, int, T]]
    ) -> Iterator[tuple[Text, list[tuple[int, int, T]]]]:
        """Yield each text in which something was found, and that with its place in the text.

        ``found`` are places in ``folded``, by their ends.
        """
        rest = iter(found)
        place = next(rest, None)
        first = 0
        for text in self.texts:
            end = first + len(text.plain.text)
            own = []
            while place is not None and place[1] <= end:
                own.append((place[0] - first, place[1] - first, place[2]))
                place = next(rest, None)
            if own:
                yield text, own
            if place is None:
                return
            first = end + 1


_last: tuple[Listing | None, Offer] = (None, Offer((), (), (), "", ""))


def offer(listing: Listing) -> Offer:
    """Return what the listing says about the goods."""
    global _last  # one listing is read by every matcher in turn
    known, said = _last
    if known is not listing:
        said = _offer(tuple(_texts(listing)))
        _last = (listing, said)
    return said


def offer_texts(listing: Listing) -> tuple[Text, ...]:
    """Return each text of the offer."""
    return offer(listing).texts


def naming_texts(listing: Listing) -> tuple[Text, ...]:
    """Return the texts that name the goods."""
    return offer(listing).naming


def _offer(texts: tuple[Text, ...]) -> Offer:
    naming: list[Text] = []
    brands: list[Text] = []
    raw: list[str] = []
    folded: list[str] = []
    for text in texts:
        field, key, plain = text
        raw += (key, plain.raw)
        folded.append(plain.text)
        names_goods = _names_goods(key) if key else field != "description"
        if names_goods and len(naming) < _MOST_NAMING:
            naming.append(_named(text))
        if key in _BRAND or field == "brand":
            brands.append(text)
    return Offer(texts, tuple(naming), tuple(brands), "\n".join(raw), "\n".join(folded))


def _texts(listing: Listing) -> Iterator[Text]:
    yield Text("title", "", normalise(listing.title))
    if listing.brand:
        yield Text("brand", "", normalise(listing.brand))
    for number, (key, value) in enumerate(listing.attributes):
        yield Text(f"attributes.{number}", key, normalise(value))
    if listing.description:
        yield Text("description", "", normalise(listing.description))


_NAMING = re.compile(rf"品牌|商标|系列|品名|名称|货号|型号|款式名|商品名|{IN_PICTURE}")


@lru_cache(maxsize=4096)
def _names_goods(key: str) -> bool:
    return bool(_NAMING.search(key))


def _named(text: Text) -> Text:
    long = len(text.plain.raw) > LONGEST
    return text._replace(plain=normalise(text.plain.raw[:LONGEST])) if long else text


def seller_texts(listing: Listing) -> Iterator[Text]:
    """Yield the names of the shop and of the firm behind it."""
    if listing.seller and listing.seller.name:
        yield Text("seller.name", "", normalise(listing.seller.name))
    if listing.seller and listing.seller.company:
        yield Text("seller.company", "", normalise(listing.seller.company))


_BRAND = ("品牌", "商标")
"""Attributes that state the brand."""


def brand_of(listing: Listing) -> str:
    """Return the brand as the listing states it, in its own field or as an attribute, or ""."""
    if listing.brand:
        return listing.brand
    return next((value for key, value in listing.attributes if key in _BRAND), "")


_LEAD_IN = re.compile(
    r"^(?:[\d.%元a-zA-Z\s]|正品|正宗|新款|特价|包邮|官方|旗舰店|专柜|新品|热卖|爆款|现货|批发|促销|新货|清仓|品牌|"
    r"【|】|\[|\]|（|）|老字号|特产|网红|抢购|同款|整箱|礼盒)*$"
)


def opens(text: Text, first: int) -> bool:
    """Tell whether nothing but shop talk stands before the raw character ``first`` of a text."""
    return first < 40 and bool(_LEAD_IN.match(text.plain.raw[:first]))


def states_brand(text: Text) -> bool:
    """Tell whether a text is where a listing states its brand."""
    return text.field == "brand" or text.key in _BRAND
