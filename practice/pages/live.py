"""An item page that is empty until its scripts have run, and the data they ask for."""

from __future__ import annotations

import json

from practice.offer import Offer
from practice.pages.markup import Body, fill
from practice.pages.taobao import price_text

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>商品详情</title>
</head>
<body>
<noscript>请启用 JavaScript 后浏览。</noscript>
<div id="root" data-id="$ref"></div>
<script>
(async () => {
  const root = document.getElementById('root');
  const item = (await (await fetch('/market/api/item/' + root.dataset.id)).json()).data;
  const add = (parent, tag, attributes, text) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text) node.textContent = text;
    parent.append(node);
    return node;
  };
  document.title = item.title;
  add(root, 'h3', {class: 'tb-main-title', 'data-title': item.title}, item.title);
  add(root, 'em', {class: 'tb-rmb-num'}, item.priceText);
  const {url, name} = item.shop;
  add(add(root, 'div', {class: 'tb-shop-name'}), 'a', {href: url, title: name}, name);
  const thumbs = add(root, 'ul', {id: 'J_UlThumb'});
  for (const src of item.images) add(add(thumbs, 'li', {}), 'img', {src});
  const list = add(root, 'ul', {class: 'attributes-list'});
  for (const [key, value] of item.props)
    add(list, 'li', {title: value}, key + ':\\u00a0' + value);
  root.dataset.ready = '1';
})();
</script>
</body>
</html>
"""


def page(offer: Offer) -> Body:
    """Return the shell of an offer."""
    return Body(fill(_PAGE, ref=offer.ref).encode())


def data(offer: Offer) -> Body:
    """Return the JSON that the shell asks for."""
    listing, seller = offer.listing, offer.listing.seller
    answer = {
        "ret": ["SUCCESS::调用成功"],
        "data": {
            "itemId": offer.ref,
            "title": listing.title,
            "priceText": price_text(listing.price),
            "images": [picture.url for picture in listing.pictures],
            "shop": {
                "shopId": seller.ref if seller else "",
                "name": seller.name if seller else "",
                "url": seller.url if seller else "",
            },
            "props": listing.attributes,
        },
    }
    return Body(json.dumps(answer, ensure_ascii=False).encode(), "application/json; charset=utf-8")
