"""An item page in the shape of Tmall's: ``TShop.Setup`` with strict JSON, in GBK."""

from __future__ import annotations

import re
from urllib.parse import quote
from zlib import crc32

from practice.offer import Offer
from practice.pages.markup import Body, Raw, each, fill, script_json

_PAGE = """<!doctype html>
<html>
<head>
    <meta charset="gbk" />
    <title>$title-演练天街</title>
    <meta name="keywords" content="$title" />
    <script>
    window.g_config = window.g_config || {};
    window.g_config.itemId = '$ref';
    </script>
</head>
<body data-spm="1000855">
<div id="header"><div id="shopExtra"><div class="slogo">
<a class="slogo-shopname" href="$shop_url"><strong>$shop</strong></a>
</div></div></div>
<div class="tb-detail-hd"><h1 data-spm="1000983">
$title
</h1></div>
<ul id="J_UlThumb" class="tb-thumb tm-clear">$thumbs</ul>
<div class="attributes" id="attributes"><div class="attributes-list" id="J_AttrList">
<ul id="J_AttrUL">
$facts</ul></div></div>
<script type="text/javascript">
(function() {
    window.TShop && TShop.setConfig && TShop.setConfig({ token: 'x' });
    TShop.Setup($setup);
})();
</script>
</body>
</html>
"""


def page(offer: Offer) -> Body:
    """Return the page of an offer; what GBK lacks stands as references and escapes."""
    listing, seller = offer.listing, offer.listing.seller
    nick = quote(seller.name or "") if seller else ""
    price = f"{listing.price.max:.2f}" if listing.price else ""
    images = [picture.url or "" for picture in listing.pictures]
    setup = {
        "api": {"descUrl": f"//desc.example/{offer.ref}"},
        "detail": {"defaultItemPrice": price, "isDownShelf": False, "pageType": "default"},
        "itemDO": {
            "brand": listing.brand or "",
            "categoryId": str(crc32(listing.category[-1].encode()) % 90_000_000),
            "hasSku": False,
            "isOnline": True,
            "itemId": offer.ref,
            "prov": offer.firm.place.short.split()[0],
            "quantity": 2176,
            "reservePrice": price,
            "sellerNickName": nick,
            "spuId": str(crc32(offer.ref.encode())),
            "title": listing.title,
            "userId": seller.ref if seller else "",
        },
        "propertyPics": {"default": images},
        "rstShopId": int(seller.ref or 0) if seller else 0,
        "tradeType": 2,
    }
    text = fill(
        _PAGE,
        title=listing.title,
        ref=offer.ref,
        shop=seller.name if seller else "",
        shop_url=seller.url if seller else "",
        thumbs=each(
            '<li><a href="#"><img src="$url" /></a></li>', [{"url": url} for url in images]
        ),
        facts=each(
            '<li title="$value">$name:&nbsp;$value</li>\n',
            [{"name": k, "value": v} for k, v in listing.attributes],
        ),
        setup=_in_gbk(script_json(setup)),
    )
    return Body(text.encode("gbk", "xmlcharrefreplace"), "text/html; charset=GBK")


def _in_gbk(script: str) -> Raw:
    """Write what GBK lacks as JSON escapes: references would not be undone inside a script."""
    return Raw(re.sub(r"[^\x00-\x7f]", _escaped, script))


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        units = character.encode("utf-16-be").hex()
        return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
    return character
