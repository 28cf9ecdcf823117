"""比对说明: right and listing side by side, in words and pictures, with every reason and doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evidence.papers import facts
from evidence.papers.blocks import (
    Block,
    Cell,
    Figure,
    Figures,
    Head,
    Paper,
    fields,
    marks,
    para,
    said,
)
from evidence.papers.case import Case
from evidence.papers.pictures import figure
from leads.model import FINDING_ZH, Hit, Lead

_FIELD_ZH = {
    "title": "标题",
    "description": "商品描述",
    "brand": "品牌",
    "origin": "产地",
    "factory": "厂址",
    "attributes": "商品参数",
    "category": "类目",
    "seller": "卖家",
}
_MOST_PICTURES = 6


def comparison(case: Case, role: str) -> Paper:
    """Return one section for each lead."""
    blocks: list[Block] = [
        para(
            "本说明由监测程序比对生成并供人工研判参考，所列均为疑似情形，不是违法认定；"
            "高亮处为命中的文字，红框处为图片中命中的位置。"
        )
    ]
    own = {right: _own(bodies) for right, bodies in case.references.items()}
    for lead in case.leads:
        blocks += [
            Head(f"线索 {lead.id}：{said(lead.right_name)}"),
            *_section(case, lead, own.get(lead.right)),
        ]
    return Paper(role, case.sender.name, "比对说明", None, tuple(blocks))


def _own(bodies: Iterable[bytes]) -> Figure | None:
    """Return the first of the holder's pictures that can be shown."""
    made = (figure(body, "权利人图片或标识") for body in bodies)
    return next((one for one in made if one), None)


def _section(case: Case, lead: Lead, own: Figure | None) -> Iterator[Block]:
    right = case.rights.get(lead.right)
    yield fields(
        [
            ("权利", said(right.name if right else lead.right_name)),
            ("权利人", right.holder if right else None),
            ("保护的名称", "、".join(right.names) if right else None),
            ("保护范围", "、".join(area.name for area in right.area) if right else None),
            ("店铺", facts.shop(lead)),
            *_highlighted(lead),
        ]
    )
    for number, hit in enumerate(lead.hits, 1):
        yield fields(list(_hit(number, hit)))
    yield from _pictures(case, lead, own)


def _highlighted(lead: Lead) -> Iterator[tuple[str, Cell]]:
    for field, spans in facts.spans_by_field(lead.hits).items():
        text = facts.field_text(lead.listing, field)
        if text is not None:
            name = _FIELD_ZH.get(field.partition(".")[0], "其他")
            yield f"商品{name}" if name in ("标题",) else name, Cell(marks(text, spans))


def _hit(number: int, hit: Hit) -> Iterator[tuple[str, str | Cell | None]]:
    yield f"情形（{number}）", f"涉嫌{FINDING_ZH[hit.finding]}"
    yield "理由", hit.reason
    yield "可能适用的条款", facts.provisions([hit])
    yield "应先排除的情形", facts.defences([hit])


def _pictures(case: Case, lead: Lead, own: Figure | None) -> Iterator[Block]:
    """Yield the holder's picture and the captured ones two by two, those with hits first."""
    boxes: dict[str, list[tuple[int, int, int, int]]] = {}
    for hit in lead.hits:
        for box in hit.boxes:
            boxes.setdefault(box.picture, []).append(box.box)
    captured = [one for one in facts.of_lead(case, lead) if one.role in ("picture", "screenshot")]
    captured.sort(key=lambda exhibit: exhibit.record.sha256 not in boxes)
    shown = [own]
    for one in captured[:_MOST_PICTURES]:
        named = f"{one.number} {one.name}"
        made = figure(one.body, named, boxes.get(one.record.sha256, ()))
        shown.append(made)
        if made is None:
            yield para(f"{named}：无法显示，请查看原文件 {one.file}。")
    figures = [one for one in shown if one]
    for at in range(0, len(figures), 2):
        yield Figures(tuple(figures[at : at + 2]))
    if len(captured) > _MOST_PICTURES:
        yield para(f"另有 {len(captured) - _MOST_PICTURES} 件图片见证据清单。")
