"""Packets: what one still lacks, made for a recipient, checked at once, fetched as a file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import anyio.to_thread
import click
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from console.options import Day, now
from console.paperwork import Paperwork, case_of
from console.proving import Made, dossier_of, make_packet, recipient_named
from console.web.guard import allowed, form_token, office_of
from console.web.office import Office
from console.web.people import Person, Role
from console.web.render import page
from evidence.exhibit import Exhibit, exhibits
from evidence.packet import PacketError
from evidence.papers.gate import POLICE_ENCLOSURES, missing
from evidence.papers.letters import TITLES
from evidence.sealing import load as load_sealing
from evidence.vault import Vault, VaultError
from evidence.verify import Trust, examine
from leads import registry
from leads.model import Lead
from leads.recipients import Recipient, RecipientKind, of_holder
from leads.routing import suggestions
from leads.store import open_store
from leads.triage import law_day

_SAID = ("to", "first", "second", "approver", "number", "day", "crime", "amount")
"""What officers may say about a packet, by the name of its field."""
_LONGEST = 200
_LEAD = re.compile("^[^/]+/data/leads/(L[0-9a-f]{12})/")


class Gate(NamedTuple):
    """Whether a lead may leave with its papers."""

    proofs: list[Exhibit]
    """What proves it, every byte verified."""
    missing: list[str]
    """Mandatory fields of the papers that are empty."""
    fault: str | None = None
    """Why there can be no packet at all."""


async def prepare(request: Request, person: Person) -> Response:
    """Show what the packet of a lead for one recipient has and lacks."""
    said = dict.fromkeys(_SAID, "") | {"to": request.query_params.get("to", "")}
    return await _prepared(request, _lead(request, person), said, ())


async def make(request: Request, person: Person) -> Response:
    """Make the packet and check what was made; or, as the button says, only tell what it lacks."""
    office, lead = office_of(request), _lead(request, person)
    form: FormData = await request.form(max_files=10, max_fields=2000)
    said = {name: str(form.get(name, "")).strip()[:_LONGEST] for name in _SAID}
    enclosures = tuple(one for one in POLICE_ENCLOSURES if one in form.getlist("enclosure"))
    if form.get("do") == "check":
        return await _prepared(request, lead, said, enclosures)
    try:
        asked = _paperwork(office, said, enclosures, draft=bool(form.get("draft")))
        recipient = recipient_named(office.registry, said["to"], [lead])
        made, faults = await anyio.to_thread.run_sync(_made, office, lead, recipient, asked)
    except (PacketError, VaultError) as incomplete:
        told = str(incomplete)
    except click.UsageError as unknown:
        told = unknown.message
    else:
        told = f"证据包已制作：{made.path.name}，" + ("；".join(faults) if faults else "核验完好")
        told += f"；未附文书，{made.without}" if made.without else ""
        office.note(person, "packet", lead=lead.id, to=recipient.id, file=made.path.name)
    office.told[form_token(request)] = told
    return RedirectResponse(f"/leads/{lead.id}", HTTPStatus.SEE_OTHER)


def _lead(request: Request, person: Person) -> Lead:
    standing = office_of(request).lead(request.path_params["id"], person)
    if standing is None:
        raise HTTPException(404, "没有这条线索")
    return standing.lead


def _paperwork(
    office: Office, said: Mapping[str, str], enclosures: tuple[str, ...], *, draft: bool = False
) -> Paperwork:
    """Return what officers said.

    Raises:
        click.UsageError: the day is none.
    """
    return Paperwork(
        draft=draft,
        officers=tuple(filter(None, (said["first"], said["second"]))),
        approver=said["approver"] or None,
        number=said["number"] or None,
        day=Day().convert(said["day"], None, None) if said["day"] else None,
        crime=said["crime"] or None,
        amount=said["amount"] or None,
        enclosures=enclosures,
        config=registry.find_config(office.place.config),
    )


async def _prepared(
    request: Request, lead: Lead, said: dict[str, str], enclosures: tuple[str, ...]
) -> Response:
    office = office_of(request)
    offered = _recipients(office, lead)
    try:
        recipient = recipient_named(office.registry, said["to"] or next(iter(offered)), [lead])
        asked = _paperwork(office, said, enclosures)
    except click.UsageError as unknown:
        raise HTTPException(400, unknown.message) from None
    gate = await anyio.to_thread.run_sync(_gate, office, lead, recipient, asked)
    return page(
        request,
        "packet.html",
        lead=lead,
        gate=gate,
        said=said,
        recipient=recipient,
        paper=TITLES.get(recipient.kind, "案件来源登记表"),
        offered={**offered, recipient.id: recipient.name},
        possible=POLICE_ENCLOSURES if recipient.kind is RecipientKind.POLICE else (),
        enclosures=enclosures,
    )


def _recipients(office: Office, lead: Lead) -> dict[str, str]:
    """Return names by id of everybody who may be sent the lead, the most certain first."""
    found = [one.recipient for one in suggestions([lead], office.registry, law_day(now()))]
    right = office.registry.rights.get(lead.right)
    holder = of_holder(right) if right else None
    bureaus = {one.code: one.name for one in office.registry.bureaus.values()}
    return {one.id: one.name for one in (*found, *([holder] if holder else []))} | bureaus


def _gate(office: Office, lead: Lead, recipient: Recipient, asked: Paperwork) -> Gate:
    """Look at everything in a thread of its own, with a store of its own."""
    vault = Vault(office.place.vault)
    try:
        with open_store(office.place.store) as store:
            dossier = dossier_of([lead], recipient, office.registry, store, vault)
        case = case_of(asked, dossier, office.registry, vault)
    except (PacketError, VaultError) as incomplete:
        return Gate([], [], str(incomplete))
    if case is None:
        own = "本机关：config/recipients 中没有 kind 为 own 的单位"
        return Gate(list(dossier.exhibits), [own])
    return Gate(list(dossier.exhibits), missing(case, recipient))


def _made(
    office: Office, lead: Lead, recipient: Recipient, asked: Paperwork
) -> tuple[Made, list[str]]:
    """Make and verify in a thread of its own, with a store of its own."""
    with open_store(office.place.store) as store:
        sealing = load_sealing(registry.find_config(office.place.config))
        made = make_packet(
            [lead], recipient, office.registry, store, Vault(office.place.vault),
            office.place.packets, sealing, asked,
        )  # fmt: skip
    checked = examine(made.path, Trust())
    return made, [*made.faults, *(str(problem) for problem in checked.problems)]


async def packets(request: Request, person: Person) -> Response:
    """List the packets that were made, the newest first."""
    files = islice(_packets(office_of(request), person), 200)
    return page(request, "packets.html", files=[(file.name, file.stat().st_size) for file in files])


async def fetch(request: Request, person: Person) -> Response:
    """Send one packet; names come from the folder, never from the address."""
    wanted = request.path_params["name"]
    for file in _packets(office_of(request), person):
        if file.name == wanted:
            office_of(request).note(person, "fetched packet", file=file.name)
            return FileResponse(file, media_type="application/zip", filename=file.name)
    raise HTTPException(404, "没有这个证据包")


def _packets(office: Office, person: Person) -> Iterator[Path]:
    """Yield the packets that somebody may have; of a city those with no leads but its own."""
    files = office.place.packets.glob("*.zip")
    for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
        ids = _leads_in(file) if person.city else set()
        if person.city is None or (ids and len(office.visible([*ids], person)) == len(ids)):
            yield file


def _leads_in(packet: Path) -> set[str]:
    """Return the leads a packet is about, by its table of contents; none of a damaged one."""
    try:
        with zipfile.ZipFile(packet) as opened:
            found = (_LEAD.search(name) for name in opened.namelist())
            return {one[1] for one in found if one}
    except (zipfile.BadZipFile, OSError):
        return set()


async def proof(request: Request, person: Person) -> Response:
    """Send one captured file as bytes to be kept, never as something a browser would open."""
    lead, number = _lead(request, person), request.path_params["number"]
    office = office_of(request)
    try:
        proofs = await anyio.to_thread.run_sync(exhibits, [lead], Vault(office.place.vault))
    except VaultError as damaged:
        raise HTTPException(404, str(damaged)) from None
    for one in proofs:
        if one.number == number:
            office.note(person, "fetched evidence", lead=lead.id, sha256=one.record.sha256)
            return _kept(one.body, f"{lead.id}-{one.number}-{one.file.rpartition('/')[2]}")
    raise HTTPException(404, "没有这件证据")


async def receipt(request: Request, person: Person) -> Response:
    """Send the file that came with a receipt of this lead, and no other file."""
    lead, wanted = _lead(request, person), request.path_params["sha256"]
    office = office_of(request)
    files = {one.file for one in office.store.judgements(lead.id)}
    if wanted not in files:
        raise HTTPException(404, "没有这份回执")
    try:
        body = office.vault.bytes(wanted)
    except VaultError as damaged:
        raise HTTPException(404, str(damaged)) from None
    office.note(person, "fetched receipt", lead=lead.id, sha256=wanted)
    return _kept(body, f"{lead.id}-receipt-{wanted[:12]}.bin")


def _kept(body: bytes, name: str) -> Response:
    """Return bytes from outside; their name is ours."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


ROUTES = [
    Route("/leads/{id}/packet", allowed(prepare, Role.OFFICER), methods=["GET"]),
    Route("/leads/{id}/packet", allowed(make, Role.OFFICER), methods=["POST"]),
    Route("/leads/{id}/evidence/{number}", allowed(proof, Role.OFFICER)),
    Route("/leads/{id}/receipts/{sha256}", allowed(receipt, Role.OFFICER)),
    Route("/packets", allowed(packets, Role.OFFICER)),
    Route("/packets/{name}", allowed(fetch, Role.OFFICER)),
]
