"""Pictures, drawn anew: the captured ones, and those of right holders they are held against."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.people import Person
from evidence.vault import Vault, VaultError
from leads import registry
from leads.model import Lead
from leads.sight import PictureMatch, Sight

SIDE, THUMB = 900, 192
"""Pixels of a picture's longer side as it is shown, on its lead's page and in lists."""
_KEPT = {"cache-control": "private, max-age=86400"}


class Pair(NamedTuple):
    """A captured picture beside what it is like."""

    sight: Sight
    match: PictureMatch
    size: tuple[int, int] | None
    """Width and height of the reference; None where it is not there any more."""


def pairs(office: Office, lead: Lead, sights: dict[str, Sight]) -> list[Pair]:
    """Return the places where the lead's pictures meet references of its right."""
    found = [(sight, match) for sight in sights.values() for match in sight.matches]
    found.sort(key=lambda one: (one[1].right != lead.right, -one[1].score))
    return [Pair(sight, match, _size(office, match.source)) for sight, match in found]


def _size(office: Office, source: str) -> tuple[int, int] | None:
    path = _reference(office, source)
    return _measured(path, path.stat().st_mtime_ns) if path else None


def _reference(office: Office, source: str) -> Path | None:
    """Return the file of a reference; names come from the folder, never from an address."""
    bank = registry.find_config(office.place.config) / "bank"
    kind, _, rest = source.partition("/")
    folder, _, name = rest.partition("/")
    if kind not in ("photos", "logos") or folder in ("", ".", ".."):
        return None
    return next((file for file in (bank / kind).glob("*/*") if _named(file, folder, name)), None)


def _named(file: Path, folder: str, name: str) -> bool:
    return file.name == name and file.parent.name == folder and file.is_file()


@lru_cache(maxsize=256)
def _measured(path: Path, changed: int) -> tuple[int, int] | None:
    from matchers.image.seeing.decoding import Undecodable, decode

    try:
        photo = decode(path.read_bytes())
    except (OSError, Undecodable):
        return None
    return photo.width, photo.height


async def picture(request: Request, person: Person) -> Response:
    """Send a captured picture, drawn anew: never the bytes from outside themselves."""
    side = THUMB if "small" in request.query_params else SIDE
    body = await anyio.to_thread.run_sync(
        _captured, office_of(request).vault, request.path_params["sha256"], side
    )
    return Response(body, media_type="image/jpeg", headers=_KEPT)


async def reference(request: Request, person: Person) -> Response:
    """Send a right holder's picture, drawn anew."""
    path = _reference(office_of(request), request.path_params["source"])
    if path is None:
        raise HTTPException(404, "没有这张参照图片")
    body = await anyio.to_thread.run_sync(_own, path, path.stat().st_mtime_ns)
    return Response(body, media_type="image/jpeg", headers=_KEPT)


@lru_cache(maxsize=512)
def _captured(vault: Vault, digest: str, side: int) -> bytes:
    try:
        return _redrawn(vault.bytes(digest), side)
    except (VaultError, ValueError):
        raise HTTPException(404, "没有这张图片") from None


@lru_cache(maxsize=64)
def _own(path: Path, changed: int) -> bytes:
    try:
        return _redrawn(path.read_bytes(), SIDE)
    except OSError:
        raise HTTPException(404, "没有这张参照图片") from None


def _redrawn(body: bytes, side: int) -> bytes:
    from PIL import Image

    from matchers.image.seeing.decoding import Undecodable, decode

    try:
        photo = decode(body)
    except Undecodable as refused:
        raise HTTPException(415, f"图片无法显示：{refused}") from None
    image = Image.fromarray(photo.pixels)
    image.thumbnail((side, side))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


ROUTES = [
    Route("/pictures/{sha256:str}", allowed(picture)),
    Route("/references/{source:path}", allowed(reference)),
]
