"""The fair: a table of exhibitors over several pages, and each exhibitor with its exhibits."""

from __future__ import annotations

from practice.catalogue import Exhibitor
from practice.offer import Offer
from practice.pages.markup import Body, Raw, each, fill

_LIST = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>参展商名录 - 演练博览会</title></head>
<body>
<h1>参展商名录</h1>
<p class="total">共 $total 家参展商</p>
<table class="exhibitors">
<thead><tr><th>展位号</th><th>企业名称</th><th>参展品牌</th><th>所在地区</th><th>展品类别</th></tr></thead>
<tbody>
$rows</tbody>
</table>
<div class="pager">$pager</div>
</body>
</html>
"""

_ROW = """<tr><td>$booth</td><td><a href="/fair/exhibitor/$ref">$name</a></td><td>$brands</td>\
<td>$place</td><td>$sorts</td></tr>
"""

_DETAIL = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>$name - 演练博览会</title></head>
<body>
<h1 class="exhibitor-name">$name</h1>
<table class="exhibitor-info">
$rows</table>
<h2>展品</h2>
$exhibits<p><a href="/fair/exhibitors">返回名录</a></p>
</body>
</html>
"""

_EXHIBIT = """<div class="exhibit" id="exhibit-$ref" data-id="$ref">
<img src="$picture" alt="$title">
<h3 class="exhibit-name">$title</h3>
<dl>$facts</dl>
</div>
"""


def exhibitors(rows: tuple[Exhibitor, ...], page: int, pages: int, total: int) -> Body:
    """Return a page of the exhibitor list."""
    steps = []
    if page > 1:
        steps.append(fill('<a rel="prev" href="/fair/exhibitors?page=$n">上一页</a>', n=page - 1))
    steps.append(fill("<span>第 $page / $pages 页</span>", page=page, pages=pages))
    if page < pages:
        steps.append(fill('<a rel="next" href="/fair/exhibitors?page=$n">下一页</a>', n=page + 1))
    table = each(
        _ROW,
        [
            {
                "booth": row.booth,
                "ref": row.ref,
                "name": row.firm.company,
                "brands": "、".join(_brands(row)),
                "place": row.firm.place.short,
                "sorts": "、".join(dict.fromkeys(e.listing.category[-1] for e in row.exhibits)),
            }
            for row in rows
        ],
    )
    text = fill(_LIST, total=total, rows=table, pager=Raw(" ".join(steps)))
    return Body(text.encode())


def exhibitor(stand: Exhibitor) -> Body:
    """Return an exhibitor's page."""
    firm = stand.firm
    facts = (
        ("企业名称", firm.company),
        ("统一社会信用代码", firm.uscc),
        ("展位号", stand.booth),
        ("地址", firm.address),
        ("参展品牌", "、".join(_brands(stand))),
    )
    text = fill(
        _DETAIL,
        name=firm.company,
        rows=each(
            "<tr><th>$name</th><td>$value</td></tr>\n",
            [{"name": name, "value": value} for name, value in facts if value],
        ),
        exhibits=each(_EXHIBIT, [_exhibit(exhibit) for exhibit in stand.exhibits]),
    )
    return Body(text.encode())


def _brands(stand: Exhibitor) -> list[str]:
    return list(dict.fromkeys(e.listing.brand for e in stand.exhibits if e.listing.brand))


def _exhibit(exhibit: Offer) -> dict[str, object]:
    return {
        "ref": exhibit.ref,
        "title": exhibit.listing.title,
        "picture": exhibit.listing.pictures[0].url,
        "facts": each(
            "<dt>$name</dt><dd>$value</dd>",
            [{"name": k, "value": v} for k, v in exhibit.listing.attributes],
        ),
    }
