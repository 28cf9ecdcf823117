"""Letters that hand a lead over: down the line, sideways, to the police, a platform, a holder.

The fields follow the forms of 2021 (案件交办通知书, 案件移送函, 涉嫌犯罪案件移送书, 协助辨认/鉴别
通知书); the words are our own, and no term in days is named: what is in force may have changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from evidence.papers import facts
from evidence.papers.blocks import (
    Annex,
    Block,
    Cell,
    Head,
    Paper,
    Piece,
    Signed,
    cell,
    fields,
    para,
    said,
    table,
)
from evidence.papers.case import Case
from evidence.papers.gate import POLICE_ENCLOSURES
from leads.recipients import Recipient, RecipientKind

_NUMERALS = "一二三四五六七八九十"
_SHORT = 40
"""Characters of a title in the overview."""

TITLES = {
    RecipientKind.BUREAU: "案件交办通知书",
    RecipientKind.PROVINCE: "案件线索移送函",
    RecipientKind.DEPARTMENT: "案件线索移送函",
    RecipientKind.POLICE: "涉嫌犯罪案件移送书",
    RecipientKind.PROCURATOR: "涉嫌犯罪案件移送书（抄送）",
    RecipientKind.PLATFORM: "关于核实处理涉嫌违法商品信息的通知",
    RecipientKind.HOLDER: "协助辨认（鉴别）通知书",
    RecipientKind.SUPERIOR: "关于涉嫌违法线索处置的请示",
}


def letter(case: Case, recipient: Recipient, role: str) -> Paper:
    """Return the letter for ``recipient``."""
    kind = recipient.kind
    sections: list[tuple[str, list[Block]]] = [("线索概要", [_overview(case)])]
    if kind is RecipientKind.POLICE or kind is RecipientKind.PROCURATOR:
        sections.append(("涉嫌犯罪情况", list(_crime(case))))
    elif kind not in (RecipientKind.PLATFORM, RecipientKind.HOLDER):
        sections.append(("管辖依据", list(_grounds(case, recipient))))
    sections.append(("办理要求", [para(text) for text in _REQUESTS[kind]]))
    sections.append(("随附材料", list(_enclosures(case, recipient))))
    blocks: list[Block] = [
        para(f"{said(recipient.name)}：", indent=False),
        para(_opening(case, recipient)),
    ]
    for number, (name, content) in zip(_NUMERALS, sections, strict=False):
        blocks += [Head(f"{number}、{name}"), *content]
    blocks += _closing(case)
    for at, lead in enumerate(case.leads, 1):
        blocks += [Annex(f"附件 {at}　线索情况表"), fields(facts.about(case, lead))]
    blocks += [Annex("回　执"), _reply(case)]
    return Paper(role, case.sender.name, TITLES[kind], facts.number(case), tuple(blocks))


def _opening(case: Case, recipient: Recipient) -> str:
    found = f"本机关在{said(case.source)}中发现 {len(case.leads)} 条涉嫌违法的线索（详见附件）。"
    return found + _OPENINGS[recipient.kind]


_SIDEWAYS = (
    "经审查，该线索依法可能由你单位管辖（主管），现依照行政处罚管辖和案件移送的规定移送你单位。"
)
_TO_POLICE = (
    "经审查，有关行为涉嫌构成犯罪，现依照《行政执法机关移送涉嫌犯罪案件的规定》移送，"
    "并抄送同级人民检察院。"
)
_OPENINGS = {
    RecipientKind.BUREAU: "经审查，该线索可能由你局管辖，现交由你局依法办理。",
    RecipientKind.PROVINCE: _SIDEWAYS,
    RecipientKind.DEPARTMENT: _SIDEWAYS,
    RecipientKind.POLICE: _TO_POLICE,
    RecipientKind.PROCURATOR: _TO_POLICE,
    RecipientKind.PLATFORM: "有关商品由你平台内经营者展示，现请你单位核实处理。",
    RecipientKind.HOLDER: "有关商品涉及你单位的权利，因办案需要，现请你单位协助辨认（鉴别）。",
    RecipientKind.SUPERIOR: "经营地不在可以直接移送的地区，现将线索上报，请示如何处置。",
}


def _overview(case: Case) -> Block:
    rows = [
        (
            cell(lead.id),
            cell(facts.shop(lead)),
            cell(_short(lead.listing.title)),
            cell(f"{said(lead.right_name)}：{facts.findings(lead)}"),
        )
        for lead in case.leads
    ]
    return table(("线索编号", "店铺", "商品", "涉及权利和疑似情形"), rows, (5, 4, 6, 7))


def _short(title: str) -> str:
    return title if len(title) <= _SHORT else f"{title[:_SHORT]}……"


def _grounds(case: Case, recipient: Recipient) -> Iterator[Block]:
    for lead in case.leads:
        seller = facts.seller_of(lead)
        known = "；".join(
            f"{name}：{said(value)}"
            for name, value in (
                ("经营地", seller.location),
                ("亮照主体", seller.company),
                ("统一社会信用代码", seller.uscc),
                ("厂址", lead.listing.factory),
                ("发货地", lead.listing.ships_from),
            )
            if value
        )
        routed = [route.reason for route in lead.routes if route.bureau == recipient.code]
        why = f"；本机关判断依据：{said(routed[0])}" if routed else ""
        yield para(f"线索 {lead.id}，{known or '经营地未载明'}{why}。")
    yield para("上述信息来自公开网页，实际经营地以核查结果为准。")


def _crime(case: Case) -> Iterator[Block]:
    yield fields([("涉嫌罪名", case.crime), ("涉案金额", case.amount)])
    yield para("金额系估算的，须经核实；合理怀疑涉嫌犯罪即予移送，不以查清全部事实为前提。")


_FEEDBACK = "请在签收后告知承办单位和联系人，并将核查、立案和处理结果书面反馈本机关。"
_RETURN = "认为不属于你单位管辖或者材料不全的，请说明理由并及时退回，不要自行再移送。"
_CRIME_REQUESTS = (
    "请依法审查并在法定期限内作出是否立案的决定，书面通知本机关；不予立案的，请说明理由并退回案卷材料。",
)
_REQUESTS = {
    RecipientKind.BUREAU: (
        "请在法定期限内核查，决定是否立案；网页信息可能变动，请尽快由两名执法人员复核固定证据。",
        "所列线索由程序比对、人工研判得出，是否违法由你局依法认定；“应先排除的情形”请先行核实。",
        _FEEDBACK,
        _RETURN,
    ),
    RecipientKind.PROVINCE: (
        "请依法核查处理；所列线索由程序比对、人工研判得出，是否违法由你单位依法认定。",
        _FEEDBACK,
        _RETURN,
    ),
    RecipientKind.DEPARTMENT: ("请依法核查处理。", _FEEDBACK, _RETURN),
    RecipientKind.POLICE: _CRIME_REQUESTS,
    RecipientKind.PROCURATOR: ("请依法对本案移送和立案活动予以监督。",),
    RecipientKind.PLATFORM: (
        "请核实上述商品和经营者信息；经核实涉嫌违法的，请依照法律和平台规则采取必要措施。",
        "请保存上述商品的交易记录和经营者信息，以备依法调取；处理前请勿向无关人员透露本通知内容。",
        "请将处理时间和结果书面反馈本机关；认为不涉嫌违法的，请说明理由。",
    ),
    RecipientKind.HOLDER: (
        "请辨认所附图片和信息中的商品是否由你单位生产、许可生产或者许可使用有关标识，并说明辨认依据。",
        "请说明所列店铺是否经你单位授权，以及你单位权利目前的状态，并附权利证书复印件。",
        "辨认意见须由两名以上辨认人签名并加盖公章；请对本通知内容保密。",
    ),
    RecipientKind.SUPERIOR: ("妥否，请批示。",),
}  # fmt: skip


def _enclosures(case: Case, recipient: Recipient) -> Iterator[Block]:
    own = ["线索情况表（附后）", "证据清单", "比对说明"]
    if recipient.competent:
        own = ["线索情况表（附后）", "案件来源登记表", "证据清单", "比对说明"]
        own += ["电子数据证据提取笔录（底稿）", f"电子证据（{len(case.exhibits)} 件，见证据清单）"]
    given = [said(name) for name in case.enclosures] if recipient.competent else []
    if recipient.kind is RecipientKind.POLICE:
        given += [f"{name}（待补）" for name in POLICE_ENCLOSURES if name not in case.enclosures]
    for number, name in enumerate([*own, *given], 1):
        yield para(f"{number}. {name}")


def _closing(case: Case) -> list[Block]:
    sender = case.sender
    officers = "、".join(_officer(officer.name, officer.number) for officer in case.officers)
    lines = [
        ("承办人员", officers),
        ("审批人", case.approver),
        ("联系人", sender.contact),
        ("联系电话", sender.phone),
        ("联系地址", sender.address),
    ]
    contact = "；".join(f"{name}：{said(value)}" for name, value in lines if value)
    return [
        para(f"{contact or '承办人员和联系方式：未载明'}。", kept=True),
        Signed((sender.name, written(case.day))),
    ]


def _reply(case: Case) -> Block:
    """Return the slip that comes back; its fields are those of the command ``receipt``."""
    room = Cell((Piece("\n"),))
    return fields(
        [
            ("发文机关和文号", f"{case.sender.name}　{said(case.number)}"),
            ("线索编号", "、".join(lead.id for lead in case.leads)),
            ("签收单位（盖章）", room),
            ("签收人、签收日期", room),
            ("承办单位、联系人、电话", room),
            ("办理结果、反馈日期", room),
            ("退回理由", Cell((Piece("□ 管辖　□ 材料\n"),))),
        ]
    )


def _officer(name: str, number: str | None) -> str:
    return f"{said(name)}（执法证号 {said(number)}）" if number else said(name)


def written(day: date | None) -> str:
    """Return a day as papers bear it; with room to fill in where it is not set."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　年　月　日"
