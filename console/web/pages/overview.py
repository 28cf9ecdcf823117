"""Rights, matchers and the log: what stands behind the leads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.web.guard import allowed, office_of
from console.web.people import Person, Role
from console.web.render import page
from leads.fields import Field
from leads.model import State
from leads.query import And, Term

_LINES = 200
UPHELD = (
    State.ASSIGNED, State.TRANSFERRED, State.SIGNED, State.CHECKING, State.FILED, State.TO_POLICE,
    State.TO_OTHERS,
)  # fmt: skip
REFUTED = (State.EXCLUDED, State.NOT_FILED)


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


class Quality(NamedTuple):
    """How people judged the leads of one matcher."""

    matcher: str
    upheld: int
    refuted: int
    low: float
    high: float


async def matchers(request: Request, person: Person) -> Response:
    """Show how often people upheld what each matcher found."""
    office = office_of(request)
    found = [
        Quality(name, upheld, refuted, *wilson(upheld, upheld + refuted))
        for name in sorted(office.registry.scoring.matchers)
        for upheld, refuted in [(_count(request, name, UPHELD), _count(request, name, REFUTED))]
    ]
    return page(request, "matchers.html", matchers=found)


def _count(request: Request, matcher: str, states: tuple[State, ...]) -> int:
    store = office_of(request).store
    return sum(
        store.count(And((Term(Field.MATCHER, matcher), Term(Field.STATE, state.value))))
        for state in states
    )


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); the whole range where nothing is known."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = (
        z * ((share * (1 - share) / total + square / (4 * total * total)) ** 0.5)
        / (1 + square / total)
    )  # fmt: skip
    return max(0.0, middle - half), min(1.0, middle + half)


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
    Route("/matchers", allowed(matchers)),
    Route("/log", allowed(log, Role.APPROVER)),
]
