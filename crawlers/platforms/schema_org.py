"""Shops with schema.org markup: JSON-LD first, then microdata, then Open Graph."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from crawlers.money import lowest_to_highest, price, price_range
from crawlers.page import Extractor, Page, Reading, Unreadable, attribute, clean
from crawlers.platforms import microdata
from crawlers.platforms.embedded import dicts, dig, json_value, literal_after
from crawlers.platforms.labels import Pairs, defined, listed, pairs, places, without_contacts
from leads.model import Listing, Price, Seller, Verdict

_PRODUCTS = ("Product", "ProductGroup", "IndividualProduct", "ProductModel")
_SHOPS = ("Organization", "OnlineStore", "Store", "LocalBusiness", "Corporation", "Brand")
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_ANYWHERE = re.compile("")
_STEP = re.compile(r"\s[>/›»]\s|>")
_CONTAINERS = ", ".join(
    f"[{where}*={word}]"
    for where in ("class", "id")
    for word in ("attr", "param", "spec", "propert")
)
"""Where shops list what they say of a product."""
_MOST = 10_000
_MOST_BOXES = 100
_MOST_FACTS = 1_000
_DEEPEST = 6
"""Levels of ``@graph``, ``mainEntity`` and lists that are looked into."""


class SchemaOrg(Extractor):
    """Any page with a schema.org Product, or that Open Graph calls a product."""

    name = "schema-org"
    order = 90
    promises = ("price",)

    def claims(self, page: Page) -> bool:
        """Tell whether the page carries any of the three kinds of markup."""
        text = page.text
        return "ld+json" in text or "itemprop" in text or 'property="og:' in text

    def read(self, page: Page) -> Reading:
        """Return a listing for each product; ``unsupported`` if there is none."""
        nodes, broken = _json_ld(page)
        products = [node for node in nodes if _is(node, _PRODUCTS) and _name(node)][:_MOST]
        products = products or microdata.items(page.tree, "Product")
        shop = next((_seller(node, page) for node in nodes if _is(node, _SHOPS)), None)
        trail = next((_trail(node) for node in nodes if _is(node, ("BreadcrumbList",))), ())
        listings = tuple(_listing(page, node, shop, trail) for node in products)
        if len(listings) == 1:
            listings = (_completed(page, listings[0]),)
        if not listings:
            listings = tuple(_open_graph(page))
        if not listings and broken:
            raise Unreadable(Verdict.DAMAGED, "结构化数据（JSON-LD）已损坏，且页面没有其他商品信息")
        if not listings:
            return Reading(Verdict.UNSUPPORTED, reason="没有商品结构化数据")
        follow = tuple(dict.fromkeys(listing.url for listing in listings if listing.url))
        return Reading(Verdict.OK, listings, follow=follow if len(listings) > 1 else ())


def _json_ld(page: Page) -> tuple[list[dict[str, Any]], bool]:
    """Return every top-level node, and whether a block that speaks of a product is broken."""
    nodes: list[dict[str, Any]] = []
    broken = False
    for script in page.tree.css('script[type*="ld+json"]'):
        text = _WRAPPING.sub("", script.text(deep=True) or "")
        try:
            nodes.extend(_flat(_tolerant(text), _DEEPEST))
        except Unreadable:
            broken = broken or "Product" in text
    return nodes, broken


def _tolerant(text: str) -> Any:
    for attempt in (text, html.unescape(text)):
        try:
            return json_value(attempt)
        except Unreadable:
            continue
    return literal_after(html.unescape(text), _ANYWHERE)


def _flat(value: Any, levels: int) -> Iterator[dict[str, Any]]:
    if levels == 0:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _flat(entry, levels - 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "itemListElement", "item", "itemOffered"):
            if not _is(value, ("BreadcrumbList",)):
                yield from _flat(value.get(key), levels - 1)


def _listing(
    page: Page, node: dict[str, Any], shop: Seller | None, trail: tuple[str, ...]
) -> Listing:
    offers = list(dicts(node, "offers")) or list(dicts(node, "offerDetails"))
    offers += [variant for offer in offers for variant in dicts(offer, "offers")]
    offers += [o for variant in dicts(node, "hasVariant") for o in dicts(variant, "offers")]
    attributes = _attributes(node)
    said = places(attributes)
    sellers = (_seller(offer["seller"], page) for offer in offers if offer.get("seller"))
    return Listing(
        ref=_first(node, "sku", "productID", "productGroupID", "identifier"),
        url=page.absolute(_first(node, "url", "@id")) or page.home,
        title=_name(node) or "",
        description=without_contacts(_first(node, "description")),
        attributes=attributes,
        brand=_first(node, "brand") or said.brand,
        price=_price(offers, node),
        seller=next(sellers, None) or shop,
        origin=_first(node, "countryOfOrigin") or said.origin,
        ships_from=said.ships_from,
        factory=said.factory or clean(_address(node.get("manufacturer"))),
        category=_category(node) or trail,
        pictures=page.pictures(*_images(node.get("image"))),
    )


def _completed(page: Page, listing: Listing) -> Listing:
    """Add what the page around the one product's markup says of it."""
    boxes = (box.css("li, dl, tr") for box in page.tree.css(_CONTAINERS)[:_MOST_BOXES])
    facts = list({node.mem_id: node for nodes in boxes for node in nodes[:_MOST_FACTS]}.values())
    attributes = tuple(dict.fromkeys((*listed(facts), *defined(facts), *listing.attributes)))
    said = places(attributes)
    graph = dict(_meta(page))
    return listing.model_copy(
        update={
            "attributes": attributes,
            "description": listing.description or without_contacts(graph.get("og:description")),
            "brand": listing.brand or said.brand,
            "origin": listing.origin or said.origin,
            "ships_from": listing.ships_from or said.ships_from,
            "factory": listing.factory or said.factory,
            "pictures": listing.pictures or page.pictures(graph.get("og:image")),
        }
    )


