"""The registry editor: a file or a form proposes a change, another person sees it and agrees."""

from __future__ import annotations

import csv
import io
from http import HTTPStatus

import anyio.to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.archive.lists import USERS
from console.archive.proposals import NotYours, Preview, Proposal, Proposals, preview, same_person
from console.archive.sheets import Unusable
from console.archive.told import told_changes
from console.archive.written import Stale
from console.web.guard import allowed, form_token, office_of
from console.web.office import Office
from console.web.pages.rights import may_edit, right_of
from console.web.people import Person, Role
from console.web.render import page
from leads.faults import why
from leads.registry import ConfigError, find_config

_SHOWN = 500
"""Changes and faults that a page shows."""
_USER = ("company", "uscc", "shops", "valid_from", "valid_to", "source", "verified")


def proposals_of(office: Office) -> Proposals:
    """Return the proposals that wait."""
    return Proposals(office.place.books, office.log)


async def registry(request: Request, person: Person) -> Response:
    """Show what waits, and the form that sends a file in."""
    return _editor(request, person)


def _editor(request: Request, person: Person, status: int = 200, **shown: object) -> Response:
    office = office_of(request)
    waiting = [one for one in proposals_of(office).waiting() if _concerns(office, person, one)]
    given = {"fault": None, "seen": None, "file": "", **shown}
    return page(
        request,
        "registry.html",
        status,
        waiting=waiting,
        right=request.query_params.get("right", ""),
        rights=[one for one in office.registry.rights.values() if may_edit(person, one)],
        told_changes=told_changes,
        most=_SHOWN,
        **given,
    )


def _concerns(office: Office, person: Person, proposal: Proposal) -> bool:
    """Tell whether somebody of a city may see a proposal: theirs, or of a right of that city."""
    return (
        person.city is None
        or same_person(proposal.by, person.name)
        or may_edit(person, office.registry.rights.get(proposal.right or ""))
    )


async def propose(request: Request, person: Person) -> Response:
    """Take a file in: with faults it is shown and forgotten, else it waits for another person."""
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _editor(request, person, 400, fault="请选择文件")
    body = await file.read()
    return await _propose(request, person, form, body, file.filename)


async def add_user(request: Request, person: Person) -> Response:
    """Take in one authorised user from a form, as if it came in a file of one row."""
    watched = right_of(request)
    form = await request.form(max_files=0, max_fields=20)
    given = {name: str(form.get(name, "")).strip() for name in _USER}
    filled = {name: text for name, text in given.items() if text}
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    headings = {column.field: column.heading for column in USERS.columns}
    writer.writerow([headings[name] for name in filled])
    writer.writerow(filled.values())
    name = f"表单：{given['company'][:60]}"
    body = sheet.getvalue().encode("utf-8-sig", "replace")
    return await _propose(request, person, form, body, name, watched.id)


async def _propose(
    request: Request, person: Person, form: FormData, body: bytes, name: str,
    right: str | None = None,
) -> Response:  # fmt: skip
    office = office_of(request)
    by = _who(office, person, form)
    right = right or str(form.get("right", "")) or None
    if right and right not in office.registry.rights:
        raise HTTPException(404, "没有这项权利")
    if not by:
        return _editor(request, person, 400, fault="请写明提出人姓名", file=name)
    whole, reason = form.get("whole") == "1", str(form.get("reason", "")).strip()[:500]
    try:
        seen = await _preview(office, body, right, whole)
        _refuse_other_cities(person, seen)
        if not seen.sound:
            return _editor(request, person, 422, seen=seen, file=name)
        made = proposals_of(office).propose(body, by, name, reason, right, whole)
    except (Unusable, NotYours) as refused:
        return _editor(request, person, 422, fault=str(refused), file=name)
    return RedirectResponse(f"/registry/{made.id}", HTTPStatus.SEE_OTHER)


def _who(office: Office, person: Person, form: FormData) -> str:
    """Return who acts: in a team whoever logged in, on a laptop the name that was typed."""
    typed = " ".join(str(form.get("by", "")).split())[:100]
    return person.name if office.place.team else typed


async def _preview(office: Office, body: bytes, right: str | None, whole: bool) -> Preview:
    config = find_config(office.place.config)
    return await anyio.to_thread.run_sync(preview, body, config, right, whole, limiter=office.heavy)


