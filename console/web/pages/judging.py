"""Decisions: on one lead or many at once, on everything of a seller, and taken back at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.judging import record
from console.options import now
from console.web.guard import allowed, form_token, office_of
from console.web.office import Done, Office
from console.web.people import Person, Role
from leads.fields import Field
from leads.model import Judgement, State
from leads.query import And, Or, Term
from leads.routing import kinds
from leads.states import MoveError, check_whole_seller, moves, state_of
from leads.store import Overtaken

MOST_AT_ONCE = 500
"""Leads in one decision."""
BULK = (State.PENDING, State.EXCLUDED, State.SUPPLEMENT, State.SUSPENDED, State.APPROVAL)
"""What may be decided of many leads at once."""
_OPEN = (State.NEW, State.PENDING, State.SUPPLEMENT)
_TOLD = 5
"""Refusals that are told in full."""


def choices(person: Person) -> tuple[State, ...]:
    """Return the decisions that a person may take of many leads at once."""
    return BULK if person.role >= Role.OFFICER else ()


async def judge(request: Request, person: Person) -> Response:
    """Record one decision about one or many leads; says how many were taken and why not others."""
    office = office_of(request)
    form = await request.form(max_files=10, max_fields=2000)
    names = ("state", "reason", "by", "code", "second", "to", "back", "seller")
    given = {name: str(form.get(name, "")).strip() for name in names}
    ids = [str(one) for one in form.getlist("lead")]
    by = person.name if office.place.team else given["by"]
    if given["state"] not in set(State):
        raise HTTPException(400, "没有这个状态")
    if given["to"] and given["to"] not in kinds(office.registry):
        raise HTTPException(400, "没有这个收件单位")
    if given["seller"]:
        ids = list(_of_seller(office, given["seller"], person))
    if not ids or len(ids) > MOST_AT_ONCE:
        return back(request, given["back"], f"请选中 1 至 {MOST_AT_ONCE} 条线索")
    if not given["reason"] or not by:
        return back(request, given["back"], "请写明理由和姓名")
    if fault := _second(office, given["second"]):
        return back(request, given["back"], fault)
    at = now()
    wanted = [
        Judgement(
            lead=standing.lead.id,
            state=State(given["state"]),
            reason=given["reason"],
            by=by,
            at=at,
            second=given["second"] or None,
            code=given["code"] or None,
            to=given["to"] or None,
        )
        for standing in office.visible(ids, person)
    ]
    done, refused = _recorded(office, wanted, person, whole_seller=bool(given["seller"]))
    session = form_token(request)
    office.decided(session, Done(tuple(done), State(given["state"]), by, at))
    return back(request, given["back"], _told(f"：{given['state']}", done, refused))


def _of_seller(office: Office, seller: str, person: Person) -> Iterator[str]:
    """Yield every lead of a seller that is still to be decided on."""
    still = Or(tuple(Term(Field.STATE, state.value) for state in _OPEN))
    query = And((office.of_seller(seller, person), still))
    for standing in office.store.find(query, limit=MOST_AT_ONCE + 1):
        yield standing.lead.id


def _second(office: Office, name: str) -> str | None:
    """Return why somebody cannot be the second person: of a team they are known."""
    known = {account.person.name for account in office.people.all()}
    if name and office.place.team and name not in known:
        return f"没有“{name}”这个人，第二人须是有账号的人员"
    return None


def _recorded(
    office: Office, wanted: Iterable[Judgement], person: Person, *, whole_seller: bool = False
) -> tuple[list[str], list[str]]:
    """Record judgements one by one; return the leads, and what was refused with the reason."""
    done, refused = [], []
    for judgement in wanted:
        history = office.store.judgements(judgement.lead)
        try:
            if approves(state_of(history), judgement.state) and person.role < Role.APPROVER:
                raise MoveError("须由审批人决定")
            if whole_seller and judgement.state is State.EXCLUDED:
                check_whole_seller(judgement)
            record(office.store, judgement)
        except (MoveError, Overtaken) as wrong:
            refused.append(f"{judgement.lead}：{wrong}")
            continue
        done.append(judgement.lead)
        office.note(
            person, "judged", lead=judgement.lead, state=judgement.state.value, name=judgement.by
        )
    return done, refused


def approves(start: State, end: State) -> bool:
    """Tell whether a move is an approval, which an approver must make."""
    return any(move.two and move.end is end for move in moves(start))


def _told(what: str, done: Sequence[str], refused: Sequence[str]) -> str:
    told = f"已记录 {len(done)} 条{what}"
    if refused:
        told += f"；{len(refused)} 条未记录：{'；'.join(refused[:_TOLD])}"
    return told + ("……" if len(refused) > _TOLD else "")


async def undo(request: Request, person: Person) -> Response:
    """Take back what this session decided last: a judgement that follows, never one removed."""
    office, session = office_of(request), form_token(request)
    where = str((await request.form(max_files=0, max_fields=10)).get("back", ""))
    last = office.undoable(session)
    if last is None:
        return back(request, where, "没有可以撤销的操作：只能撤销本人十分钟内的上一步")
    wanted, refused = [], []
    for lead in last.leads:
        history = office.store.judgements(lead)
        if not history or (history[-1].at, history[-1].by) != (last.at, last.by):
            refused.append(f"{lead}：其后又有人处理，不能撤销")
            continue
        before = state_of(history[:-1])
        # What was seen is never new again.
        to = State.PENDING if before is State.NEW else before
        code, reason = None, f"撤销“{last.state}”：误操作"
        wanted.append(
            Judgement(lead=lead, state=to, reason=reason, by=last.by, at=now(), code=code)
        )
    done, not_allowed = _recorded(office, wanted, person)
    office.decided(session, None)
    return back(request, where, _told("，已撤销上一步", done, [*refused, *not_allowed]))


def back(request: Request, where: str, told: str) -> Response:
    """Go back to the page the form was on, never anywhere else, and say there what was done."""
    office_of(request).told[form_token(request)] = told
    ours = where.startswith("/") and not where.startswith(("//", "/\\"))
    return RedirectResponse(where if ours else "/", HTTPStatus.SEE_OTHER)


ROUTES = [
    Route("/judge", allowed(judge, Role.OFFICER), methods=["POST"]),
    Route("/undo", allowed(undo, Role.OFFICER), methods=["POST"]),
]
