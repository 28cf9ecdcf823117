"""Leads with all that proves them as one zip file, made for one recipient.

Inside is a BagIt bag (RFC 8493); its layout stands in docs/evidence.md. The same leads, papers,
recipient and captures always give the same bytes, but for signature and stamp: no time of making,
files in order of name, stored without compression. See :mod:`evidence.verify` for the checks.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from evidence.bag import SEALED, bag
from evidence.canonical import canonical, canonical_json, canonical_list
from evidence.chain import chain
from evidence.custody import CustodyError
from evidence.disk import replace
from evidence.exhibit import Exhibit
from evidence.exhibited import exhibited
from evidence.seal import seal
from evidence.sealing import Sealing
from evidence.summary import summary
from evidence.vault import Vault, VaultError
from leads.faults import why
from leads.model import Judgement, Lead, Right
from leads.recipients import Recipient
from leads.states import state_of
from leads.store import Standing

MAX_SIZE = 1 << 30
"""Bytes of all files in a packet."""
_LEAD = re.compile(r"L[0-9a-f]{12}")
_PAPER = re.compile(r"[0-9]{2}_[^/\\\0]{1,80}\.(?:docx|pdf|xlsx|txt)")


class PacketError(Exception):
    """The packet cannot be made; the message says in Chinese what is missing. Nothing is left."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """What goes into a packet."""

    leads: Sequence[Lead]
    recipient: Recipient
    exhibits: Sequence[Exhibit]
    """Of :func:`evidence.exhibit.exhibits`."""
    rights: Mapping[str, Right] = field(default_factory=dict)
    """By id."""
    judgements: Mapping[str, Sequence[Judgement]] = field(default_factory=dict)
    """By id of the lead, oldest first."""
    papers: Mapping[str, bytes] = field(default_factory=dict)
    """File name (by role) to content."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet that was written."""

    path: Path
    faults: tuple[str, ...]
    """What was to be done about its seals and could not be, in Chinese."""


def write_packet(
    dossier: Dossier, *, vault: Vault, folder: Path, sealing: Sealing | None = None
) -> Packet:
    """Write the packet into ``folder``.

    The file appears under its name only when it is whole and on the disk; one of the same name is
    replaced. The custody log then has a line about it.

    Raises:
        PacketError: evidence is missing or damaged, or the file cannot be written.
    """
    name = _name(dossier)
    try:
        payload, links = _payload(dossier, vault)
    except (VaultError, CustodyError) as incomplete:
        raise PacketError(f"证据不完整，未制作证据包：{incomplete}") from incomplete
    except OSError as error:
        raise PacketError(f"无法读取证据库（{why(error)}）") from error
    size = sum(map(len, payload.values()))
    if size > MAX_SIZE:
        raise PacketError(f"证据共 {size} 字节，超过上限 {MAX_SIZE} 字节")
    identifiers = " ".join(lead.id for lead in dossier.leads)
    files = bag(payload, {"External-Identifier": identifiers, **links})
    sealed = seal(files[SEALED], sealing or Sealing())
    path = folder / f"{name}.zip"
    whole = {f"{name}/{file}": body for file, body in (files | sealed.files).items()}
    try:
        replace(path, lambda file: _zip(file, whole))
        _note(dossier, files[SEALED], vault)
    except OSError as error:
        raise PacketError(f"无法写入 {path}：{why(error)}") from error
    except VaultError as error:
        path.unlink()
        raise PacketError(f"无法记入保管链：{error}") from error
    return Packet(path, tuple(sealed.faults))


def _name(dossier: Dossier) -> str:
    for lead in dossier.leads:
        if not _LEAD.fullmatch(lead.id):
            raise PacketError(f"线索编号不合规则：{lead.id[:80]!r}")
    for paper in dossier.papers:
        if not _PAPER.fullmatch(paper):
            raise PacketError(f"文书名称不合规则：{paper[:80]!r}")
    if not dossier.leads:
        raise PacketError("没有线索，未制作证据包")
    first, *others = dossier.leads
    more = f"-等{len(others) + 1}条" if others else ""
    return f"证据包-{dossier.recipient.id}-{first.id}{more}"


def _payload(dossier: Dossier, vault: Vault) -> tuple[dict[str, bytes], Mapping[str, str]]:
    """Return the files below ``data/``, and what bag-info.txt says of the custody log."""
    competent = dossier.recipient.competent
    files = {**dossier.papers, "recipient.json": canonical(dossier.recipient)}
    for lead in dossier.leads:
        folder = f"leads/{lead.id}"
        if competent:
            files |= {f"{folder}/{name}": body for name, body in _lead(lead, dossier).items()}
        else:
            files[f"{folder}/notice.json"] = _notice(lead)
    for exhibit in dossier.exhibits:
        files |= exhibited(exhibit, vault, competent=competent)
    log, links = chain(dossier.exhibits, vault.custody, competent=competent)
    return files | log, links


def _lead(lead: Lead, dossier: Dossier) -> dict[str, bytes]:
    judgements = dossier.judgements.get(lead.id, ())
    right = dossier.rights.get(lead.right)
    page = summary(
        Standing(lead, state_of(judgements)),
        right=right,
        judgements=judgements,
        recipient=dossier.recipient,
        exhibits=[exhibit for exhibit in dossier.exhibits if exhibit.lead == lead.id],
    )
    return {
        "lead.json": canonical(lead),
        "judgements.json": canonical_list(judgements),
        "线索摘要.html": page.encode(),
        **({"right.json": canonical(right)} if right else {}),
    }


def _notice(lead: Lead) -> bytes:
    """Return what one who is no authority is told: which listing, and no word of any person."""
    told = lead.listing.model_dump(
        mode="json", include={"site", "ref", "url", "captured_at", "capture"}
    )
    return canonical_json({"id": lead.id, "right_name": lead.right_name, "listing": told})


def _note(dossier: Dossier, sealed: bytes, vault: Vault) -> None:
    ids = [lead.id for lead in dossier.leads]
    vault.note("packed", leads=ids, recipient=dossier.recipient.id, manifest=vault.put(sealed))


def _zip(file: IO[bytes], files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # dated 1980-01-01
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, files[name])
