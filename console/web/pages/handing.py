"""Packets: made for a recipient from a lead's page, checked at once, fetched as a file."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import anyio.to_thread
import click
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from console.proving import make_packet, recipient_named
from console.web.guard import allowed, form_token, office_of
from console.web.office import Office
from console.web.people import Person, Role
from console.web.render import page
from evidence.packet import PacketError
from evidence.sealing import load as load_sealing
from evidence.vault import Vault, VaultError
from evidence.verify import Trust, examine
from leads import registry
from leads.store import open_store


async def make(request: Request, person: Person) -> Response:
    """Make the packet of a lead for one recipient, and check what was made."""
    office = office_of(request)
    standing = office.lead(request.path_params["id"], person)
    if standing is None:
        raise HTTPException(404, "没有这条线索")
    form = await request.form(max_files=0, max_fields=10)
    name = str(form.get("to", ""))
    try:
        path, faults = await anyio.to_thread.run_sync(_made, office, standing.lead.id, name)
    except (PacketError, VaultError) as incomplete:
        told = str(incomplete)
    except click.UsageError as unknown:
        told = unknown.message
    else:
        told = f"证据包已制作：{path.name}，" + ("；".join(faults) if faults else "核验完好")
        office.note(person, "packet", lead=standing.lead.id, to=name, file=path.name)
    office.told[form_token(request)] = told
    return RedirectResponse(f"/leads/{standing.lead.id}", HTTPStatus.SEE_OTHER)


def _made(office: Office, lead_id: str, name: str) -> tuple[Path, list[str]]:
    """Make and verify in a thread of its own, with a store of its own."""
    with open_store(office.place.store) as store:
        standing = store.get(lead_id)
        if standing is None:
            raise PacketError("没有这条线索")
        recipient = recipient_named(office.registry, name, [standing.lead])
        sealing = load_sealing(registry.find_config(office.place.config))
        made = make_packet(
            [standing.lead], recipient, office.registry, store, Vault(office.place.vault),
            office.place.packets, sealing,
        )  # fmt: skip
    checked = examine(made.path, Trust())
    return made.path, [*made.faults, *(str(problem) for problem in checked.problems)]


async def packets(request: Request, person: Person) -> Response:
    """List the packets that were made, the newest first."""
    folder = office_of(request).place.packets
    files = sorted(folder.glob("*.zip"), key=lambda file: file.stat().st_mtime, reverse=True)
    return page(
        request, "packets.html", files=[(file.name, file.stat().st_size) for file in files[:200]]
    )


async def fetch(request: Request, person: Person) -> Response:
    """Send one packet; names come from the folder, never from the address."""
    wanted = request.path_params["name"]
    for file in office_of(request).place.packets.glob("*.zip"):
        if file.name == wanted:
            office_of(request).note(person, "fetched packet", file=file.name)
            return FileResponse(file, media_type="application/zip", filename=file.name)
    raise HTTPException(404, "没有这个证据包")


ROUTES = [
    Route("/leads/{id}/packet", allowed(make, Role.OFFICER), methods=["POST"]),
    Route("/packets", allowed(packets, Role.OFFICER)),
    Route("/packets/{name}", allowed(fetch, Role.OFFICER)),
]
