"""Log-in, log-out, and the people who may use the console."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.web.guard import COOKIE, allowed, form_token, is_ours, office_of, set_cookie
from console.web.people import Person, Role, TooManyTries
from console.web.render import page


async def form(request: Request) -> Response:
    """Ask for name and password."""
    answer = page(request, "login.html", fault=None)
    if COOKIE not in request.cookies:  # the form's token hangs on it
        set_cookie(request, answer, request.state.token)
    return answer


async def enter(request: Request) -> Response:
    """Open a session for the right name and password, under a new token."""
    office = office_of(request)
    if not office.place.team:
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    if not await is_ours(request):
        raise HTTPException(403, "表单已失效，请刷新页面后重试")
    given = await request.form(max_files=0, max_fields=10)
    name, password = str(given.get("name", ""))[:100], str(given.get("password", ""))[:1000]
    address = request.client.host if request.client else ""
    try:
        token = office.people.log_in(name, password, address)
    except TooManyTries:
        office.note(Person(name, Role.READER), "log-in refused", address=address)
        return page(request, "login.html", 429, fault="密码错误次数过多，请一刻钟后再试")
    if token is None:
        office.note(Person(name, Role.READER), "log-in failed", address=address)
        return page(request, "login.html", 403, fault="姓名或密码有误")
    office.note(Person(name, Role.READER), "logged in", address=address)
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


async def people(request: Request, person: Person) -> Response:
    """List who may use the console."""
    return page(
        request,
        "people.html",
        people=office_of(request).people.all(),
        bureaus=office_of(request).registry.bureaus,
    )


async def add(request: Request, person: Person) -> Response:
    """Add or change a person, or remove one."""
    office = office_of(request)
    given = {name: str(value) for name, value in (await request.form()).items()}
    name, role = given.get("name", "").strip()[:100], given.get("role", "")
    city = given.get("city") or None
    key = form_token(request)
    if given.get("remove"):
        if name == person.name:
            raise HTTPException(400, "不能删除自己")
        office.told[key] = f"已删除 {name}" if office.people.remove(name) else f"没有 {name}"
        office.note(person, "removed person", name=name)
    elif role not in {str(int(one)) for one in Role} or (
        city and city not in office.registry.bureaus
    ):
        raise HTTPException(400, "角色或城市有误")
    else:
        try:
            office.people.add(Person(name, Role(int(role)), city), given.get("password", ""))
        except ValueError as wrong:
            office.told[key] = str(wrong)
        else:
            office.told[key] = f"已保存 {name}"
            office.note(person, "saved person", name=name, role=role, city=city or "")
    return RedirectResponse("/people", HTTPStatus.SEE_OTHER)


ROUTES = [
    Route("/login", form, methods=["GET"]),
    Route("/login", enter, methods=["POST"]),
    Route("/logout", allowed(leave), methods=["POST"]),
    Route("/people", allowed(people, Role.ADMINISTRATOR), methods=["GET"]),
    Route("/people", allowed(add, Role.ADMINISTRATOR), methods=["POST"]),
]
