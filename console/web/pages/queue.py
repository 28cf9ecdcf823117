"""The queue: leads filtered and sorted, with what they spread over and what is known of sellers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.web.asking import narrowed
from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.pages.judging import choices
from console.web.pages.searching import saved
from console.web.people import Person
from console.web.render import page
from leads.fields import Field
from leads.model import State
from leads.query import And, Not, QueryError, Term
from leads.states import CODES
from leads.store import Sort, Standing

PAGE = 25
"""Leads on one page."""
FIRST = "状态:新发现"
"""What is asked where nothing is."""
_SHOWN = (Field.STATE, Field.TRIAGE, Field.BUREAU, Field.SITE, Field.RIGHT_ID, Field.FINDING)
SORT_ZH = {
    Sort.STRENGTH: "最该先看",
    Sort.NEWEST: "最新发现",
    Sort.OLDEST: "最早发现",
    Sort.CHEAPEST: "价格从低到高",
    Sort.DEAREST: "价格从高到低",
}


async def queue(request: Request, person: Person) -> Response:
    """Show one page of leads that fit the query, with what they spread over."""
    office = office_of(request)
    asked = request.query_params.get("q", FIRST)
    sort = _sort(request.query_params.get("sort"))
    shown: dict[str, Any] = {
        "asked": asked,
        "sort": sort,
        "sorts": SORT_ZH,
        "names": office.names,
        "saved": saved(office, person),
        "weights": office.registry.scoring.matchers,
        "codes": CODES,
    }
    try:
        query = office.asked(asked, person)
        after = request.query_params.get("after") or None
        found = office.store.search(query, sort, after, PAGE)
    except QueryError as wrong:
        return page(
            request, "queue.html", 400, **shown, leads=(), after=None, facets=None, narrow=None,
            histories={}, choices=(), fault=str(wrong),
        )  # fmt: skip
    except ValueError:
        raise HTTPException(400, "翻页标记有误，请回到第一页") from None
    return page(
        request,
        "queue.html",
        **shown,
        leads=found.leads,
        after=found.after,
        facets=office.counts.facets(query, _SHOWN),
        narrow=lambda field, code: narrowed(asked, field, code, office.names),
        histories=histories(office, found.leads, person),
        choices=choices(person),
        fault=None,
    )


def _sort(given: str | None) -> Sort:
    return Sort(given) if given in set(Sort) else Sort.STRENGTH


class History(NamedTuple):
    """What became of the leads of one seller, as far as this person may see."""

    leads: int
    judged: Mapping[str, int]
    """By state, of those that somebody has looked at."""


def histories(office: Office, leads: Iterable[Standing], person: Person) -> Mapping[str, History]:
    """Return the history of each seller of some leads."""
    sellers = {standing.lead.listing.seller_key for standing in leads} - {None}
    return {seller: _history(office, seller, person) for seller in sellers if seller}


def _history(office: Office, seller: str, person: Person) -> History:
    query = office.of_seller(seller, person)
    judged = And((query, Not(Term(Field.STATE, State.NEW.value))))
    return office.counts.kept(
        ("history", query),
        lambda: History(
            office.store.count(query),
            office.store.facets(judged, (Field.STATE,)).counts[Field.STATE],
        ),
    )


ROUTES = [Route("/", allowed(queue))]
