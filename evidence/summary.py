"""The page of a packet that an officer reads first: one HTML file that loads and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from evidence.exhibit import Exhibit
from evidence.shown import excerpt, marked, plain, shortened
from leads.beijing import told
from leads.model import (
    DOOR_ZH,
    FINDING_ZH,
    TRIAGE_ZH,
    Hit,
    Judgement,
    Lead,
    Listing,
    Right,
    RightKind,
    Route,
    Seller,
    Span,
)
from leads.recipients import Recipient
from leads.store import Standing

_TITLE, _TEXT = 500, 200
"""Characters shown of the title and of any other text."""

_KIND_ZH = {
    RightKind.GI: "地理标志",
    RightKind.TRADEMARK: "注册商标",
    RightKind.SPECIAL_SIGN: "特殊标志、官方标志",
}
FIELD_ZH = {
    "title": "标题",
    "description": "商品描述",
    "brand": "品牌",
    "origin": "产地",
    "attributes": "商品参数",
    "category": "类目",
    "seller": "卖家",
}
"""The fields of a listing as officers call them."""

_NOTICE = (
    "本材料由监测程序自动比对生成，所列为涉嫌违法的线索，不是违法认定，"
    "未经执法人员复核、固定证据，不得直接作为定案依据。"
    "标有“未核对”的条文、权利信息和机关信息来自程序内置资料，引用前须与正式文本核对。"
)

_HEAD = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>线索摘要</title>
<style>
body { font: 16px/1.6 serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; margin: 0.5em 0 1.5em; }
th, td { border: 1px solid #999; padding: 0.3em 0.6em; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #f2f2f2; font-weight: normal; min-width: 7em; }
mark { background: #ffe08a; }
.notice { border: 2px solid #a00; padding: 0.6em 1em; }
code { font-size: 0.85em; }
</style>
</head>
<body>
"""


def summary(
    standing: Standing,
    *,
    right: Right | None,
    judgements: Sequence[Judgement],
    recipient: Recipient,
    exhibits: Sequence[Exhibit],
) -> str:
    """Return the summary of a lead for ``recipient``; the same input always gives the same text."""
    lead = standing.lead
    return _HEAD + "\n".join(
        (
            f"<h1>线索摘要　{plain(lead.id)}</h1>",
            f'<p class="notice">{_NOTICE}</p>',
            _table(_head_rows(standing, recipient)),
            "<h2>一、商品</h2>",
            _table(_listing_rows(lead)),
            "<h2>二、卖家与地点</h2>",
            _table(_seller_rows(lead.listing)),
            "<h2>三、涉及的权利</h2>",
            _table(_right_rows(lead, right)),
            "<h2>四、列为线索的理由</h2>",
            *(_hit(number, hit, lead.listing) for number, hit in enumerate(lead.hits, 1)),
            "<h2>五、可能有管辖权的机关</h2>",
            _grid(("序号", "机关代码", "理由"), _routes(lead.routes)),
            "<h2>六、处理经过</h2>",
            _grid(("时间", "处理", "理由", "处理人"), map(_judged, judgements)),
            "<h2>七、证据清单</h2>",
            *map(_exhibit, exhibits),
            _missing(lead.listing),
            "</body>\n</html>\n",
        )
    )


def _head_rows(standing: Standing, recipient: Recipient) -> list[tuple[str, str]]:
    lead = standing.lead
    return [
        (
            "收件机关",
            plain(f"{recipient.name}（{recipient.id}）") + _unverified(recipient.verified),
        ),
        ("当前状态", plain(standing.state.value)),
        ("分级与分数", plain(f"{TRIAGE_ZH[lead.triage]}，{lead.score:.2f}")),
        ("发现时间", _time(lead.found_at)),
        ("适用法律日期", lead.law_day.isoformat()),
    ]


def _listing_rows(lead: Lead) -> list[tuple[str, str]]:
    listing = lead.listing
    title = listing.title[:_TITLE]
    spans = [span for hit in lead.hits for span in hit.spans if span.field == "title"]
    rest = "……" if len(listing.title) > _TITLE else ""
    price = None
    if listing.price:
        low, high = listing.price.min, listing.price.max
        price = f"{low}" if low == high else f"{low} 至 {high}"
        price += f" {listing.price.currency}"
    return [
        ("标题", marked(title, spans) + rest),
        ("平台与编号", _text(f"{listing.site}　{listing.ref or '（无编号）'}")),
        ("类型", "展品" if listing.kind == "exhibit" else "商品"),
        ("网址", _text(listing.url)),
        ("标价", _text(price)),
        ("页面所示销量", _sold(listing)),
        ("品牌", _text(listing.brand)),
        ("类目", _text(" > ".join(listing.category))),
        ("采集时间", _time(listing.captured_at) if listing.captured_at else "未载明"),
    ]


def _sold(listing: Listing) -> str:
    sold = listing.sold
    if sold is None or (sold.text is None and sold.count is None):
        return _text(None)
    return _text(sold.text or str(sold.count))


def _seller_rows(listing: Listing) -> list[tuple[str, str]]:
    seller = listing.seller or Seller()
    return [
        ("店铺", _text(seller.name)),
        ("店铺编号", _text(seller.ref)),
        ("店铺网址", _text(seller.url)),
        ("企业名称", _text(seller.company)),
        ("统一社会信用代码", _text(seller.uscc)),
        ("卖家所在地", _text(seller.location)),
        ("产地", _text(listing.origin)),
        ("发货地", _text(listing.ships_from)),
        ("厂址", _text(listing.factory)),
    ]


