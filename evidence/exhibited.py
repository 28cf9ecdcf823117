"""One exhibit as the files of its folder: what was captured, its record, and the WARC."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from evidence.canonical import canonical_json
from evidence.exhibit import Exhibit
from evidence.vault import Vault
from evidence.warc import warc

OPEN = frozenset({"picture"})
"""Roles that one who is no authority may have: goods are seen in them, no persons."""


def exhibited(exhibit: Exhibit, vault: Vault, *, competent: bool) -> dict[str, bytes]:
    """Return the files of an exhibit by name below ``data/``.

    Only a ``competent`` authority gets everything; the digests of the rest stand in the record.

    Raises:
        VaultError: a file of the capture is missing or damaged.
    """
    record = exhibit.record
    parts = [(exhibit.role, exhibit.file, exhibit.body)]
    if record.exchange and record.exchange.response is not None:
        body = vault.bytes(record.exchange.body) if record.exchange.body else exhibit.body
        whole = warc(record, record.exchange, body)
        parts.append(("warc", f"{exhibit.folder}/exchange.warc", whole))
    files: dict[str, bytes] = {}
    listed = []
    for role, name, body in parts:
        withheld = not competent and role not in OPEN
        listed.append(_said(role, name.rpartition("/")[2], body, withheld))
        if not withheld:
            files[name] = body
    described = {
        "schema": 1,
        "exhibit": exhibit.number,
        "lead": exhibit.lead,
        "role": exhibit.role,
        "name": exhibit.name,
        "capture": record.model_dump(mode="json"),
        "session": _session(record.session, vault) if competent else None,
        "files": listed,
    }
    files[exhibit.record_file] = canonical_json(described)
    return files


def _said(role: str, path: str, body: bytes, withheld: bool) -> dict[str, object]:
    return {
        "role": role,
        "path": path,
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "sm3": hashlib.new("sm3", body).hexdigest(),
        **({"withheld": True} if withheld else {}),
    }


def _session(digest: str | None, vault: Vault) -> Any:
    return json.loads(vault.bytes(digest)) if digest else None
