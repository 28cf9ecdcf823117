"""Puts pages, guards and static files together into one application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from console.web.guard import Guard
from console.web.office import Office, Place
from console.web.pages import (
    campaigns,
    fairs,
    handing,
    journal,
    judging,
    lead,
    matchers,
    nights,
    people,
    pictures,
    queue,
    registry,
    rights,
    searching,
    seller,
    session,
    transfers,
)
from console.web.render import HERE, page
from evidence.custody import CustodyError
from leads.registry import Registry
from leads.store import StoreError

_PAGES = (
    queue,
    searching,
    judging,
    lead,
    pictures,
    seller,
    transfers,
    matchers,
    campaigns,
    fairs,
    nights,
    handing,
    rights,
    registry,
    journal,
    people,
    session,
)


def application(place: Place, registry: Registry) -> Starlette:
    """Return the console over what lies at ``place``; everything is opened when it starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with Office(place, registry) as office:
            app.state.office = office
            yield

    return Starlette(
        routes=[
            *(route for module in _PAGES for route in module.ROUTES),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[
            Middleware(Guard, https=place.https),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(place.hosts), www_redirect=False),
        ],
        exception_handlers={
            HTTPException: _refused,
            StoreError: _unavailable,
            CustodyError: _unavailable,
        },
        lifespan=lifespan,
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what Starlette calls it for
    words = {404: "没有这一页", 405: "不能这样访问"}
    detail = (
        error.detail if not error.detail.isascii() else words.get(error.status_code, error.detail)
    )
    return page(request, "error.html", error.status_code, detail=detail)


async def _unavailable(request: Request, error: Exception) -> Response:
    return page(request, "error.html", 503, detail=str(error))
