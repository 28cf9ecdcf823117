"""One lead: why it is one, what was captured, what became of it, what may be done next."""

from __future__ import annotations

import io
from functools import lru_cache

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.options import now
from console.web.guard import allowed, office_of
from console.web.people import Person, Role
from console.web.render import page
from evidence.vault import Vault, VaultError
from leads.clocks import runs
from leads.fields import Field
from leads.model import Lead
from leads.query import And, Not, Term
from leads.recipients import of_holder
from leads.routing import suggestions
from leads.sighting import Appearance
from leads.states import CODES, moves
from leads.store import Standing
from leads.triage import law_day
from matchers.text.normalise import forms, normalise

_OTHERS = 10
"""Other leads of the seller that are shown."""
SIDE, THUMB = 900, 192
"""Pixels of a picture's longer side as it is shown, on its lead's page and in lists."""


async def lead(request: Request, person: Person) -> Response:
    """Show everything about one lead."""
    office = office_of(request)
    standing = office.lead(request.path_params["id"], person)
    if standing is None:
        raise HTTPException(404, "没有这条线索")
    found = standing.lead
    history = office.store.judgements(found.id)
    desk, day = office.registry.desk, law_day(now())
    kinds = {one.id: one.kind for one in desk.recipients.values()}
    title = normalise(found.listing.title)
    known = office.store.known(*found.listing.key)
    digests = [picture.sha256 for picture in found.listing.pictures if picture.sha256]
    seller = found.listing.seller_key
    return page(
        request,
        "lead.html",
        lead=found,
        state=standing.state,
        history=history,
        moves=moves(standing.state) if person.role >= Role.OFFICER else (),
        codes=CODES,
        normalised=title.text,
        forms=forms(found.listing.title),
        right=office.registry.rights.get(found.right),
        known=known,
        changes=list(office.store.sightings(of=found.listing.key)),
        sights=office.store.sights(digests),
        elsewhere=_elsewhere(request, digests, found),
        others=_others(request, found, person) if seller else (),
        clocks=runs(history, desk.clocks.values(), desk.years, kinds),
        today=day,
        suggested=suggestions([found], office.registry, day),
        holder=of_holder(office.registry.rights[found.right])
        if found.right in office.registry.rights
        else None,
        evidence=_evidence(request, found),
        names=office.names,
    )


def _others(request: Request, found: Lead, person: Person) -> list[Standing]:
    office = office_of(request)
    query = And(
        (
            office.asked("", person),
            Term(Field.SELLER, found.listing.seller_key or ""),
            Not(Term(Field.ID, found.id)),
        )
    )
    return list(office.store.search(query, limit=_OTHERS).leads)


def _elsewhere(request: Request, digests: list[str], found: Lead) -> list[Appearance]:
    """Return other listings with the same picture, or one hardly different."""
    store = office_of(request).store
    return [
        appearance
        for digest in digests[:3]
        for appearance in store.appearances(digest, distance=31)
        if appearance.listing.key != found.listing.key
    ][:_OTHERS]


def _evidence(request: Request, found: Lead) -> object:
    vault = office_of(request).vault
    if not found.listing.capture:
        return None
    try:
        kept = vault.record(found.listing.capture)
        vault.bytes(kept)
    except VaultError as damaged:
        return str(damaged)
    return kept


async def picture(request: Request, person: Person) -> Response:
    """Send a captured picture, drawn anew: never the bytes from outside themselves."""
    side = THUMB if "small" in request.query_params else SIDE
    body = await anyio.to_thread.run_sync(
        _redrawn, office_of(request).vault, request.path_params["sha256"], side
    )
    kept = {"cache-control": "private, max-age=86400"}
    return Response(body, media_type="image/jpeg", headers=kept)


@lru_cache(maxsize=256)
def _redrawn(vault: Vault, digest: str, side: int) -> bytes:
    from PIL import Image

    from matchers.image.seeing.decoding import Undecodable, decode

    try:
        photo = decode(vault.bytes(digest))
    except (VaultError, ValueError):
        raise HTTPException(404, "没有这张图片") from None
    except Undecodable as refused:
        raise HTTPException(415, f"图片无法显示：{refused}") from None
    image = Image.fromarray(photo.pixels)
    image.thumbnail((side, side))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


ROUTES = [
    Route("/leads/{id}", allowed(lead)),
    Route("/pictures/{sha256:str}", allowed(picture)),
]
