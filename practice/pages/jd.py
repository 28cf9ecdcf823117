"""An item page in the shape of JD's: ``pageConfig`` as a JavaScript literal, no price."""

from __future__ import annotations

from zlib import crc32

from practice.offer import Offer
from practice.pages.markup import Body, Raw, each, fill, js_string, script_json

_PAGE = """<!DOCTYPE HTML>
<html lang="zh-CN">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>$title【图片 价格 品牌 报价】-演练商城</title>
<meta name="keywords" content="$title,$brand,网上购物"/>
<link rel="canonical" href="$url"/>
<script charset="gbk">
var pageConfig = {
    compatible: true,
    product: {
        modules: ['address', 'prom', 'colorsize', 'summary', 'crumb', 'contact', ],
        ostime: 1763800000.125,
        skuid: $ref,
        name: $name,
        skuidkey:'$key',
        href: '$url',
        src: '$first',
        imageList: $images,
        cat: [$cat],
        forceAdUpdate: '8289',
        brand: $brand_id,
        pType: 2,
        /* isPop: false for the mall's own */
        isPop:true,
        venderId:$vendor,
        shopId:'$shop_ref',   // as text
        specialAttrs:["sfkc-0","is7ToReturn-0"],
        colorSize: {},
        /**/
        warestatus: 1,
        desc: '//cd.example/description/channel?skuId=$ref',
        mainSkuId:'$ref'
    }
};
</script>
</head>
<body>
<div class="crumb-wrap" id="crumb-wrap"><div class="w"><div class="crumb fl clearfix">
$crumbs<div class="item ellipsis" title="$title">$title</div>
</div>
<div class="contact fr clearfix"><div class="name goodshop">
<a href="$shop_url" target="_blank">$shop</a></div></div>
<div class="J-hove-wrap EDropdown fr"><div class="item"><div class="name">
<a href="$shop_url" target="_blank" title="$shop" clstag="shangpin|keycount">$shop</a>
</div></div></div>
</div></div>
<div class="product-intro clearfix">
<div class="preview-wrap"><div id="spec-n1" class="jqzoom main-img">
<img id="spec-img" data-origin="$first" src="$first" alt="$title"></div>
<div id="spec-list" class="spec-items"><ul class="lh">$thumbs</ul></div></div>
<div class="itemInfo-wrap">
<div class="sku-name">
    <img src="/market/static/delivery.png" alt="商城物流" />
    $title
</div>
<div class="summary-price-wrap"><div class="dt">商 城 价</div>
<div class="dd"><span class="p-price"><span>￥</span>
<span class="price J-p-$ref"></span></span></div></div>
</div></div>
<div class="tab-con"><div class="p-parameter">
$brand_list<ul class="parameter2 p-parameter-list">
<li title='$title'>商品名称：$title</li>
<li title='$ref'>商品编号：$ref</li>
<li title='$shop'>店铺： <a href='$shop_url' target='_blank'>$shop</a></li>
$short</ul></div>
<div class="Ptable"><div class="Ptable-item"><h3>主体</h3><dl>$long</dl></div></div>
</div>
</body>
</html>
"""

_BRAND = """<ul id="parameter-brand" class="p-parameter-list">
<li title='$brand'>品牌： <a href='/market/search?q=$brand' target='_blank'>$brand</a></li></ul>
"""
_LONG = ("厂名", "厂址", "保质期", "生产许可证号", "配料")


def page(offer: Offer) -> Body:
    """Return the page of an offer."""
    listing, seller = offer.listing, offer.listing.seller
    images = [picture.url or "" for picture in listing.pictures]
    facts = [(_label(k), v) for k, v in listing.attributes if k != "品牌"]
    text = fill(
        _PAGE,
        title=listing.title,
        name=js_string(listing.title),
        brand=listing.brand or "",
        brand_id=crc32((listing.brand or "").encode()) % 90_000 + 1000,
        brand_list=fill(_BRAND, brand=listing.brand) if listing.brand else Raw(""),
        ref=offer.ref,
        key=f"{crc32(offer.ref.encode()):08X}" * 4,
        url=listing.url,
        first=images[0],
        images=script_json(images),
        cat=",".join(str(crc32(name.encode()) % 20_000) for name in listing.category),
        vendor=seller.ref if seller else "",
        shop_ref=seller.ref if seller else "",
        shop=seller.name if seller else "",
        shop_url=seller.url if seller else "",
        crumbs=each(
            '<div class="item"><a href="/market/search?q=$name">$name</a></div>'
            '<div class="item sep">&gt;</div>\n',
            [{"name": name} for name in listing.category],
        ),
        thumbs=each(
            "<li><img alt='$title' src='$url' data-url='$url' width='50' height='50'></li>",
            [{"title": listing.title, "url": url} for url in images],
        ),
        short=each(
            "<li title='$value'>$name：$value</li>\n",
            [{"name": k, "value": v} for k, v in facts if k not in _LONG],
        ),
        long=each(
            "<dt>$name</dt><dd>$value</dd>",
            [{"name": k, "value": v} for k, v in facts if k in _LONG],
        ),
    )
    return Body(text.encode())


def _label(name: str) -> str:
    return "商品产地" if name == "产地" else name
