"""Which fields each kind of paper must have, and which of them are empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from evidence.papers.case import Case
from evidence.papers.facts import of_lead, registered, seller_of
from leads.model import Lead
from leads.recipients import Recipient, RecipientKind

_K = RecipientKind
_AUTHORITIES = {_K.BUREAU, _K.PROVINCE, _K.DEPARTMENT, _K.POLICE}
_LETTERS = {*_AUTHORITIES, _K.PLATFORM, _K.HOLDER}
# 行政执法机关移送涉嫌犯罪案件的规定 (2020) art. 6.
POLICE_ENCLOSURES = ("涉嫌犯罪案件情况的调查报告", "涉案物品清单", "检验报告或者鉴定意见")


def missing(case: Case, recipient: Recipient) -> list[str]:
    """Return every mandatory field that is empty, in Chinese; those of a lead begin with its id."""
    found = [*_of_case(case, recipient)]
    for lead in case.leads:
        found += [f"{lead.id} {name}" for name in _of_lead(case, lead, recipient)]
    return found


def _of_case(case: Case, recipient: Recipient) -> Iterator[str]:
    if not case.leads:
        yield "线索"
    if len({officer.name for officer in case.officers}) < 2:
        yield "两名承办人员"
    if recipient.kind in _LETTERS:
        yield from _of_letter(case)
    if recipient.kind is _K.POLICE:
        yield from _of_police(case)


def _of_letter(case: Case) -> Iterator[str]:
    if not case.number:
        yield "文号"
    if case.day is None:
        yield "成文日期"
    if not case.approver:
        yield "审批人"
    elif case.approver in {officer.name for officer in case.officers}:
        yield "承办人员以外的审批人"
    if not case.sender.contact:
        yield "本机关联系人"
    if not case.sender.phone:
        yield "本机关联系电话"


def _of_police(case: Case) -> Iterator[str]:
    if not case.crime:
        yield "涉嫌罪名"
    if not case.amount:
        yield "涉案金额"
    yield from (f"随附材料：{name}" for name in POLICE_ENCLOSURES if name not in case.enclosures)


def _of_lead(case: Case, lead: Lead, recipient: Recipient) -> Iterator[str]:
    for name, kinds, empty in _LEAD_FIELDS:
        if recipient.kind in kinds and empty(case, lead):
            yield name


def _no_place(case: Case, lead: Lead) -> bool:
    seller = seller_of(lead)
    return not (seller.location or seller.company or seller.uscc)


def _no_capture(case: Case, lead: Lead) -> bool:
    return not any(exhibit.role == "page" for exhibit in of_lead(case, lead))


def _no_holder(case: Case, lead: Lead) -> bool:
    right = case.rights.get(lead.right)
    return right is None or not right.holder


def _no_number(case: Case, lead: Lead) -> bool:
    right = case.rights.get(lead.right)
    return right is None or not registered(right)


def _no_shop(case: Case, lead: Lead) -> bool:
    seller = seller_of(lead)
    return not (seller.name or seller.company)


def _no_address(case: Case, lead: Lead) -> bool:
    return lead.listing.kind == "offer" and not lead.listing.url


def _no_provision(case: Case, lead: Lead) -> bool:
    return not any(hit.provisions for hit in lead.hits)


_ALL = set(_K)
_LEAD_FIELDS: tuple[tuple[str, set[RecipientKind], Callable[[Case, Lead], bool]], ...] = (
    ("平台", _ALL, lambda _, lead: not lead.listing.site),
    ("商品网址", _ALL, _no_address),
    ("采集时间", _ALL, lambda _, lead: lead.listing.captured_at is None),
    ("网页采集记录", _ALL, _no_capture),
    ("店铺名称或经营主体", _ALL, _no_shop),
    ("经营地（落地信息）", {*_AUTHORITIES, _K.OWN}, _no_place),
    ("权利人", _ALL, _no_holder),
    ("权利登记（公告）号", _ALL - {_K.HOLDER}, _no_number),
    ("可能适用的条款", {*_AUTHORITIES, _K.PLATFORM, _K.OWN}, _no_provision),
)
