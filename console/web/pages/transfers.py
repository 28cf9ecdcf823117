"""What was handed over: who has it, who signed for it, who answered, and what is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

import anyio.to_thread
import click
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.judging import record
from console.options import Day, now
from console.receiving import RECEIPTS, Receipt
from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.pages.judging import MOST_AT_ONCE, back
from console.web.people import Person, Role
from console.web.render import page
from evidence.vault import VaultError
from leads.clocks import Run, runs
from leads.fields import Field
from leads.model import Judgement, State
from leads.query import And, Or, Query, Term
from leads.routing import kinds
from leads.states import CODES, MoveError, happened
from leads.store import Overtaken, Sort, Standing
from leads.triage import law_day

UNSIGNED = (State.ASSIGNED, State.TRANSFERRED)
UNANSWERED = (
    State.SIGNED, State.CHECKING, State.FILED, State.NOT_FILED, State.TO_POLICE, State.TO_OTHERS,
    State.CLOSED,
)  # fmt: skip
WAITING: Mapping[str, tuple[State, ...]] = {
    "待签收": UNSIGNED,
    "待反馈": UNANSWERED,
    "已退回": (State.RETURNED,),
    "已反馈": (State.FED_BACK,),
}
"""Lists of the page, each with the states of its leads."""
_MOST = 200
"""Leads of a list that are looked at, the oldest first."""


class Handed(NamedTuple):
    """A lead that was handed over."""

    standing: Standing
    to: str
    """Id of the recipient; empty where it is not told."""
    since: date
    """When it came into the state it is in."""
    running: list[Run]
    """Its clocks that have not ended."""

    @property
    def due(self) -> date:
        """The day by which something must be done next; the last of days, if none."""
        return min((run.due for run in self.running if run.due), default=date.max)


class Recipient(NamedTuple):
    """Everything that one recipient has."""

    name: str
    leads: list[Handed]
    overdue: int


async def transfers(request: Request, person: Person) -> Response:
    """Show the leads of one list by recipient, those overdue first."""
    office, chosen = office_of(request), request.query_params.get("list", "待签收")
    if chosen not in WAITING:
        raise HTTPException(404, "没有这个列表")
    query = _standing(office, WAITING[chosen], person)
    moment = now()
    groups = office.counts.kept(("transfers", query), lambda: _grouped(office, query, moment))
    return page(
        request,
        "transfers.html",
        chosen=chosen,
        lists={
            name: office.counts.facets(_standing(office, states, person), ()).total
            for name, states in WAITING.items()
        },
        groups=groups,
        more=sum(len(group.leads) for group in groups) == _MOST,
        moment=moment,
        receipts=tuple(RECEIPTS),
        codes=CODES[State.RETURNED],
    )


def _standing(office: Office, states: Iterable[State], person: Person) -> Query:
    either = Or(tuple(Term(Field.STATE, state.value) for state in states))
    return And((office.asked("", person), either))


def _grouped(office: Office, query: Query, moment: datetime) -> list[Recipient]:
    desk, known = office.registry.desk, kinds(office.registry)
    groups: dict[str, list[Handed]] = defaultdict(list)
    for standing in office.store.find(query, Sort.OLDEST, limit=_MOST):
        history = office.store.judgements(standing.lead.id)
        to = next((one.to for one in reversed(history) if one.to), None) or ""
        running = [
            run
            for run in runs(history, desk.clocks.values(), desk.years, known)
            if run.ended is None
        ]
        since = law_day(happened(history[-1]) if history else standing.lead.found_at)
        groups[to].append(Handed(standing, to, since, running))
    names = office.names["recipient"]
    told = [
        Recipient(
            names.get(to, to) or "未写明单位",
            sorted(leads, key=lambda one: (one.due, one.since, one.standing.lead.id)),
            sum(any(run.overdue(moment) for run in one.running) for one in leads),
        )
        for to, leads in groups.items()
    ]
    return sorted(told, key=lambda one: (-one.overdue, -len(one.leads), one.name))


async def receive(request: Request, person: Person) -> Response:
    """Record what a recipient sent back about some leads, with the file that came with it."""
    office = office_of(request)
    form = await request.form(max_files=10, max_fields=2000)
    given = {name: str(form.get(name, "")).strip() for name in ("kind", "by", "note", "code", "at")}
    where = str(form.get("back", ""))
    ids = [str(one) for one in form.getlist("lead")]
    if not ids or len(ids) > MOST_AT_ONCE:
        return back(request, where, f"请选中 1 至 {MOST_AT_ONCE} 条线索")
    try:
        day = Day().convert(given["at"], None, None) if given["at"] else None
        said = Receipt(given["kind"], given["by"], given["note"], day, given["code"] or None)
        said.check()
        digest = await _kept(office, form.get("file"))
    except (click.UsageError, VaultError) as wrong:
        return back(request, where, getattr(wrong, "message", str(wrong)))
    done, refused = 0, []
    for standing in office.visible(ids, person):
        judgement = said.judgement(standing.lead.id, digest)
        try:
            record(office.store, judgement)
        except (MoveError, Overtaken) as wrong:
            refused.append(f"{standing.lead.id}：{wrong}")
            continue
        done += 1
        _noted(office, judgement, person)
    office.counts.forget()
    told = f"已登记{given['kind']} {done} 条"
    if refused:
        told += f"；{len(refused)} 条未登记：{'；'.join(refused[:5])}"
    return back(request, where, told)


async def _kept(office: Office, file: object) -> str | None:
    """Put an uploaded receipt into the vault and return its digest; its name is not used."""
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    body = await file.read()
    if not body:
        raise click.UsageError("回执文件是空的")
    return await anyio.to_thread.run_sync(office.vault.put, body)


def _noted(office: Office, judgement: Judgement, person: Person) -> None:
    office.note(
        person, "receipt", lead=judgement.lead, state=judgement.state.value, name=judgement.by,
        file=judgement.file or "",
    )  # fmt: skip


ROUTES = [
    Route("/transfers", allowed(transfers), methods=["GET"]),
    Route("/transfers", allowed(receive, Role.OFFICER), methods=["POST"]),
]
