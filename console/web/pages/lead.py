"""One lead: why it is one, what was captured, what became of it, what may be done next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.options import now
from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.pages.pictures import pairs
from console.web.people import Person, Role
from console.web.render import page
from evidence.recapture import Recapture, recaptures
from evidence.vault import VaultError
from leads.clocks import runs
from leads.fields import Field
from leads.model import Evidence, Lead, Session
from leads.query import And, Query, Term
from leads.recipients import of_holder
from leads.routing import kinds, suggestions
from leads.sighting import CHANGE_ZH, Appearance
from leads.states import CODES, moves
from leads.store import Standing
from leads.suggesting import suggested
from leads.triage import law_day
from matchers.text.normalise import forms, normalise

_OTHERS = 10
"""Other leads of the seller, and other listings with a picture, that are shown."""
_ALIKE = 31
"""Bits in which the fingerprints of one picture, saved again, may differ."""


async def lead(request: Request, person: Person) -> Response:
    """Show everything about one lead."""
    office = office_of(request)
    standing = office.lead(request.path_params["id"], person)
    if standing is None:
        raise HTTPException(404, "没有这条线索")
    found, desk = standing.lead, office.registry.desk
    history, today = office.store.judgements(found.id), law_day(now())
    listing = found.listing
    digests = [picture.sha256 for picture in listing.pictures if picture.sha256]
    sights = dict(office.store.sights(digests))
    right = office.registry.rights.get(found.right)
    return page(
        request,
        "lead.html",
        lead=found,
        state=standing.state,
        history=history,
        moves=moves(standing.state) if person.role >= Role.OFFICER else (),
        codes=CODES,
        normalised=normalise(listing.title).text,
        forms=forms(listing.title),
        right=right,
        weights=office.registry.scoring.matchers,
        known=office.store.known(*listing.key),
        changes=list(office.store.sightings(of=listing.key)),
        CHANGE_ZH=CHANGE_ZH,
        sights=sights,
        pairs=pairs(office, found, sights),
        elsewhere=_elsewhere(office, digests, found, person),
        others=_others(office, found, person),
        clocks=runs(history, desk.clocks.values(), desk.years, kinds(office.registry)),
        moment=now(),
        drafts=suggested(found, history[-1], right) if history and right else (),
        suggested=suggestions([found], office.registry, today),
        holder=of_holder(right) if right else None,
        capture=_capture(office, found),
        again=_again(office, found),
        names=office.names,
    )


def _others(office: Office, found: Lead, person: Person) -> Sequence[Standing]:
    """Return the seller's other leads."""
    seller = found.listing.seller_key
    if not seller:
        return ()
    query = office.of_seller(seller, person)
    shown = office.counts.kept(
        ("first", query), lambda: office.store.search(query, limit=_OTHERS + 1).leads
    )
    return [one for one in shown if one.lead.id != found.id][:_OTHERS]


class Elsewhere(NamedTuple):
    """Another listing with the same picture, or one hardly different, and its leads."""

    appearance: Appearance
    leads: Sequence[Standing]


def _elsewhere(
    office: Office, digests: Sequence[str], found: Lead, person: Person
) -> list[Elsewhere]:
    """Return where the lead's first pictures are shown besides."""
    shown = {
        one.listing.key: one
        for digest in digests[:3]
        for one in office.store.appearances(digest, distance=_ALIKE)
        if one.listing.key != found.listing.key
    }
    seen = [
        Elsewhere(one, office.store.search(_of_listing(office, key, person), limit=3).leads)
        for key, one in list(shown.items())[:_OTHERS]
    ]
    # Of listings that are no lead nobody knows whose city they are.
    return [one for one in seen if one.leads or person.city is None]


def _of_listing(office: Office, key: tuple[str, str], person: Person) -> Query:
    site, ref = key
    return And((office.asked("", person), Term(Field.SITE, site), Term(Field.REF, ref)))


class Capture(NamedTuple):
    """The captured page of a lead, verified while one looks at it."""

    record: Evidence | None
    session: Session | None
    fault: str | None
    """What is wrong with it."""


def _capture(office: Office, found: Lead) -> Capture:
    if not found.listing.capture:
        return Capture(None, None, "没有存证：商品不是采集所得，或采集时未保存网页")
    record = None
    try:
        record = office.vault.record(found.listing.capture)
        office.vault.bytes(record)
        session = record.session and Session.model_validate_json(office.vault.bytes(record.session))
    except VaultError as damaged:
        return Capture(record, None, str(damaged))
    return Capture(record, session or None, None)


def _again(office: Office, found: Lead) -> list[Recapture] | str:
    """Return the officers' re-captures, or why they cannot be read."""
    try:
        return recaptures(office.vault, found.id)
    except VaultError as damaged:
        return str(damaged)


ROUTES = [Route("/leads/{id}", allowed(lead))]