def _right_rows(lead: Lead, right: Right | None) -> list[tuple[str, str]]:
    if right is None:
        return [("名称", _text(lead.right_name)), ("说明", "该权利已不在监测名录中")]
    return [
        ("名称", _text(right.name) + _unverified(right.verified)),
        ("种类", _KIND_ZH[right.kind]),
        ("权利人", _text(right.holder)),
        ("有效期", _validity(right, lead.law_day)),
        ("注册或公告号", _text("、".join(mark.number for mark in right.marks if mark.number))),
        ("保护范围", _text("、".join(area.name for area in right.area))),
        ("资料来源", _text(right.source)),
    ]


def _validity(right: Right, day: date) -> str:
    if right.valid_from is None and right.valid_to is None:
        return "未载明，请核对"
    force = "在所载有效期内" if right.in_force(day) else "不在所载有效期内，请核对"
    return f"{right.valid_from or '未载明'} 至 {right.valid_to or '未载明'}（{day} {force}）"


def _hit(number: int, hit: Hit, listing: Listing) -> str:
    rows = [
        ("理由", _text(hit.reason, 2000)),
        ("分数与方法", _text(f"{hit.score:.2f}，{hit.matcher}")),
        *((_field_zh(span), _where(listing, span)) for span in hit.spans),
        *(("图片位置", _text(f"图片 {box.picture}，区域 {box.box}")) for box in hit.boxes),
    ]
    rows += [("可能适用的条文", _text(p.article) + _unverified(p.verified)) for p in hit.provisions]
    if not hit.provisions:
        rows.append(("可能适用的条文", "未列出，由执法人员判断"))
    rows += [("应先排除的情形", _text(str(defence))) for defence in hit.defences]
    name = plain(f"{FINDING_ZH[hit.finding]}：{hit.name}")
    return f"<h3>（{number}）涉嫌{name}</h3>\n{_table(rows)}"


def _field_zh(span: Span) -> str:
    return f"所在位置：{FIELD_ZH.get(span.field.split('.')[0], '其他')}"


def _where(listing: Listing, span: Span) -> str:
    text = _field(listing, span.field)
    return excerpt(text, span) if text is not None else _text(span.text)


def _field(listing: Listing, field: str) -> str | None:
    """Return the text a span speaks of; None where the listing has no such field."""
    name, _, part = field.partition(".")
    seller = listing.seller or Seller()
    if name in {"attributes", "category"}:
        texts = listing.category if name == "category" else [v for _, v in listing.attributes]
        return next((text for at, text in enumerate(texts) if str(at) == part), None)
    return {
        "title": listing.title,
        "description": listing.description,
        "brand": listing.brand,
        "origin": listing.origin,
        "seller.name": seller.name,
        "seller.company": seller.company,
    }.get(field)


def _routes(routes: Iterable[Route]) -> list[tuple[str, ...]]:
    return [(str(n), _text(r.bureau), _text(r.reason)) for n, r in enumerate(routes, 1)]


def _judged(judgement: Judgement) -> tuple[str, ...]:
    return (
        _time(judgement.at),
        _text(judgement.state.value),
        _text(judgement.reason, 2000),
        _text(judgement.by),
    )


def _exhibit(exhibit: Exhibit) -> str:
    record = exhibit.record
    rows = [
        ("文件", plain(exhibit.file)),
        ("采集记录", plain(exhibit.record_file)),
        ("采集网址", _text(record.url)),
        ("采集时间", _time(record.captured_at)),
        ("采集方式", DOOR_ZH[record.how]),
        ("服务器地址", _text(record.peer)),
        ("HTTP 状态", _text(_status(record.status))),
        ("媒体类型", _text(record.media_type)),
        ("大小", f"{record.size} 字节"),
        ("SHA-256", f"<code>{record.sha256}</code>"),
        ("SM3", f"<code>{record.sm3}</code>"),
    ]
    return f"<h3>{exhibit.number}　{exhibit.name}</h3>\n{_table(rows)}"


def _missing(listing: Listing) -> str:
    lost = [picture.url or picture.path for picture in listing.pictures if not picture.sha256]
    if not lost:
        return ""
    items = "".join(f"<li>{_text(address)}</li>" for address in lost)
    return f"<p>以下图片未能取得，不在证据中：</p>\n<ul>{items}</ul>"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    lines = "\n".join(f"<tr><th>{name}</th><td>{cell}</td></tr>" for name, cell in rows)
    return f"<table>\n{lines}\n</table>"


def _grid(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    if not lines:
        return "<p>无。</p>"
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "\n".join(f"<tr>{line}</tr>" for line in [head, *lines])
    return f"<table>\n{body}\n</table>"


def _text(value: str | None, most: int = _TEXT) -> str:
    return plain(shortened(value, most)) if value else "未载明"


def _status(status: int | None) -> str | None:
    if status == 304:  # RFC 9110, 15.4.5
        return "304（网站确认内容与先前采集的相同，文件为先前采集的内容）"
    return str(status) if status is not None else None


def _time(time: datetime) -> str:
    return f"{told(time)}（北京时间）"


def _unverified(verified: bool) -> str:
    return "" if verified else "（未核对）"
