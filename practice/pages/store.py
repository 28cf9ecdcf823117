"""An item page of an independent shop: schema.org as JSON-LD, one price or a range."""

from __future__ import annotations

from typing import Any

from practice.offer import Offer
from practice.pages.markup import Body, Raw, each, fill, script_json
from practice.pages.taobao import price_text

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title | $shop</title>
<meta property="og:type" content="product">
<meta property="og:title" content="$title">
<meta property="og:image" content="$first">
<script type="application/ld+json">$crumbs_json</script>
<script type="application/ld+json">
$product
</script>
</head>
<body>
<header><a class="logo" href="$shop_url">$shop</a></header>
<nav>$crumbs</nav>
<main>
<section class="gallery">$pictures</section>
<section class="buy"><h1>$title</h1><p class="price">¥$price</p>
<button type="button">加入购物车</button></section>
<table class="specs">$facts</table>
$description
</main>
<footer><a href="$shop_url">店铺证照信息</a></footer>
</body>
</html>
"""


def page(offer: Offer) -> Body:
    """Return the page of an offer."""
    listing, seller = offer.listing, offer.listing.seller
    images = [picture.url or "" for picture in listing.pictures]
    text = fill(
        _PAGE,
        title=listing.title,
        shop=seller.name if seller else "",
        shop_url=seller.url if seller else "",
        first=images[0],
        product=script_json(_product(offer, images)),
        crumbs_json=script_json(_crumbs(listing.category)),
        price=price_text(listing.price),
        crumbs=each("<span>$name</span> / ", [{"name": name} for name in listing.category]),
        pictures=each('<img src="$url" alt="">', [{"url": url} for url in images]),
        facts=each(
            "<tr><th>$name</th><td>$value</td></tr>",
            [{"name": k, "value": v} for k, v in listing.attributes],
        ),
        description=fill('<div class="description">$text</div>', text=listing.description)
        if listing.description
        else Raw(""),
    )
    return Body(text.encode())


def _product(offer: Offer, images: list[str]) -> dict[str, Any]:
    listing = offer.listing
    product: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Product",
        "name": listing.title,
        "sku": offer.ref,
        "url": listing.url,
        "image": images,
        "category": " > ".join(listing.category),
        "additionalProperty": [
            {"@type": "PropertyValue", "name": k, "value": v}
            for k, v in listing.attributes
            if k != "品牌"
        ],
        "offers": _offers(offer),
    }
    if listing.brand:
        product["brand"] = {"@type": "Brand", "name": listing.brand}
    if listing.description:
        product["description"] = listing.description
    return product


def _offers(offer: Offer) -> dict[str, Any]:
    price, seller = offer.listing.price, offer.listing.seller
    found: dict[str, Any] = {
        "availability": "https://schema.org/InStock",
        "seller": {
            "@type": "Organization",
            "name": seller.name if seller else "",
            "url": seller.url if seller else "",
        },
    }
    if price and price.min != price.max:
        return {
            "@type": "AggregateOffer",
            "lowPrice": str(price.min),
            "highPrice": str(price.max),
            "priceCurrency": price.currency,
            "offerCount": 3,
            **found,
        }
    if price:
        found |= {"price": str(price.min), "priceCurrency": price.currency}
    return {"@type": "Offer", **found}


def _crumbs(category: tuple[str, ...]) -> dict[str, Any]:
    return {
        "@context": "https://schema.org/",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name}
            for position, name in enumerate(category, start=1)
        ],
    }
