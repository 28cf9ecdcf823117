"""Rights and the log: what stands behind the leads."""

from __future__ import annotations

import json
from collections.abc import Iterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.web.guard import allowed, office_of
from console.web.people import Person, Role
from console.web.render import page
from leads.fields import Field
from leads.query import And, Term

_LINES = 200


async def rights(request: Request, person: Person) -> Response:
    """List what is watched, with how many leads each right has."""
    office = office_of(request)
    facets = office.store.facets(office.asked("", person), (Field.RIGHT_ID,), most=1000)
    counts = facets.counts[Field.RIGHT_ID]
    watched = sorted(
        office.registry.rights.values(), key=lambda right: (-counts.get(right.id, 0), right.id)
    )
    return page(request, "rights.html", rights=watched, counts=counts)


async def right(request: Request, person: Person) -> Response:
    """Show one right: names, area, marks, who may use it, and its leads."""
    office = office_of(request)
    watched = office.registry.rights.get(request.path_params["id"])
    if watched is None:
        raise HTTPException(404, "没有这项权利")
    query = And((office.asked("", person), Term(Field.RIGHT_ID, watched.id)))
    return page(
        request,
        "right.html",
        right=watched,
        users=office.registry.users.get(watched.id, ()),
        leads=office.store.search(query, limit=20).leads,
        facets=office.store.facets(query, (Field.STATE, Field.FINDING, Field.SITE)),
        names=office.names,
    )


async def log(request: Request, person: Person) -> Response:
    """Show the last lines of the log of who did what."""
    return page(request, "log.html", lines=list(_last(request)))


def _last(request: Request) -> Iterator[dict[str, str]]:
    left = _LINES
    custody = office_of(request).log
    for day in reversed(custody.days()):
        for line in reversed(list(custody.lines(day))):
            if left == 0:
                return
            left -= 1
            record = dict(line.record or {})
            yield {
                "number": str(line.number),
                "at": str(record.pop("at", "")),
                "event": str(record.pop("event", "")),
                "by": str(record.pop("by", "")),
                "facts": json.dumps(record, ensure_ascii=False),
            }


ROUTES = [
    Route("/rights", allowed(rights)),
    Route("/rights/{id}", allowed(right)),
    Route("/log", allowed(log, Role.APPROVER)),
]
