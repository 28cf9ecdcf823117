"""The official papers that go with a packet, by recipient, as editable DOCX, PDF and XLSX."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time
from importlib.util import find_spec

from evidence.linter import leaks
from evidence.masks import IDENTITY, PHONE, masked_lead
from evidence.papers.blocks import Paper
from evidence.papers.case import Case, Extraction, Officer
from evidence.papers.comparison import comparison
from evidence.papers.gate import missing
from evidence.papers.inventory import COLUMNS, inventory, rows
from evidence.papers.letters import TITLES, letter
from evidence.papers.record import record
from evidence.papers.register import register
from leads.beijing import BEIJING
from leads.recipients import Recipient, RecipientKind

__all__ = ["Case", "Extraction", "Incomplete", "LeakError", "Officer", "PapersError", "papers"]


class PapersError(Exception):
    """The papers cannot be made; the message says why, in Chinese."""


class Incomplete(PapersError):
    """Mandatory fields are empty; ``missing`` names each in Chinese, with the lead it is of."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(f"缺少 {len(missing)} 项必填内容：{'；'.join(missing)}")


class LeakError(PapersError):
    """Something personal would leave to one who is no authority."""


def papers(case: Case, recipient: Recipient, draft: bool) -> Mapping[str, bytes]:
    """Return the papers for ``recipient`` as file name (by role) -> bytes, always the same bytes.

    With ``draft`` missing fields are left blank and every page says 草稿. Who is no authority
    reads of persons only what :mod:`evidence.masks` leaves.

    Raises:
        Incomplete: a mandatory field is empty and this is no draft.
        LeakError: a phone, an identity number or an e-mail is left for one who is no authority.
        PapersError: there are no leads, or a library or type is missing.
    """
    if absent := [name for name in ("docx", "typst") if find_spec(name) is None]:
        names = "、".join(absent)
        raise PapersError(f"没有安装制作文书的程序库 {names}：pip install 'markwatch[papers]'")
    empty = missing(case, recipient)
    if empty and not draft:
        raise Incomplete(empty)
    if not case.leads:
        raise PapersError("没有线索，无从制作文书")
    shown = case if recipient.competent else _without_persons(case)
    files = dict(_made(shown, recipient, draft))
    if not recipient.competent:
        _checked(files, case)
    return files


def _made(case: Case, recipient: Recipient, draft: bool) -> Iterator[tuple[str, bytes]]:
    from evidence.papers.fonts import NoTypeError
    from evidence.papers.press import PressError, pdf
    from evidence.papers.sheets import workbook
    from evidence.papers.word import docx

    at = _dated(case)
    for paper in _papers(case, recipient):
        yield f"{paper.role}.docx", docx(paper, at, draft)
        try:
            yield f"{paper.role}.pdf", pdf(paper, at, draft)
        except (NoTypeError, PressError) as refused:
            raise PapersError(f"{paper.role}：{refused}") from refused
    note = "草稿，不得作为正式文书使用" if draft else None
    yield "03_证据清单.xlsx", workbook("证据清单", COLUMNS, rows(case), at, note)


def _papers(case: Case, recipient: Recipient) -> Iterator[Paper]:
    if recipient.kind is RecipientKind.OWN:
        yield register(case, "01_案件来源登记表")
    else:
        yield letter(case, recipient, f"01_{TITLES[recipient.kind]}")
        if recipient.competent:
            yield register(case, "02_案件来源登记表")
    yield inventory(case, "03_证据清单")
    if recipient.competent:
        yield record(case, "04_电子数据证据提取笔录（底稿）")
    yield comparison(case, "05_比对说明")


def _dated(case: Case) -> datetime:
    """Return the time papers bear inside: of their day, else of the newest lead."""
    if case.day:
        return datetime.combine(case.day, time(), BEIJING)
    return max(lead.found_at for lead in case.leads).astimezone(BEIJING)


def _without_persons(case: Case) -> Case:
    """Return the case as a platform or a holder may see it: no persons, nothing of the inside."""
    leads = [masked_lead(lead) for lead in case.leads]
    return replace(case, leads=leads, judgements={}, extractions=())


def _checked(files: Mapping[str, bytes], case: Case) -> None:
    own = {text for text in (case.sender.phone, case.sender.contact) if text}
    addresses = [text for lead in case.leads for text in (lead.listing.url, lead.listing.ref)]
    addresses += [exhibit.record.url for exhibit in case.exhibits]
    # The number of a listing may look like a phone.
    numbers = {
        found.group()
        for text in filter(None, addresses)
        for kind in (PHONE, IDENTITY)
        for found in kind.finditer(text)
    }
    if left := leaks(files, allowed=own | numbers):
        raise LeakError("文书中有不得外传的个人信息：" + "；".join(map(str, left)))
