"""The people who may use the console, what each may do, and who is logged in."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.web.guard import allowed, form_token, office_of
from console.web.people import ROLE_ZH, Account, Person, Role
from console.web.render import page


async def people(request: Request, person: Person) -> Response:
    """List who may use the console, and their sessions."""
    office = office_of(request)
    return page(
        request,
        "people.html",
        accounts=office.people.all(),
        sessions=office.people.sessions(),
        bureaus=office.registry.bureaus,
    )


async def add(request: Request, person: Person) -> Response:
    """Add somebody; whoever is there already stays as they are."""
    given = await _given(request)
    new = _person(request, given)
    if office_of(request).people.get(new.name):
        return _back(request, f"已有 {new.name}，请在名单中更改")
    try:
        office_of(request).people.add(new, given.get("password", ""))
    except ValueError as wrong:
        return _back(request, str(wrong))
    _note(request, person, "added person", new)
    return _back(request, f"已添加 {new.name}")


async def change(request: Request, person: Person) -> Response:
    """Give somebody another role or city, or let them in no more, or again."""
    given = await _given(request)
    account = _account(request, given)
    new = _person(request, given)
    _refuse_oneself(person, new.name)
    disabled = given.get("disabled") == "1"
    try:
        office_of(request).people.change(new, disabled)
    except ValueError as wrong:
        return _back(request, str(wrong))
    _note(request, person, "changed person", new, disabled, account)
    return _back(request, f"已更改 {new.name}，{'已停用' if disabled else '须重新登录'}")


async def password(request: Request, person: Person) -> Response:
    """Give somebody a new password."""
    given = await _given(request)
    name = _account(request, given).person.name
    _refuse_oneself(person, name)
    try:
        office_of(request).people.set_password(name, given.get("password", ""))
    except ValueError as wrong:
        return _back(request, str(wrong))
    office_of(request).note(person, "reset password", name=name)
    return _back(request, f"已重设 {name} 的密码，须重新登录")


async def remove(request: Request, person: Person) -> Response:
    """Remove somebody."""
    name = _account(request, await _given(request)).person.name
    _refuse_oneself(person, name)
    try:
        office_of(request).people.remove(name)
    except ValueError as wrong:
        return _back(request, str(wrong))
    office_of(request).note(person, "removed person", name=name)
    return _back(request, f"已删除 {name}")


async def end(request: Request, person: Person) -> Response:
    """End a session."""
    office = office_of(request)
    wanted = (await _given(request)).get("session", "")
    for session in office.people.sessions():
        if session.id == wanted:
            office.people.end(wanted)
            office.note(person, "ended session", name=session.name)
            return _back(request, f"已结束 {session.name} 的登录")
    return _back(request, "该登录已经结束")


async def _given(request: Request) -> Mapping[str, str]:
    form = await request.form(max_files=0, max_fields=10)
    return {name: str(value) for name, value in form.items()}


def _person(request: Request, given: Mapping[str, str]) -> Person:
    """Return the person a form describes; only what its lists offer is taken."""
    role, city = given.get("role", ""), given.get("city") or None
    if role not in {str(int(one)) for one in Role}:
        raise HTTPException(400, "没有这个角色")
    if city and city not in office_of(request).registry.bureaus:
        raise HTTPException(400, "没有这个城市")
    return Person(" ".join(given.get("name", "").split())[:100], Role(int(role)), city)


def _account(request: Request, given: Mapping[str, str]) -> Account:
    account = office_of(request).people.get(given.get("name", ""))
    if account is None:
        raise HTTPException(404, "没有这个人")
    return account


def _refuse_oneself(person: Person, name: str) -> None:
    if name == person.name:
        raise HTTPException(400, "不能更改或删除自己的账号，请由另一名管理人员操作")


def _note(
    request: Request, person: Person, event: str, new: Person, disabled: bool = False,
    before: Account | None = None,
) -> None:  # fmt: skip
    was = f"{ROLE_ZH[before.person.role]} {before.person.city or ''}".strip() if before else ""
    office_of(request).note(
        person, event, name=new.name, role=ROLE_ZH[new.role], city=new.city or "",
        disabled="是" if disabled else "否", before=was,
    )  # fmt: skip


def _back(request: Request, told: str) -> Response:
    office_of(request).told[form_token(request)] = told
    return RedirectResponse("/people", HTTPStatus.SEE_OTHER)


ROUTES = [
    Route("/people", allowed(people, Role.ADMINISTRATOR), methods=["GET"]),
    Route("/people", allowed(add, Role.ADMINISTRATOR), methods=["POST"]),
    Route("/people/change", allowed(change, Role.ADMINISTRATOR), methods=["POST"]),
    Route("/people/password", allowed(password, Role.ADMINISTRATOR), methods=["POST"]),
    Route("/people/remove", allowed(remove, Role.ADMINISTRATOR), methods=["POST"]),
    Route("/people/end", allowed(end, Role.ADMINISTRATOR), methods=["POST"]),
]
