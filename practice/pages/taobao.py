"""An item page in the shape of Taobao's: attributes in a list, shop and number in ``g_config``."""

from __future__ import annotations

from zlib import crc32

from leads.model import Price
from practice.offer import Offer
from practice.pages.markup import Body, each, fill, js_string

_PAGE = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<title>$title-演练集市</title>
<script>
    var g_config = {
        startTime        : +new Date,
        ver              : '8.0.6',
        online           : true,
        appId            : 1 ,
        itemId           : '$ref',
        shopId           : '$shop_ref',
        shopName         : $shop_js,
        sellerId         : '$shop_ref',
        sellerNick       : $shop_js,
        descUrl          : location.protocol==='http:' ? '//desc.example/$ref' : '',
        idata            : {
            item: {
                id               : '$ref',
                title            : $title_js,
                pic              : '$first',
                price            : '',
                cid              : '$cid',
                edit             : true
            },
            seller: { id: $shop_ref, mode: 0 },
            shop: { id: '$shop_ref', url: '$shop_url' }
        }
    };
</script>
</head>
<body>
<div id="J_ShopInfo" class="tb-shop-info">
<div class="tb-shop-info-hd"><div class="tb-shop-name"><dl><dd><strong>
<a href="$shop_url" title="$shop" target="_blank">
    $shop
</a>
</strong></dd></dl></div></div></div>
<div class="tb-item-info tb-clear">
<div class="tb-gallery"><div class="tb-booth tb-pic"><a href="#">
<img id="J_ImgBooth" src="$first"></a></div>
<ul id="J_UlThumb" class="tb-thumb tb-clearfix">$thumbs</ul></div>
<div class="tb-property tb-property-x">
<div id="J_Title" class="tb-title"><h3 class="tb-main-title" data-title="$title">
    $title
</h3><p class="tb-subtitle"></p></div>
<ul class="tb-meta"><li id="J_StrPriceModBox" class="tb-detail-price tb-clear J_PriceItem">
<span class="tb-property-type">价格</span><div class="tb-property-cont">
<strong id="J_StrPrice"><em class="tb-rmb">¥</em><em class="tb-rmb-num">$price</em></strong>
</div></li></ul>
</div></div>
<div id="attributes" class="attributes"><ul class="attributes-list">
$facts</ul></div>
<div id="description" class="J_DetailSection"><div id="J_DivItemDesc">描述加载中</div></div>
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
        title_js=js_string(listing.title),
        ref=offer.ref,
        cid=crc32(listing.category[-1].encode()) % 900_000,
        first=images[0],
        price=price_text(listing.price),
        shop_ref=seller.ref if seller else "",
        shop=seller.name if seller else "",
        shop_js=js_string(seller.name or "" if seller else ""),
        shop_url=seller.url if seller else "",
        thumbs=each(
            '<li data-index="$n"><div class="tb-pic tb-s50"><a href="#">'
            '<img data-src="$url" src="$url"></a></div></li>',
            [{"n": n, "url": url} for n, url in enumerate(images)],
        ),
        facts=each(
            '<li title="$value">$name:&nbsp;$value</li>\n',
            [{"name": k, "value": v} for k, v in listing.attributes],
        ),
    )
    return Body(text.encode())


def price_text(price: Price | None) -> str:
    """Return a price as such pages print it: 9.90, or 9.90 - 19.80."""
    if price is None:
        return ""
    return str(price.min) if price.min == price.max else f"{price.min} - {price.max}"
