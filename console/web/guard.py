"""What every request passes first: who calls, from where, with what size, and what pages may do."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.web.office import Office
from console.web.people import Person, Role

COOKIE = "markwatch"
MOST_BODY = 10 * 1024 * 1024
"""Bytes of a request's body."""
MOST_UNKNOWN = 16 * 1024
"""Bytes of a body from somebody who has not logged in."""

HEADERS = {
    # Everything comes from here, nothing is inline, nobody frames us.
    "content-security-policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self';"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
HTTPS_ONLY = {"strict-transport-security": "max-age=31536000"}

LOCAL = Person("本机", Role.ADMINISTRATOR)
"""Who uses a console on a laptop; the name is asked for with each decision."""


class Guard:
    """Adds the headers to every answer, and refuses bodies that are too large."""

    def __init__(self, app: ASGIApp, https: bool = False) -> None:
        self.app = app
        self.headers = {**HEADERS, **(HTTPS_ONLY if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = MOST_UNKNOWN if scope["path"] == "/login" else MOST_BODY
        refusal = f"上传内容超过 {most >> 20} MB" if most == MOST_BODY else "内容过长"
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise HTTPException(413, refusal)
            return message

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = {name for name, _ in message["headers"]}
                message["headers"] += [
                    (name.encode(), value.encode())
                    for name, value in self.headers.items()
                    if name.encode() not in sent
                ]
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length[:20]) > most:
            # Not a byte of it is read.
            await PlainTextResponse(refusal, 413)(scope, receive, headed)
            return
        await self.app(scope, counted, headed)


Page = Callable[[Request, Person], Awaitable[Response]]


def allowed(page: Page, least: Role = Role.READER) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that asks for a session, the role, and with POST the form's token."""

    async def endpoint(request: Request) -> Response:
        office = office_of(request)
        token = request.cookies.get(COOKIE, "")
        person = office.people.of_session(token) if office.place.team else LOCAL
        if person is None:
            return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        if person.role < least:
            raise HTTPException(403, "您的角色不能这样做")
        request.state.person = person
        try:
            if request.method == "POST" and not await is_ours(request):
                raise HTTPException(403, "表单已失效，请刷新页面后重试")
            answer = await page(request, person)
        finally:
            await request.close()  # what was uploaded
        if not office.place.team and COOKIE not in request.cookies:
            set_cookie(request, answer, request.state.token)
        return answer

    return endpoint


def office_of(request: Request) -> Office:
    """Return the office of the application that serves this request."""
    app: Starlette = request.app
    office: Office = app.state.office
    return office


def form_token(request: Request) -> str:
    """Return what forms of this session must carry; one is opened at first sight.

    On a laptop it is the console's own; in a team, where nobody has logged in, it is worth nothing
    but to tell that a log-in form came from here.
    """
    token = request.cookies.get(COOKIE)
    if token is None:
        office = office_of(request)
        opened = secrets.token_urlsafe(32) if office.place.team else office.secret
        token = request.state.token = getattr(request.state, "token", None) or opened
    return _form_token(token)


def _form_token(token: str) -> str:
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


async def is_ours(request: Request) -> bool:
    """Tell whether a form was made by a page of this session and sent from this console."""
    token = request.cookies.get(COOKIE, "")
    form: FormData = await request.form(max_files=10, max_fields=2000)
    given = form.get("token", "")
    same = isinstance(given, str) and hmac.compare_digest(
        given.encode(), _form_token(token).encode()
    )
    scheme = "https" if office_of(request).place.https else request.url.scheme
    ours = (None, f"{scheme}://{request.url.netloc}")
    return bool(token) and same and request.headers.get("origin") in ours


def set_cookie(request: Request, answer: Response, token: str) -> None:
    """Give the browser its session."""
    answer.set_cookie(
        COOKIE, token, httponly=True, samesite="strict", secure=office_of(request).place.https
    )
