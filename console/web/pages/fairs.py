"""Fairs: whom to look at first, what stands at the booths, and quick entry from a phone."""

from __future__ import annotations

from collections.abc import Sequence

import anyio.to_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.booth import Entered, EntryError, FairDesk
from console.options import now
from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.pages.judging import back
from console.web.people import Person, Role
from console.web.render import page
from evidence.vault import VaultError
from leads import registry
from leads.booths import Entry
from leads.exhibitors import exhibitors
from leads.fair import PHASE_ZH, Fair, Phase
from leads.fields import Field
from leads.query import And, Term
from leads.risks import Watched, risks, watched
from leads.store import open_store
from leads.triage import law_day

_KEPT = 60.0
_MOST_PHOTOS = 6
_LONGEST = 200


async def fairs(request: Request, person: Person) -> Response:
    """List the fairs, the last to begin first."""
    office, today = office_of(request), law_day(now())
    every = sorted(office.registry.fairs.values(), key=lambda fair: fair.first, reverse=True)
    return page(
        request, "fairs.html", fairs=[(fair, PHASE_ZH[fair.phase(today)]) for fair in every]
    )


async def fair(request: Request, person: Person) -> Response:
    """Show one fair: exhibitors by risk, those watched afterwards, leads of its exhibits."""
    office, one = _asked(request)
    today = law_day(now())
    whole = person.city is None
    found = office.counts.kept(("risks", one.id), lambda: risks(one, office.store), _KEPT)
    here = And((office.asked("", person), Term(Field.SITE, one.site)))
    return page(
        request,
        "fair.html",
        fair=one,
        phase=PHASE_ZH[one.phase(today)],
        # What is known of exhibitors elsewhere is known of all cities.
        risks=[risk for risk in found if risk.any] if whole else None,
        exhibitors=len(found),
        watched=_watched(office, one) if whole and one.phase(today) is Phase.AFTER else (),
        left=(one.watched_until - today).days,
        leads=office.store.search(here, limit=20).leads,
        total=office.counts.facets(here, (Field.STATE,)).total,
        query=f"平台:{one.site}",
        names=office.names,
    )


def _asked(request: Request) -> tuple[Office, Fair]:
    office = office_of(request)
    one = office.registry.fairs.get(request.path_params["id"])
    if one is None:
        raise HTTPException(404, "没有这届展会")
    return office, one


def _watched(office: Office, one: Fair) -> Sequence[Watched]:
    return office.counts.kept(("watched", one.id), lambda: watched(one, office.store), _KEPT)


async def form(request: Request, person: Person) -> Response:
    """Ask what stands at a booth, with photos from the phone's camera."""
    office, one = _asked(request)
    known = exhibitors(office.store.listings(site=one.site))
    return page(
        request, "booth.html", fair=one, exhibitors=[firm.name for firm in known], entered=None,
        said=dict.fromkeys(("booth", "exhibitor", "title", "note"), ""), names=office.names,
    )  # fmt: skip


async def enter(request: Request, person: Person) -> Response:
    """Keep what an officer saw at a booth as an exhibit, match it at once, tell what was found."""
    office, one = _asked(request)
    where = f"/fairs/{one.id}/enter"
    sent = await request.form(max_files=_MOST_PHOTOS, max_fields=30)
    said = {
        name: str(sent.get(name, "")).strip()[:_LONGEST]
        for name in ("booth", "exhibitor", "title", "note", "by")
    }
    by = person.name if office.place.team else said["by"]
    if not (said["booth"] and said["exhibitor"] and said["title"] and by):
        return back(request, where, "请填写展位、参展商、展品和姓名")
    photos = [await one.read() for one in sent.getlist("photo") if isinstance(one, UploadFile)]
    entry = Entry(
        fair=one.id,
        booth=said["booth"],
        exhibitor=said["exhibitor"],
        title=said["title"],
        note=said["note"] or None,
        by=by,
        at=now(),
    )
    try:
        taken = await anyio.to_thread.run_sync(_entered, office, one, entry, photos)
    except (EntryError, VaultError) as wrong:
        return back(request, where, str(wrong))
    office.counts.forget()
    office.note(
        person, "exhibit", fair=one.id, ref=taken.listing.ref or "", leads=str(len(taken.leads)),
        name=by,
    )  # fmt: skip
    known = exhibitors(office.store.listings(site=one.site))
    return page(
        request, "booth.html", fair=one, exhibitors=[firm.name for firm in known], entered=taken,
        said=said | {"title": "", "note": ""}, names=office.names,
    )  # fmt: skip


def _entered(office: Office, one: Fair, entry: Entry, photos: Sequence[bytes]) -> Entered:
    """Enter in a thread and with a store of its own; a bomb is refused before it is kept."""
    from matchers.image.seeing.decoding import Undecodable, decode

    taken = [body for body in photos if body]
    for number, body in enumerate(taken, 1):
        try:
            decode(body)
        except Undecodable as refused:
            raise EntryError(f"第 {number} 张照片不能使用：{refused}") from None
    config = registry.find_config(office.place.config)
    with open_store(office.place.store) as store:
        return FairDesk(one, office.registry, config, store, office.place.vault).enter(entry, taken)


ROUTES = [
    Route("/fairs", allowed(fairs)),
    Route("/fairs/{id}", allowed(fair)),
    Route("/fairs/{id}/enter", allowed(form, Role.OFFICER), methods=["GET"]),
    Route("/fairs/{id}/enter", allowed(enter, Role.OFFICER), methods=["POST"]),
]
