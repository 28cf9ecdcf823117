"""A shop's own page with what its business licence says, as the E-Commerce Law asks for."""

from __future__ import annotations

from practice.firms import Firm
from practice.pages.markup import Body, each, fill

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>$shop-店铺首页</title></head>
<body>
<div class="shop-header"><h1 class="shop-name" data-shop-id="$ref">$shop</h1>
<span class="shop-location">$location</span></div>
<section class="licence"><h2>营业执照信息公示</h2>
<table class="licence-info">
$rows</table></section>
<p><a href="/market/search">全部商品</a></p>
</body>
</html>
"""


def page(ref: str, firm: Firm) -> Body:
    """Return the page of a shop under its number."""
    facts = [("店铺名称", firm.shop), ("经营地址", firm.address)]
    if firm.licensed:
        facts[1:1] = [("企业名称", firm.company), ("住所", firm.address)]
        if firm.uscc:
            facts[2:2] = [("统一社会信用代码", firm.uscc)]
    text = fill(
        _PAGE,
        shop=firm.shop,
        ref=ref,
        location=firm.place.short,
        rows=each(
            "<tr><th>$name</th><td>$value</td></tr>\n",
            [{"name": name, "value": value} for name, value in facts],
        ),
    )
    return Body(text.encode())