def _open_graph(page: Page) -> Iterator[Listing]:
    graph = dict(reversed(list(_meta(page))))
    amount = graph.get("product:price:amount") or graph.get("og:price:amount")
    kind = graph.get("og:type", "")
    if not graph.get("og:title") or not (amount or "product" in kind or kind.endswith(":item")):
        return
    currency = graph.get("product:price:currency") or graph.get("og:price:currency")
    yield _completed(
        page,
        Listing(
            ref=graph.get("product:retailer_item_id"),
            url=page.home or page.absolute(graph.get("og:url")),
            title=graph["og:title"],
            brand=graph.get("product:brand") or graph.get("og:brand"),
            price=price(amount, currency),
            pictures=page.pictures(graph.get("og:image")),
        ),
    )


def _meta(page: Page) -> Iterator[tuple[str, str]]:
    for node in page.tree.css("meta[property]"):
        name, content = attribute(node, "property"), attribute(node, "content")
        if name and content:
            yield name, content


def _price(offers: list[dict[str, Any]], node: dict[str, Any]) -> Price | None:
    found: list[Price] = []
    for offer in offers:
        nested = next(dicts(offer, "priceSpecification"), {})
        currency = _first(offer, "priceCurrency", "currency") or _first(nested, "priceCurrency")
        asked = price_range(offer.get("lowPrice"), offer.get("highPrice"), currency)
        asked = asked or price(_first(offer, "price") or _first(nested, "price"), currency)
        if asked:
            found.append(asked)
    return lowest_to_highest(found) or price(_first(node, "price"), _first(node, "priceCurrency"))


def _seller(value: Any, page: Page) -> Seller | None:
    name = _text(value)
    company = _text(dig(value, "legalName"))
    if name is None and company is None:
        return None
    code = _text(dig(value, "taxID")) or _text(dig(value, "identifier"))
    return Seller(
        name=name,
        url=page.absolute(_text(dig(value, "url"))),
        company=company,
        uscc=code if code and len(code) == 18 else None,
        location=clean(_address(value)),
    )


def _address(value: Any) -> str | None:
    address = dig(value, "address")
    if isinstance(address, dict):
        parts = ("addressCountry", "addressRegion", "addressLocality", "streetAddress")
        return " ".join(filter(None, (_text(address.get(part)) for part in parts)))
    return _text(address)


def _attributes(node: dict[str, Any]) -> Pairs:
    named = [(p.get("name"), _text(p.get("value"))) for p in dicts(node, "additionalProperty")]
    known = [(key, _text(node.get(key))) for key in ("mpn", "gtin13", "gtin", "model", "material")]
    maker = [("生产企业", _text(node.get("manufacturer")))]
    return pairs([*named, *known, *maker])


def _trail(node: dict[str, Any]) -> tuple[str, ...]:
    entries = dicts(node, "itemListElement")
    names = (_text(entry.get("name")) or _text(entry.get("item")) for entry in entries)
    return tuple(name for name in names if name)


def _category(node: dict[str, Any]) -> tuple[str, ...]:
    steps = (step for text in _texts(node.get("category")) for step in _STEP.split(text))
    return tuple(text for step in steps if (text := clean(step)))


def _images(value: Any) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        address = dig(entry, "url") or dig(entry, "contentUrl") or dig(entry, "@id")
        text = clean(entry) if isinstance(entry, str) else clean(address)
        if text:
            yield text


def _texts(value: Any) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        text = _text(entry)
        if text:
            yield text


def _text(value: Any) -> str | None:
    """A text, a number, or the name of what is described; the first of several."""
    if isinstance(value, list):
        return next(_texts(value), None)
    if isinstance(value, dict):
        return next(
            (t for key in ("name", "@value", "value") if (t := clean(value.get(key)))), None
        )
    return clean(html.unescape(value)) if isinstance(value, str) else clean(value)


def _first(node: dict[str, Any], *keys: str) -> str | None:
    return next((text for key in keys if (text := _text(node.get(key)))), None)


def _name(node: dict[str, Any]) -> str | None:
    return _first(node, "name", "title", "headline")


def _is(node: dict[str, Any], kinds: tuple[str, ...]) -> bool:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return any(str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1] in kinds for name in names)
