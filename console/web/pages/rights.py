"""What is watched: the list of rights, and the archive of each with its users, marks and leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.archive.annual import MONTHS, annual, code_told, conclusion, doubted
from console.archive.export import exported
from console.archive.lists import KIND_ZH
from console.archive.proposals import Proposals
from console.archive.usage import Usage, UserYear, span, users_seen
from console.options import now
from console.web.charts import Bar, bars
from console.web.guard import allowed, office_of
from console.web.people import Person
from console.web.render import link, page
from leads.archive import plain
from leads.beijing import BEIJING
from leads.fields import Field
from leads.model import Right, RightKind
from leads.query import And, Compare, Query, Term
from leads.registry import Registry
from leads.store import open_store

PAGE = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def rights(request: Request, person: Person) -> Response:
    """List what is watched, with how many leads each right has."""
    office = office_of(request)
    asked = request.query_params
    wanted, kind, state = asked.get("q", "")[:100], asked.get("kind", ""), asked.get("state", "")
    facets = office.counts.facets(office.asked("", person), (Field.RIGHT_ID,), 2000)
    counts = facets.counts[Field.RIGHT_ID]
    found = [
        right
        for right in office.registry.rights.values()
        if kind in ("", right.kind.value) and _fits(office.registry, right, wanted, state)
    ]
    found.sort(key=lambda right: (-counts.get(right.id, 0), right.id))
    number = asked.get("page", "0")
    first = PAGE * int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
    more = first + PAGE < len(found)
    return page(
        request,
        "rights.html",
        rights=found[first : first + PAGE],
        total=len(found),
        counts=counts,
        users={id: len(users) for id, users in office.registry.users.items()},
        asked={"q": wanted, "kind": kind, "state": state},
        kinds=KIND_ZH,
        waiting=0 if person.city else len(Proposals(office.place.books, office.log).waiting()),
        next=link("/rights", q=wanted, kind=kind, state=state, page=str(first // PAGE + 1))
        if more
        else None,
        names=office.names,
    )


def _fits(registry: Registry, right: Right, wanted: str, state: str) -> bool:
    if state == "unverified" and right.verified:
        return False
    if state == "users" and not registry.users.get(right.id):
        return False
    texts = (right.id, right.holder or "", *right.names, *right.translations)
    return not wanted or any(plain(wanted) in plain(text) for text in texts)


def right_of(request: Request) -> Right:
    """Return the right that the address names.

    Raises:
        HTTPException: there is none.
    """
    found = office_of(request).registry.rights.get(request.path_params["id"])
    if found is None:
        raise HTTPException(404, "没有这项权利")
    return found


async def right(request: Request, person: Person) -> Response:
    """Show the archive of one right."""
    office, watched = office_of(request), right_of(request)
    year = _year(request)
    scope = office.asked("", person)
    query = And((scope, Term(Field.RIGHT_ID, watched.id)))
    shown = (Field.STATE, Field.FINDING, Field.SITE)
    usage = office.usage.get(year)
    asked = (query, doubted(watched.id, year, scope))
    months = partial(_monthly, office.place.store, year, asked)
    found, in_doubt = await anyio.to_thread.run_sync(months)  # a count a month takes its time
    return page(
        request,
        "right.html",
        right=watched,
        kind=KIND_ZH[watched.kind],
        users=office.registry.users.get(watched.id, ()),
        today=now().astimezone(BEIJING).date(),
        code_told=code_told,
        leads=office.store.search(query, limit=5).leads,
        facets=office.counts.facets(query, shown, 8),
        by_month=bars(found, f"{year} 年各月发现的线索", 300, 56),
        doubted=sum(bar.value for bar in in_doubt),
        by_month_doubted=bars(in_doubt, f"{year} 年疑似擅用专用标志", 300, 56),
        year=year,
        usage=usage,
        seen=usage.users.get(watched.id, ()) if usage else (),
        conclusion=conclusion,
        used=_used(usage.users.get(watched.id, ()), year) if usage else None,
        unverified=_unverified(office.registry, watched),
        is_gi=watched.kind is RightKind.GI,
        may_edit=may_edit(person, watched),
        names=office.names,
    )


def may_edit(person: Person, *rights: Right | None) -> bool:
    """Tell whether somebody may propose changes to rights: of a city only to that city's own."""
    return person.city is None or all(one and one.bureau == person.city for one in rights)


def _year(request: Request) -> int:
    given = request.query_params.get("year", "")
    this = now().astimezone(BEIJING).year
    return (
        int(given)
        if given.isascii() and given.isdigit() and 2000 <= int(given[:9]) <= this
        else this
    )


