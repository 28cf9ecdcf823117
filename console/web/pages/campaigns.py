"""Campaigns: when each runs, what it has found so far, and its closing report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.campaigns import COLUMNS, rows
from console.options import now
from console.web.charts import Bar, bars
from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.people import Person
from console.web.render import page
from evidence.papers.sheets import workbook
from leads.campaign import Campaign
from leads.closing import closing, leads_of, told
from leads.fields import Field
from leads.query import And, Query
from leads.season import Window
from leads.seasonal import sites_of
from leads.store import open_store
from leads.triage import law_day

_SHOWN = (Field.STATE, Field.TRIAGE, Field.BUREAU, Field.SITE, Field.RIGHT_ID, Field.FINDING)
_COLUMNS = 31
"""Columns of the chart: days, or as many days together as it takes."""
_KEPT = 60.0
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def campaigns(request: Request, person: Person) -> Response:
    """List all campaigns: those that run, those to come, those that are over."""
    office, today = office_of(request), law_day(now())
    years = office.registry.desk.years
    found = [
        (one, one.current(today, years) or one.window(today.year, years))
        for one in office.registry.campaigns.values()
    ]
    found.sort(key=lambda each: _order(each[1], today))
    return page(request, "campaigns.html", campaigns=found, today=today, names=office.names)


def _order(window: Window | None, today: date) -> tuple[int, date]:
    if window is None:
        return 3, today
    if window.holds(today):
        return 0, window.last
    return (1, window.first) if window.first > today else (2, window.first)


async def campaign(request: Request, person: Person) -> Response:
    """Show one campaign in one year: its days, what it watches, and what was found."""
    office, one, window = _asked(request)
    sites = [site.id for site in sites_of(one, office.registry)]
    found = facets = chart = None
    if window:
        query = And((office.asked("", person), leads_of(one, window, sites)))
        found = office.store.search(query, limit=10).leads
        facets = office.counts.facets(query, _SHOWN)
        chart = office.counts.kept(
            ("campaign", query), lambda: bars(_by_day(office, one, window, sites, query), "线索"),
            _KEPT,
        )  # fmt: skip
    return page(
        request,
        "campaign.html",
        campaign=one,
        window=window,
        year=window.first.year if window else None,
        watched=one.watched(office.registry.rights),
        sites=sites,
        queries=one.queries(office.registry.rights),
        facets=facets,
        chart=chart,
        leads=found or (),
        query=told(one, window, sites) if window else "",
        names=office.names,
    )


def _asked(request: Request) -> tuple[Office, Campaign, Window | None]:
    office = office_of(request)
    one = office.registry.campaigns.get(request.path_params["id"])
    if one is None:
        raise HTTPException(404, "没有这个专项")
    today, years = law_day(now()), office.registry.desk.years
    given = request.query_params.get("year", "")
    if given.isascii() and given.isdigit() and 1990 <= int(given[:5]) <= 2200:
        return office, one, one.window(int(given), years)
    return office, one, one.begun(today, years) or one.window(today.year, years)


def _by_day(
    office: Office, one: Campaign, window: Window, sites: Sequence[str], scope: Query
) -> list[Bar]:
    """Count the leads of each stretch of days."""
    days = (window.last - window.first).days + 1
    step = -(-days // _COLUMNS)
    found = []
    for start in range(0, days, step):
        first = window.first + timedelta(days=start)
        last = min(first + timedelta(days=step - 1), window.last)
        stretch = leads_of(one, Window(first, last), sites)
        found.append(Bar(f"{first:%m-%d}", office.store.count(And((scope, stretch)))))
    return found


async def report(request: Request, person: Person) -> Response:
    """Send the closing report as a workbook; it tells of the whole province."""
    office, one, window = _asked(request)
    if person.city is not None:
        raise HTTPException(403, "专项总结含全省线索，须由全省账号导出")
    if window is None:
        raise HTTPException(404, "这个专项没有确定的日期")
    body = await anyio.to_thread.run_sync(_workbook, office, one, window, now())
    office.note(person, "campaign report", campaign=one.id, first=str(window.first))
    name = f"campaign-{one.id}-{window.first:%Y}.xlsx"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=XLSX, headers=headers)


def _workbook(office: Office, one: Campaign, window: Window, at: datetime) -> bytes:
    """Count in a thread of its own, with a store of its own."""
    sites = [site.id for site in sites_of(one, office.registry)]
    with open_store(office.place.store) as store:
        found = closing(one, window, sites, store, at)
    return workbook("专项总结", COLUMNS, rows(found, office.registry), at)


ROUTES = [
    Route("/campaigns", allowed(campaigns)),
    Route("/campaigns/{id}", allowed(campaign)),
    Route("/campaigns/{id}/report.xlsx", allowed(report)),
]
