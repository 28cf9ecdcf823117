"""案件来源登记表: where a case came from, and what those in charge decide about it."""

from __future__ import annotations

from evidence.papers import facts
from evidence.papers.blocks import Block, Cell, Paper, Piece, fields, said
from evidence.papers.case import Case
from evidence.papers.letters import written
from leads.beijing import told
from leads.model import Lead

_BLANK = Cell((Piece("\n\n签名：　　　　　　　　年　月　日"),))
"""Room for an opinion and a signature."""


def register(case: Case, role: str) -> Paper:
    """Return one form for each lead."""
    blocks = tuple(_form(case, lead) for lead in case.leads)
    return Paper(role, case.sender.name, "案件来源登记表", facts.number(case), blocks)


def _form(case: Case, lead: Lead) -> Block:
    seller, listing = facts.seller_of(lead), lead.listing
    judged = [
        f"{told(judgement.at)} {judgement.state}：{judgement.reason}（{judgement.by}）"
        for judgement in case.judgements.get(lead.id, ())
    ]
    officers = "、".join(officer.name for officer in case.officers)
    return fields(
        [
            ("线索编号", lead.id),
            ("线索来源", case.source),
            ("登记日期", written(case.day)),
            ("发现时间", f"{told(lead.found_at)}（北京时间）"),
            ("当事人", seller.company or seller.name),
            ("统一社会信用代码", seller.uscc),
            ("住所（经营地）", seller.location),
            ("平台和店铺", f"{facts.site(case, listing)}　{facts.shop(lead)}"),
            ("商品和网址", f"{said(listing.title)}　{said(listing.url)}"),
            ("涉及权利", lead.right_name),
            ("线索内容", _content(lead)),
            ("可能适用的条款", facts.provisions(lead.hits)),
            ("应先排除的情形", facts.defences(lead.hits)),
            ("附件", facts.numbers(case, lead)),
            ("处理经过", "；".join(judged) or "无"),
            ("登记人", officers),
            ("承办意见", _BLANK),
            ("负责人意见", _BLANK),
        ]
    )


def _content(lead: Lead) -> str:
    reasons = "；".join(dict.fromkeys(hit.reason for hit in lead.hits))
    return f"疑似{facts.findings(lead)}：{reasons}"
