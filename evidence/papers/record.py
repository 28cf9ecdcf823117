"""电子数据证据提取笔录 as a draft: the machine fills in facts, officers complete and sign.

Elements: 市场监督管理行政执法电子数据取证暂行规定 (2024); 最高人民检察院办理网络犯罪案件规定
art. 37; 行政诉讼证据规定 art. 12.
"""

from __future__ import annotations

from evidence.exhibit import Exhibit
from evidence.papers import facts
from evidence.papers.blocks import BLANK, Block, Cell, Head, Paper, Piece, cell, fields, para, table
from evidence.papers.case import Case, Extraction
from leads.beijing import told
from leads.model import DOOR_ZH, Lead


def record(case: Case, role: str) -> Paper:
    """Return one section for each lead, by its last re-capture or else the machine's capture."""
    blocks: list[Block] = [
        para("（底稿：下列事实由程序填写，须经提取人员核对、补充并签名后方为笔录。）", indent=False)
    ]
    for lead in case.leads:
        done = [one for one in case.extractions if one.lead == lead.id]
        blocks += [Head(f"线索 {lead.id}"), *_section(case, lead, done[-1] if done else None)]
    return Paper(role, case.sender.name, "电子数据证据提取笔录", None, tuple(blocks))


def _section(case: Case, lead: Lead, done: Extraction | None) -> list[Block]:
    page = next((one for one in facts.of_lead(case, lead) if one.role == "page"), None)
    return [
        fields([*(_by_officers(done) if done else _by_machine(lead, page)), *_object(lead)]),
        *_steps(done),
        _files(facts.of_lead(case, lead)),
        _signatures(),
    ]


def _by_officers(done: Extraction) -> facts.Rows:
    names = "、".join(
        officer.name + (f"（{officer.number}）" if officer.number else "")
        for officer in done.officers
    )
    return [
        ("提取方式", "执法人员复核固证（网络在线提取）"),
        ("提取时间", f"{told(done.began)} 至 {told(done.ended)}（北京时间）"),
        ("提取地点", done.place or BLANK),
        ("提取人员", names),
        *((name, value) for name, value in done.environment),
        ("与首次采集比较", "；".join(done.changes) or "未发现变化"),
    ]


def _by_machine(lead: Lead, page: Exhibit | None) -> facts.Rows:
    at = lead.listing.captured_at
    how = DOOR_ZH[page.record.how] if page else "未载明"
    return [
        ("提取方式", f"程序自动采集（{how}），尚未由执法人员复核固证"),
        ("采集时间", f"{told(at)}（北京时间）" if at else None),
        ("服务器地址", page.record.peer if page else None),
        ("提取地点", BLANK),
        ("提取人员及执法证号", f"{BLANK}　{BLANK}"),
        ("系统环境、网络环境", BLANK),
        ("时间校对、清洁性检查", BLANK),
    ]


def _object(lead: Lead) -> facts.Rows:
    return [
        ("提取对象", f"商品网页　{lead.listing.title}"),
        ("网址", Cell((Piece(cell(lead.listing.url).pieces[0].text),), code=True)),
        ("证明对象", f"该商品涉嫌{facts.findings(lead)}（{lead.right_name}）"),
        ("见证人、当事人", BLANK),
    ]


def _steps(done: Extraction | None) -> list[Block]:
    steps = done.steps if done else (f"{BLANK}{BLANK}", f"{BLANK}{BLANK}", f"{BLANK}{BLANK}")
    return [
        para("提取步骤：", indent=False),
        *(para(f"{n}. {cell(step).pieces[0].text}") for n, step in enumerate(steps, 1)),
        para("提取所得文件及完整性校验值：", indent=False, kept=True),
    ]


def _files(exhibits: list[Exhibit]) -> Block:
    rows = [
        (
            cell(exhibit.number),
            Cell((Piece(f"{exhibit.name}\n{exhibit.file}\n{exhibit.record.size} 字节"),)),
            facts.digests(exhibit),
        )
        for exhibit in exhibits
    ]
    return table(("编号", "文件", "校验值"), rows, (4, 12, 25))


def _signatures() -> Block:
    return fields(
        [
            ("提取人员签名", Cell((Piece(f"\n{BLANK}　　{BLANK}　　年　月　日"),))),
            ("见证人签名", Cell((Piece(f"\n{BLANK}　　年　月　日"),))),
            ("备注", Cell((Piece("\n"),))),
        ]
    )
