"""Nights: how each went, what each site gave, what changed since the night before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.night.view import DAYS_ZH, shown, steps
from console.options import now
from console.web.charts import Bar, bars
from console.web.guard import allowed, office_of
from console.web.people import Person
from console.web.render import page
from leads.beijing import BEIJING
from leads.model import Verdict
from leads.nights import Night, read_night, read_nights

_DAYS = 14
_LISTED = 60
_BEFORE = 7
"""Nights that one is shown beside."""


class Site(NamedTuple):
    """What a site gave in the last days, by whatever command it was crawled."""

    name: str
    verdicts: Counter[str]
    listings: int
    days: list[Bar]


async def nights(request: Request, person: Person) -> Response:
    """List the last nights, and what was seen of each site in the last days."""
    past = read_nights(office_of(request).place.nights, most=_LISTED)
    course = [Bar(f"{night.day:%m-%d}", night.listings) for night in past.nights]
    return page(
        request,
        "nights.html",
        nights=past.nights[::-1],
        damaged=past.damaged,
        course=bars(course, "每夜商品", 720, 64),
        weekdays=DAYS_ZH,
        sites=_sites(request),
        verdicts=[verdict.value for verdict in Verdict],
        bars=bars,
    )


def _sites(request: Request) -> list[Site]:
    office = office_of(request)
    today = now().astimezone(BEIJING).date()
    days = [today - timedelta(days=back) for back in range(_DAYS - 1, -1, -1)]
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    listings: dict[str, Counter[object]] = defaultdict(Counter)
    for visit in office.store.visits(now() - timedelta(days=_DAYS)):
        verdicts[visit.site][visit.verdict.value] += 1
        listings[visit.site][visit.at.astimezone(BEIJING).date()] += visit.listings
    return [
        Site(
            office.names["site"].get(site, site),
            verdicts[site],
            sum(listings[site].values()),
            [Bar(f"{day:%m-%d}", listings[site][day]) for day in days],
        )
        for site in sorted(verdicts)
    ]


async def night(request: Request, person: Person) -> Response:
    """Show one night as its report does, and what is different from the night before."""
    folder = office_of(request).place.nights
    try:
        found = read_night(folder, request.path_params["id"])
    except ValueError as unreadable:
        raise HTTPException(404, str(unreadable)) from unreadable
    before = read_nights(folder, found.id, _BEFORE).nights
    return page(
        request,
        "nights_night.html",
        **shown(_visible(found, request, person), before),
        changes=steps(found, before[-1]) if before else None,
        linked=True,
    )


def _visible(found: Night, request: Request, person: Person) -> Night:
    """Return the night with only those new leads that this person may see."""
    office = office_of(request)
    mine: Sequence[str] = [
        standing.lead.id
        for standing in office.visible([one.lead for one in found.strongest], person)
    ]
    strongest = tuple(one for one in found.strongest if one.lead in mine)
    return found.model_copy(update={"strongest": strongest})


ROUTES = [Route("/nights", allowed(nights)), Route("/nights/{id}", allowed(night))]
