"""How good the matchers are, what is held back, and what people have excluded."""

from __future__ import annotations

from datetime import timedelta

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.options import now
from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.pages.judging import back
from console.web.people import Person, Role
from console.web.proposals import Proposal
from console.web.render import page
from leads.exclusions import (
    CODES,
    SCOPE_ZH,
    Exclusion,
    ExclusionError,
    Scope,
    check,
    expiring,
    lifted,
)
from leads.model import Triage
from leads.quality import Quality, by_matcher, by_rule
from leads.triage import law_day
from matchers.engine import RULES

_SOON = 30
"""Days before its end from which on an exclusion asks to be renewed."""
_RULES = 60
"""Rules that are shown, the least precise first."""
_KEPT = 120.0
"""Seconds for which precision is shown again: it moves slowly and takes long to count."""
_PROPOSED = timedelta(days=180)
"""How long an exclusion holds where nothing else is said."""


async def matchers(request: Request, person: Person) -> Response:
    """Show precision by matcher and rule, and every exclusion in force or proposed."""
    office, today = office_of(request), law_day(now())
    every = office.store.exclusions()
    holding = [one for one in every if one.in_force(today)]
    names = tuple(sorted(office.registry.scoring.matchers))
    query = request.query_params
    return page(
        request,
        "matchers.html",
        matchers=office.counts.kept("matchers", lambda: by_matcher(office.store, names), _KEPT),
        rules=office.counts.kept("rules", lambda: _rules(office, names), _KEPT),
        quarantines=[one for one in holding if one.effect is Triage.REVIEW],
        exclusions=[one for one in holding if one.effect is Triage.NONE],
        past=[one for one in reversed(every) if not one.in_force(today)][:_RULES],
        ending={one.id for one in expiring(every, today, _SOON)},
        proposals=list(office.proposals.all()),
        SCOPE_ZH=SCOPE_ZH,
        codes=CODES,
        given={
            name: query.get(name, "") for name in ("scope", "subject", "right", "matcher", "code")
        },
        until=today + _PROPOSED,
        names=office.names,
        known=names,
    )


def _rules(office: Office, names: tuple[str, ...]) -> list[Quality]:
    """Return the rules that people judged, those first that are surely the least precise."""
    return sorted(by_rule(office.store, names), key=lambda one: one.interval[1])[:_RULES]


async def propose(request: Request, person: Person) -> Response:
    """Keep a proposal; one of a single listing needs nobody else and holds at once."""
    office = office_of(request)
    form = await request.form(max_files=0, max_fields=30)
    given = {name: str(value).strip() for name, value in form.items()}
    by = person.name if office.place.team else given.get("by", "")
    where = given.get("back", "/matchers")
    rights, rules = office.registry.rights, office.registry.scoring.matchers
    try:
        proposal = Proposal.model_validate(
            {
                name: given.get(name) or None
                for name in ("scope", "subject", "right", "matcher", "code", "reason", "until")
            }
            | {"effect": given.get("effect") or Triage.NONE, "by": by, "at": now()}
        )
        single = proposal.scope is Scope.LISTING
        exclusion = proposal.approved(None if single else "另一人", now())
    except ValidationError:
        return back(request, where, "请填写范围、对象、原因码、理由和姓名")
    except ExclusionError as wrong:
        return back(request, where, str(wrong))
    try:
        check(exclusion, rights, rules, RULES)
    except ExclusionError as wrong:
        raise HTTPException(400, str(wrong)) from wrong
    if single:
        _excluded(office, exclusion, person)
        return back(request, where, f"已排除（{exclusion.id}）；下次比对起生效")
    number = office.proposals.add(proposal)
    office.note(
        person, "proposed exclusion", number=str(number), scope=proposal.scope.value,
        subject=proposal.subject, right=proposal.right or "", name=by,
    )  # fmt: skip
    return back(request, where, f"已提出第 {number} 号排除建议，须另一人批准后生效")


async def decide(request: Request, person: Person) -> Response:
    """Approve a proposal of somebody else, or turn it down."""
    office = office_of(request)
    form = await request.form(max_files=0, max_fields=30)
    number, by = str(form.get("number", "")), str(form.get("by", "")).strip()
    proposal = office.proposals.get(int(number)) if number.isascii() and number.isdigit() else None
    if proposal is None:
        return back(request, "/matchers", "没有这条建议：可能已经处理")
    name = person.name if office.place.team else by
    if form.get("do") == "refuse":
        office.proposals.remove(int(number))
        office.note(person, "refused exclusion", number=number, name=name)
        return back(request, "/matchers", f"未批准第 {number} 号建议")
    if person.role < Role.APPROVER:
        raise HTTPException(403, "须由审批人批准")
    try:
        exclusion = proposal.approved(name or None, now())
    except ExclusionError as wrong:
        return back(request, "/matchers", str(wrong))
    _excluded(office, exclusion, person)
    office.proposals.remove(int(number))
    return back(request, "/matchers", f"已批准第 {number} 号建议（{exclusion.id}）；下次比对起生效")


def _excluded(office: Office, exclusion: Exclusion, person: Person) -> None:
    office.store.exclude(exclusion)
    office.note(
        person, "excluded", id=exclusion.id, scope=exclusion.scope.value,
        subject=exclusion.subject, right=exclusion.right or "", name=exclusion.by,
        second=exclusion.second or "", until=str(exclusion.until or ""),
    )  # fmt: skip


async def lift(request: Request, person: Person) -> Response:
    """End an exclusion or a quarantine before its time."""
    office = office_of(request)
    form = await request.form(max_files=0, max_fields=30)
    wanted, reason = str(form.get("id", "")), str(form.get("reason", ""))
    by = person.name if office.place.team else str(form.get("by", ""))
    found = next((one for one in office.store.exclusions() if one.id == wanted), None)
    if found is None:
        raise HTTPException(404, "没有这条排除决定")
    try:
        office.store.exclude(lifted(found, by=by, reason=reason, at=now()))
    except ExclusionError as wrong:
        return back(request, "/matchers", str(wrong))
    office.note(person, "lifted exclusion", id=wanted, name=by, reason=reason)
    return back(request, "/matchers", f"已解除 {wanted}；下次比对起生效")


ROUTES = [
    Route("/matchers", allowed(matchers)),
    Route("/exclusions/propose", allowed(propose, Role.OFFICER), methods=["POST"]),
    Route("/exclusions/decide", allowed(decide, Role.OFFICER), methods=["POST"]),
    Route("/exclusions/lift", allowed(lift, Role.OFFICER), methods=["POST"]),
]
