"""Sellers: those of the leads that fit a query, and everything that is known about one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.options import now
from console.web.asking import quoted
from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.pages.judging import choices
from console.web.pages.queue import FIRST, PAGE
from console.web.people import Person
from console.web.render import page
from leads.clocks import Run, runs
from leads.fields import Field
from leads.model import Judgement, Lead, Listing, Right, State
from leads.query import QueryError
from leads.routing import Suggestion, kinds, suggestions
from leads.sighting import CHANGE_ZH, Sighting
from leads.states import CODES
from leads.store import Standing
from leads.triage import law_day

_LOOKED_AT = 50
"""Leads of a seller whose judgements and sightings are read."""
_ROUTED = 20
"""Leads of a seller by whose places it is told who may be competent."""
_COUNTED = 300
"""Listings of a seller that are counted."""
_SHOWN = 30
"""Events, leads and places that are shown."""


async def sellers(request: Request, person: Person) -> Response:
    """Show the sellers of the leads that fit the query, by their strongest lead."""
    office = office_of(request)
    asked = request.query_params.get("q", FIRST)
    number = request.query_params.get("page", "0")
    offset = PAGE * int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0
    try:
        query = office.asked(asked, person)
        groups = office.counts.kept(
            ("groups", query, offset), lambda: office.store.groups(query, PAGE, offset)
        )
    except QueryError as wrong:
        return page(
            request, "sellers.html", 400, asked=asked, groups=(), fault=str(wrong), next=None,
            names={},
        )  # fmt: skip
    following = str(offset // PAGE + 1) if len(groups) == PAGE else None
    return page(
        request, "sellers.html", asked=asked, groups=groups, fault=None, next=following,
        names=office.names,
    )  # fmt: skip


class Event(NamedTuple):
    """Something that a seller's listing, or a lead on it, went through."""

    lead: Lead
    what: Judgement | Sighting

    @property
    def judgement(self) -> bool:
        """Tell whether a person decided, or else something was noticed."""
        return isinstance(self.what, Judgement)

    @property
    def order(self) -> tuple[datetime, str]:
        """Newest last; those of one moment by lead."""
        return self.what.at, self.lead.id


async def seller(request: Request, person: Person) -> Response:
    """Show one seller: who that is, its leads, what became of them, and what is due."""
    office, key = office_of(request), request.query_params.get("key", "")
    query = office.of_seller(key, person)
    leads = list(office.store.find(query, limit=_LOOKED_AT)) if key else []
    if not leads:
        raise HTTPException(404, "没有这个卖家的线索")
    histories = {
        lead.id: office.store.judgements(lead.id) for lead, state in leads if state is not State.NEW
    }
    today = law_day(now())
    events = sorted(_events(office, leads, histories), key=lambda event: event.order, reverse=True)
    return page(
        request,
        "seller.html",
        key=key,
        offered=_offered(office, key, leads) if person.city is None else None,
        seller=leads[0].lead.listing.seller,
        called=_different(one.lead.listing.seller.name for one in leads if one.lead.listing.seller),
        places=_places(leads),
        leads=leads[:_SHOWN],
        facets=office.store.facets(
            query, (Field.STATE, Field.TRIAGE, Field.RIGHT_ID, Field.FINDING, Field.BUREAU)
        ),
        authorised=_authorised(office, leads[0].lead),
        suggested=_suggested(office, leads, today),
        events=events[:_SHOWN],
        CHANGE_ZH=CHANGE_ZH,
        clocks=_open_clocks(office, leads, histories),
        moment=now(),
        everything=f"卖家:{quoted(key)}",
        names=office.names,
        weights=office.registry.scoring.matchers,
        choices=choices(person),
        codes=CODES,
    )


class Offered(NamedTuple):
    """What a seller offers besides what became leads; of which city that is nobody knows."""

    listings: int
    more: bool
    """There are more than were counted."""
    innocent: list[Listing]
    """Some that are no lead."""


def _offered(office: Office, key: str, leads: Sequence[Standing]) -> Offered:
    found = list(islice(office.store.listings(seller=key), _COUNTED + 1))
    known = {one.lead.listing.key for one in leads}
    rest = [listing for listing in found if listing.key not in known]
    return Offered(min(len(found), _COUNTED), len(found) > _COUNTED, rest[:_SHOWN])


def _different(texts: Iterator[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _places(leads: Sequence[Standing]) -> list[tuple[str, list[str]]]:
    """Return what the seller's listings say about places, kind by kind."""
    listings = [one.lead.listing for one in leads]
    kept = {
        "所在地": _different(one.seller.location for one in listings if one.seller),
        "发货地": _different(one.ships_from for one in listings),
        "厂址": _different(one.factory for one in listings),
        "产地": _different(one.origin for one in listings),
    }
    return [(name, places[:_SHOWN]) for name, places in kept.items() if places]


def _authorised(office: Office, lead: Lead) -> list[Right]:
    """Return the rights of which the seller's firm is an authorised user, by code or full name."""
    who = lead.listing.seller
    if who is None:
        return []
    return [
        office.registry.rights[right]
        for right, users in office.registry.users.items()
        if right in office.registry.rights
        and any(
            (who.uscc and user.uscc == who.uscc) or (who.company and user.company == who.company)
            for user in users
        )
    ]


def _suggested(office: Office, leads: Sequence[Standing], day: date) -> tuple[Suggestion, ...]:
    return suggestions([one.lead for one in leads[:_ROUTED]], office.registry, day)


def _events(
    office: Office, leads: Sequence[Standing], histories: dict[str, Sequence[Judgement]]
) -> Iterator[Event]:
    for standing in leads:
        lead = standing.lead
        yield from (Event(lead, judgement) for judgement in histories.get(lead.id, ()))
    of_listing = {one.lead.listing.key: one.lead for one in leads}
    for key, lead in of_listing.items():
        yield from (Event(lead, sighting) for sighting in office.store.sightings(of=key))


def _open_clocks(
    office: Office, leads: Sequence[Standing], histories: dict[str, Sequence[Judgement]]
) -> list[tuple[Standing, Run]]:
    desk, known = office.registry.desk, kinds(office.registry)
    found = [
        (standing, run)
        for standing in leads
        for run in runs(
            histories.get(standing.lead.id, ()), desk.clocks.values(), desk.years, known
        )
        if run.ended is None
    ]
    return sorted(found, key=lambda one: (one[1].due or date.max, one[0].lead.id))


ROUTES = [Route("/sellers", allowed(sellers)), Route("/seller", allowed(seller))]
