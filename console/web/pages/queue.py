"""The queue: leads filtered, grouped by seller, decided on one by one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.judging import record
from console.options import now
from console.web.guard import allowed, form_token, office_of
from console.web.people import Person, Role
from console.web.render import link, page
from leads.fields import FACETS
from leads.model import Judgement, State
from leads.query import QueryError
from leads.routing import kinds
from leads.states import MoveError, moves
from leads.store import Overtaken, Sort

PAGE = 25
_SHOWN = FACETS[:6]
FIRST = "状态:新发现"
"""What is asked where nothing is."""
_MOST_AT_ONCE = 500

SORT_ZH = {
    Sort.STRENGTH: "最该先看",
    Sort.NEWEST: "最新发现",
    Sort.OLDEST: "最早发现",
    Sort.CHEAPEST: "价格从低到高",
    Sort.DEAREST: "价格从高到低",
}


async def queue(request: Request, person: Person) -> Response:
    """Show one page of leads that fit the query, with what they spread over."""
    office = office_of(request)
    asked = request.query_params.get("q", FIRST)
    sort = _sort(request.query_params.get("sort"))
    after = request.query_params.get("after") or None
    try:
        query = office.asked(asked, person)
        found = office.store.search(query, sort, after, PAGE)
    except QueryError as wrong:
        return page(
            request,
            "queue.html",
            400,
            **_empty(office.people.searches(person.name), asked, sort),
            fault=str(wrong),
        )
    except ValueError:
        raise HTTPException(400, "翻页标记有误，请回到第一页") from None
    facets = office.store.facets(query, _SHOWN)
    return page(
        request,
        "queue.html",
        asked=asked,
        sort=sort,
        sorts=SORT_ZH,
        leads=found.leads,
        after=found.after,
        facets=facets,
        names=office.names,
        saved=office.people.searches(person.name),
        fault=None,
        choices=_choices(person),
    )


def _empty(saved: Sequence[tuple[str, str]], asked: str, sort: Sort) -> dict[str, object]:
    return {
        "asked": asked, "sort": sort, "sorts": SORT_ZH, "leads": (), "after": None,
        "facets": None, "names": {}, "saved": saved, "choices": (),
    }  # fmt: skip


def _sort(given: str | None) -> Sort:
    return Sort(given) if given in set(Sort) else Sort.STRENGTH


def _choices(person: Person) -> tuple[State, ...]:
    """Return the decisions that may be taken of many leads at once."""
    if person.role < Role.OFFICER:
        return ()
    return (State.PENDING, State.EXCLUDED, State.SUPPLEMENT, State.SUSPENDED, State.APPROVAL)


async def sellers(request: Request, person: Person) -> Response:
    """Show the sellers of the leads that fit the query, by their strongest lead."""
    office = office_of(request)
    asked = request.query_params.get("q", FIRST)
    number = request.query_params.get("page", "0")
    offset = PAGE * int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0
    try:
        groups = office.store.groups(office.asked(asked, person), PAGE, offset)
    except QueryError as wrong:
        return page(
            request,
            "sellers.html",
            400,
            asked=asked,
            groups=(),
            fault=str(wrong),
            next=None,
            names={},
        )
    following = str(offset // PAGE + 1) if len(groups) == PAGE else None
    return page(
        request, "sellers.html", asked=asked, groups=groups, fault=None, next=following,
        names=office.names,
    )  # fmt: skip


async def judge(request: Request, person: Person) -> Response:
    """Record one decision about one or many leads; says how many were taken and why not others."""
    office = office_of(request)
    form = await request.form(max_files=10, max_fields=2000)
    given = {
        name: str(form.get(name, "")).strip()
        for name in ("state", "reason", "by", "code", "second", "to", "back")
    }
    ids = [str(one) for one in form.getlist("lead")]
    by = person.name if office.place.team else given["by"]
    if given["state"] not in set(State):
        raise HTTPException(400, "没有这个状态")
    if not ids or len(ids) > _MOST_AT_ONCE:
        return _back(request, given["back"], f"请选中 1 至 {_MOST_AT_ONCE} 条线索")
    if not given["reason"] or not by:
        return _back(request, given["back"], "请写明理由和姓名")
    if given["to"] and given["to"] not in kinds(office.registry):
        raise HTTPException(400, "没有这个收件单位")
    done, refused = [], []
    for standing in office.visible(ids, person):
        if approves(standing.state, State(given["state"])) and person.role < Role.APPROVER:
            refused.append(f"{standing.lead.id}：须由审批人决定")
            continue
        judgement = Judgement(
            lead=standing.lead.id,
            state=State(given["state"]),
            reason=given["reason"],
            by=by,
            at=now(),
            second=given["second"] or None,
            code=given["code"] or None,
            to=given["to"] or None,
        )
        try:
            record(office.store, judgement)
        except (MoveError, Overtaken) as wrong:
            refused.append(f"{standing.lead.id}：{wrong}")
        else:
            done.append(standing.lead.id)
            office.note(person, "judged", lead=standing.lead.id, state=given["state"], name=by)
    told = f"已记录 {len(done)} 条：{given['state']}"
    if refused:
        told += f"；{len(refused)} 条未记录：{'；'.join(refused[:5])}"
    return _back(request, given["back"], told)


def approves(start: State, end: State) -> bool:
    """Tell whether a move is an approval, which an approver must make."""
    return any(move.two and move.end is end for move in moves(start))


def _back(request: Request, where: str, told: str) -> Response:
    """Go back to the page the form was on; never anywhere else."""
    office_of(request).told[form_token(request)] = told
    ours = where.startswith("/") and not where.startswith(("//", "/\\"))
    return RedirectResponse(where if ours else "/", HTTPStatus.SEE_OTHER)


async def save(request: Request, person: Person) -> Response:
    """Keep a search under a title, or forget it."""
    form = await request.form()
    title, query = str(form.get("title", "")).strip()[:50], str(form.get("q", ""))[:1000]
    if title:
        office_of(request).people.save_search(person.name, title, query)
    return _back(
        request, link("/", q=query), f"已保存检索“{title}”" if title and query else "已删除"
    )


ROUTES = [
    Route("/", allowed(queue)),
    Route("/sellers", allowed(sellers)),
    Route("/judge", allowed(judge, Role.OFFICER), methods=["POST"]),
    Route("/searches", allowed(save), methods=["POST"]),
]
