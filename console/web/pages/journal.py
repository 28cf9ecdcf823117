"""The log of who did what: by person, event and day; whether its chain holds; and as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.options import now
from console.web.guard import allowed, office_of
from console.web.office import Checked, Office
from console.web.pages.rights import sent
from console.web.people import Person, Role
from console.web.render import link, page
from console.workbooks import Sheet, workbook
from evidence.custody import Custody, CustodyError, Line
from evidence.days import stamp_days
from leads.beijing import BEIJING

PAGE = 100
_MOST_EXPORTED = 50_000
EVENT_ZH = {
    "judged": "研判",
    "undone": "撤销研判",
    "packet": "制作证据包",
    "fetched packet": "下载证据包",
    "receipt": "登记回执",
    "fetched receipt": "下载回执",
    "fetched evidence": "下载存证",
    "proposed exclusion": "提出排除",
    "excluded": "排除生效",
    "refused exclusion": "退回排除",
    "lifted exclusion": "撤销排除",
    "logged in": "登录",
    "logged out": "退出",
    "log-in failed": "登录失败",
    "log-in refused": "登录被拒",
    "changed own password": "更改自己的密码",
    "password refused": "原密码有误",
    "ended session": "结束登录",
    "added person": "添加人员",
    "changed person": "更改人员",
    "reset password": "重设密码",
    "removed person": "删除人员",
    "registry proposed": "提出名单更改",
    "registry changed": "名单更改生效",
    "registry not changed": "名单未能写入",
    "registry withdrawn": "退回名单更改",
    "exported": "导出名单",
    "fetched annual": "下载专用标志年报",
    "exported log": "导出日志",
}
"""What events are called; those of other pages come under their own names."""
FACT_ZH = {
    "lead": "线索", "state": "结论", "name": "名称", "role": "角色", "city": "城市", "to": "交给",
    "file": "文件", "files": "文件", "address": "地址", "right": "权利", "year": "年度",
    "proposer": "提出人", "proposal": "更改编号", "reason": "依据", "why": "理由",
    "disabled": "停用", "before": "原为", "sha256": "摘要", "lines": "行数", "asked": "条件",
    "unchecked": "姓名未核验",
}  # fmt: skip


class Asked(NamedTuple):
    """What of the log is asked for; "" asks for all."""

    by: str = ""
    event: str = ""
    day: str = ""

    def fits(self, line: Line) -> bool:
        """Tell whether a line is meant."""
        record = line.record or {}
        return (not self.by or self.by in str(record.get("by", ""))) and (
            not self.event or record.get("event") == self.event
        )


class Shown(NamedTuple):
    """A line as it is shown."""

    number: int
    at: str
    by: str
    event: str
    facts: str


async def log(request: Request, person: Person) -> Response:
    """Show some lines, the newest first, and whether the chain holds."""
    office, asked = office_of(request), _asked(request)
    last = request.query_params.get("before", "")
    before = int(last) if last.isascii() and last.isdigit() and len(last) < 12 else None
    find = partial(_found, office.log, asked, _sees(office, person), before)
    lines = await anyio.to_thread.run_sync(lambda: list(islice(find(), PAGE + 1)))
    if office.checked is None:
        office.checked = await _check(office)
    shown = [_shown(line) for line in lines[:PAGE]]
    older = str(shown[-1].number) if len(lines) > PAGE else None
    return page(
        request,
        "log.html",
        lines=shown,
        asked=asked,
        events=EVENT_ZH,
        days=[path.stem for path in reversed(office.log.days())],
        older=link("/log", **asked._asdict(), before=older) if older else None,
        xlsx=link("/log/export", **asked._asdict()),
        jsonl=link("/log/export", **asked._asdict(), form="jsonl"),
        checked=office.checked,
        own=person.city is not None,
    )


async def check(request: Request, person: Person) -> Response:
    """Go through the whole chain again."""
    office = office_of(request)
    office.checked = await _check(office)
    return RedirectResponse("/log", 303)


async def _check(office: Office) -> Checked:
    return await anyio.to_thread.run_sync(_checked, office.log, limiter=office.heavy)


def _checked(log: Custody) -> Checked:
    """Check the chain, and write down the ends of the days that are over."""
    try:
        log.check()
        stamp_days(log, now().astimezone(BEIJING).date(), ())
    except CustodyError as broken:
        return Checked(now(), str(broken))
    return Checked(now(), None)


async def export(request: Request, person: Person) -> Response:
    """Send the lines asked for: as a workbook, or as they stand, with their links."""
    office, asked = office_of(request), _asked(request)
    find = partial(_found, office.log, asked, _sees(office, person), None)
    lines = await anyio.to_thread.run_sync(lambda: list(islice(find(), _MOST_EXPORTED)))
    wanted = " ".join(filter(None, asked))
    office.note(person, "exported log", lines=str(len(lines)), asked=wanted)
    if request.query_params.get("form") == "jsonl":
        body = b"".join(line.text() for line in reversed(lines))
        return sent(body, "log.jsonl", "application/x-ndjson")
    rows = (_shown(line) for line in lines)
    headings = ("序号", "时间", "人员", "操作", "内容")
    book = Sheet("日志", headings, rows, (10, 28, 16, 18, 60))
    return sent(await anyio.to_thread.run_sync(workbook, [book]), "log.xlsx")


def _asked(request: Request) -> Asked:
    given = request.query_params
    day = given.get("day", "")
    if day and day not in {path.stem for path in office_of(request).log.days()}:
        raise HTTPException(404, "这一天没有日志")
    return Asked(given.get("by", "")[:100], given.get("event", "")[:100], day)


def _sees(office: Office, person: Person) -> Callable[[Line], bool]:
    """Return whether somebody may see a line: of a city only what its own people did."""
    if person.city is None:
        return lambda line: True
    own = {one.person.name for one in office.people.all() if one.person.city == person.city}
    return lambda line: (line.record or {}).get("by") in own


def _found(
    log: Custody, asked: Asked, sees: Callable[[Line], bool], before: int | None
) -> Iterator[Line]:
    for path in reversed(log.days()):
        if asked.day in ("", path.stem):
            for line in reversed(list(log.lines(path))):
                if (before is None or line.number < before) and asked.fits(line) and sees(line):
                    yield line


def _shown(line: Line) -> Shown:
    record = dict(line.record or {})
    at, by, event = (str(record.pop(name, "")) for name in ("at", "by", "event"))
    return Shown(
        line.number, at[:19].replace("T", " "), by, EVENT_ZH.get(event, event), _facts(record)
    )


def _facts(record: dict[str, object]) -> str:
    return "；".join(
        f"{FACT_ZH.get(name, name)} {_fact(value)}" for name, value in record.items() if value
    )


def _fact(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


ROUTES = [
    Route("/log", allowed(log, Role.APPROVER), methods=["GET"]),
    Route("/log", allowed(check, Role.APPROVER), methods=["POST"]),
    Route("/log/export", allowed(export, Role.APPROVER)),
]