def _refuse_other_cities(person: Person, seen: Preview) -> None:
    rights = (right for one in seen.revisions for right in (one.right.before, one.right.after))
    if not may_edit(person, *rights):
        raise HTTPException(403, "只能更改本市局主管的权利")


async def proposal(request: Request, person: Person) -> Response:
    """Show what a proposal would change, as the registry is now."""
    office, found = office_of(request), _proposal(request, person)
    seen, fault = None, None
    try:
        body = proposals_of(office).body(found)
        seen = await _preview(office, body, found.right, found.whole)
        _refuse_other_cities(person, seen)
    except (Unusable, NotYours) as refused:
        fault = str(refused)
    own = office.place.team and same_person(found.by, person.name)
    return page(
        request,
        "proposal.html",
        proposal=found,
        seen=seen,
        fault=fault,
        told_changes=told_changes,
        most=_SHOWN,
        own=own,
        may_agree=person.role >= Role.APPROVER and not own,
    )


def _proposal(request: Request, person: Person) -> Proposal:
    office = office_of(request)
    found = proposals_of(office).get(request.path_params["id"])
    if found is None or not _concerns(office, person, found):
        raise HTTPException(404, "没有这件更改，可能已经处理")
    return found


async def agree(request: Request, person: Person) -> Response:
    """Make the change that was seen; if anything changed since, show it anew instead."""
    office, found = office_of(request), _proposal(request, person)
    form = await request.form(max_files=0, max_fields=10)
    by, seal = _who(office, person, form), str(form.get("seal", ""))
    if not by:
        return _back(request, found, "请写明复核人姓名")
    config = find_config(office.place.config)
    told = proposals_of(office)
    try:
        seen = await _preview(office, told.body(found), found.right, found.whole)
        _refuse_other_cities(person, seen)
        facts = {} if office.place.team else {"unchecked": True}
        made = await anyio.to_thread.run_sync(
            lambda: told.agree(found, by, seal, config, **facts), limiter=office.heavy
        )
    except Stale:
        return _back(request, found, "名单在此期间已有变化，没有写入；以下按现状重新计算，请再核对")
    except (NotYours, Unusable) as refused:
        return _back(request, found, str(refused))
    except ConfigError as broken:
        return _back(request, found, f"配置不能接受这些更改，没有写入：{broken}")
    except OSError as error:
        return _back(request, found, f"无法写入配置：{why(error)}")
    office.take(made)
    office.usage.clear()
    office.told[form_token(request)] = f"已生效：{found.name}（提出 {found.by}，复核 {by}）"
    return RedirectResponse("/registry", HTTPStatus.SEE_OTHER)


async def withdraw(request: Request, person: Person) -> Response:
    """Take one's own proposal back, or turn another's down, with a reason."""
    office, found = office_of(request), _proposal(request, person)
    form = await request.form(max_files=0, max_fields=10)
    own = same_person(found.by, person.name)
    if office.place.team and not own and person.role < Role.APPROVER:
        raise HTTPException(403, "只能撤回自己提出的更改")
    by, reason = _who(office, person, form), str(form.get("reason", "")).strip()[:500]
    if not by or not reason:
        return _back(request, found, "请写明姓名和理由")
    proposals_of(office).withdraw(found, by, reason)
    office.told[form_token(request)] = f"已退回：{found.name}"
    return RedirectResponse("/registry", HTTPStatus.SEE_OTHER)


def _back(request: Request, found: Proposal, told: str) -> Response:
    office_of(request).told[form_token(request)] = told
    return RedirectResponse(f"/registry/{found.id}", HTTPStatus.SEE_OTHER)


ROUTES = [
    Route("/registry", allowed(registry, Role.OFFICER), methods=["GET"]),
    Route("/registry", allowed(propose, Role.OFFICER), methods=["POST"]),
    Route("/registry/{id}", allowed(proposal, Role.OFFICER), methods=["GET"]),
    Route("/registry/{id}/agree", allowed(agree, Role.APPROVER), methods=["POST"]),
    Route("/registry/{id}/withdraw", allowed(withdraw, Role.OFFICER), methods=["POST"]),
    Route("/rights/{id}/users", allowed(add_user, Role.OFFICER), methods=["POST"]),
]