def _monthly(store: str, year: int, queries: Sequence[Query]) -> list[list[Bar]]:
    """Return for each query how many leads were found in each month; with a store of its own."""
    begun = [datetime(year, month, 1, tzinfo=BEIJING).astimezone(UTC) for month in MONTHS]
    edges = [*begun, span(year).ended.astimezone(UTC)]
    periods = [
        (Compare(Field.FOUND_AT, ">=", since), Compare(Field.FOUND_AT, "<", until))
        for since, until in pairwise(edges)
    ]
    with open_store(store) as kept:
        return [
            [
                Bar(f"{month} 月", kept.count(And((query, *period))))
                for month, period in zip(MONTHS, periods, strict=True)
            ]
            for query in queries
        ]


def _used(users: Sequence[UserYear], year: int) -> object:
    found = [Bar(f"{m} 月", sum(one.months[m] for one in users)) for m in MONTHS]
    return bars(found, f"{year} 年授权使用人带专用标志的商品", 300, 56)


def _unverified(registry: Registry, watched: Right) -> list[str]:
    """Say plainly what nobody has compared with an official list."""
    users = registry.users.get(watched.id, ())
    lacking = []
    if not watched.verified:
        lacking.append("名称、保护范围等基本资料")
    if open_marks := sum(not mark.verified for mark in watched.marks):
        lacking.append(f"{open_marks} 件注册")
    if open_users := sum(not user.verified for user in users):
        lacking.append(f"{open_users} 个授权使用人")
    if codeless := sum(not user.uscc for user in users):
        lacking.append(f"{codeless} 个使用人没有统一社会信用代码，只能按名称辨认")
    return lacking


# ---------------------------------------------------------------------------- use of the mark


async def count(request: Request, person: Person) -> Response:
    """Go through all listings of a year once, for every right; the counts are then kept."""
    office, watched = office_of(request), right_of(request)
    year = _year(request)
    office.usage[year] = await anyio.to_thread.run_sync(
        _counted, office.place.store, office.registry, year, limiter=office.heavy
    )
    return RedirectResponse(link(f"/rights/{watched.id}", year=str(year)) + "#sign", 303)


def _counted(store: str, registry: Registry, year: int) -> Usage:
    with open_store(store) as kept:
        return Usage(now(), users_seen(kept, registry, year))


async def yearly(request: Request, person: Person) -> Response:
    """Send the yearly workbook of one GI."""
    office, watched = office_of(request), right_of(request)
    if watched.kind is not RightKind.GI:
        raise HTTPException(404, "只有地理标志有专用标志年报")
    year = _year(request)
    scope = office.asked("", person) if person.city else None
    make = partial(_yearly, office.place.store, office.registry, watched, year, scope)
    body = await anyio.to_thread.run_sync(make, limiter=office.heavy)
    office.note(person, "fetched annual", right=watched.id, year=str(year))
    return sent(body, f"{watched.id}-{year}.xlsx")


def _yearly(
    store: str, registry: Registry, watched: Right, year: int, scope: Query | None
) -> bytes:
    today = now().astimezone(BEIJING).date()
    with open_store(store) as kept:
        seen = users_seen(kept, registry, year, watched.id)
        return annual(kept, watched, seen.get(watched.id, ()), year, today, scope)


async def export(request: Request, person: Person) -> Response:
    """Send the lists of one right as a workbook."""
    office, watched = office_of(request), right_of(request)
    office.note(person, "exported", right=watched.id)
    return sent(exported(office.registry, [watched]), f"{watched.id}.xlsx")


async def export_all(request: Request, person: Person) -> Response:
    """Send the lists of all rights as a workbook."""
    office = office_of(request)
    every = list(office.registry.rights.values())
    body = await anyio.to_thread.run_sync(exported, office.registry, every)
    office.note(person, "exported", right="*")
    return sent(body, "rights.xlsx")


def sent(body: bytes, name: str, kind: str = _XLSX) -> Response:
    """Return a file to be kept, never to be shown; its name is ours and plain ASCII."""
    kept = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=kind, headers=kept)


ROUTES = [
    Route("/rights", allowed(rights)),
    Route("/rights/all.xlsx", allowed(export_all)),
    Route("/rights/{id}", allowed(right)),
    Route("/rights/{id}/export", allowed(export)),
    Route("/rights/{id}/annual", allowed(yearly)),
    Route("/rights/{id}/usage", allowed(count), methods=["POST"]),
]
