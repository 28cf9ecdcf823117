"""Log-in, log-out, and one's own password and sessions."""

from __future__ import annotations

from http import HTTPStatus

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.web.guard import COOKIE, allowed, form_token, is_ours, office_of, set_cookie
from console.web.people import Person, Role, TooManyTries, session_id
from console.web.render import page

_TOO_MANY = "密码错误次数过多，请一刻钟后再试"


async def form(request: Request) -> Response:
    """Ask for name and password."""
    answer = page(request, "login.html", fault=None)
    if COOKIE not in request.cookies:  # the form's token hangs on it
        set_cookie(request, answer, request.state.token)
    return answer


async def enter(request: Request) -> Response:
    """Open a session for the right name and password, under a new token; an older one ends."""
    office = office_of(request)
    if not office.place.team:
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    if not await is_ours(request):
        raise HTTPException(403, "表单已失效，请刷新页面后重试")
    given = await request.form(max_files=0, max_fields=10)
    name, password = str(given.get("name", ""))[:100], str(given.get("password", ""))[:1000]
    address, who = _address(request), Person(name, Role.READER)
    try:
        token = await anyio.to_thread.run_sync(
            office.people.log_in, name, password, address, limiter=office.door
        )
    except TooManyTries:
        office.note(who, "log-in refused", address=address)
        return page(request, "login.html", 429, fault=_TOO_MANY)
    if token is None:
        office.note(who, "log-in failed", address=address)
        return page(request, "login.html", 403, fault="姓名或密码有误")
    office.people.log_out(request.cookies.get(COOKIE, ""))
    office.note(who, "logged in", address=address)
    answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    set_cookie(request, answer, token)
    return answer


async def leave(request: Request, person: Person) -> Response:
    """End the session."""
    office = office_of(request)
    office.people.log_out(request.cookies.get(COOKIE, ""))
    office.told.pop(form_token(request), None)
    office.note(person, "logged out")
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE)
    return answer


async def account(request: Request, person: Person) -> Response:
    """Show one's own sessions, and the form for another password."""
    return _account(request, person, None)


def _account(request: Request, person: Person, fault: str | None, status: int = 200) -> Response:
    office = office_of(request)
    if not office.place.team:
        raise HTTPException(404, "本机单人使用，没有账号")
    own = [one for one in office.people.sessions() if one.name == person.name]
    here = session_id(request.cookies.get(COOKIE, ""))
    return page(request, "account.html", status, sessions=own, this=here, fault=fault)


async def change(request: Request, person: Person) -> Response:
    """Take a new password for the old one; every session ends, and this one opens anew."""
    office = office_of(request)
    given = await request.form(max_files=0, max_fields=10)
    old, new, again = (str(given.get(name, ""))[:1000] for name in ("old", "new", "again"))
    if new != again:
        return _account(request, person, "两次输入的新密码不一致", 400)
    try:
        fits = await anyio.to_thread.run_sync(
            office.people.fits, person.name, old, _address(request), limiter=office.door
        )
    except TooManyTries:
        office.note(person, "password refused")
        return _account(request, person, _TOO_MANY, 429)
    if not fits:
        office.note(person, "password refused")
        return _account(request, person, "原密码有误", 403)
    try:
        office.people.set_password(person.name, new)
    except ValueError as wrong:
        return _account(request, person, str(wrong), 400)
    office.note(person, "changed own password")
    answer = RedirectResponse("/account", HTTPStatus.SEE_OTHER)
    set_cookie(request, answer, office.people.open_session(person.name, _address(request)))
    return answer


async def end(request: Request, person: Person) -> Response:
    """End one of one's own sessions."""
    office = office_of(request)
    wanted = str((await request.form()).get("session", ""))
    if wanted in {one.id for one in office.people.sessions() if one.name == person.name}:
        office.people.end(wanted)
        office.note(person, "ended session", name=person.name)
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


ROUTES = [
    Route("/login", form, methods=["GET"]),
    Route("/login", enter, methods=["POST"]),
    Route("/logout", allowed(leave), methods=["POST"]),
    Route("/account", allowed(account), methods=["GET"]),
    Route("/account", allowed(change), methods=["POST"]),
    Route("/account/end", allowed(end), methods=["POST"]),
]
