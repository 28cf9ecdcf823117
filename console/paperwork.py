"""The papers of a packet: what officers say besides, and what the registry and the vault know."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evidence.packet import Dossier, PacketError
from evidence.papers import Case, Extraction, LeakError, Officer, PapersError, papers
from evidence.recapture import Recapture, recaptures
from evidence.vault import Vault
from leads import registry
from leads.beijing import BEIJING
from leads.faults import why
from leads.model import Judgement, Session, State
from leads.states import happened

_APPROVED = {State.ASSIGNED, State.TRANSFERRED, State.TO_POLICE, State.TO_OTHERS}


@dataclass(frozen=True, slots=True)
class Paperwork:
    """What only the officers know."""

    draft: bool = False
    """Whether empty fields are left blank and every page says 草稿."""
    officers: tuple[str, ...] = ()
    approver: str | None = None
    """None: who moved the lead to where it leaves."""
    number: str | None = None
    """The paper's own number (文号)."""
    day: date | None = None
    """None: the day of the approval."""
    crime: str | None = None
    amount: str | None = None
    enclosures: tuple[str, ...] = ()
    config: Path | None = None
    """The config folder, for the holders' own pictures."""


def written(
    asked: Paperwork, dossier: Dossier, watched: registry.Registry, vault: Vault
) -> tuple[Mapping[str, bytes], str | None]:
    """Return the papers by file name, and in Chinese why there are none.

    Raises:
        PacketError: a person would be told to one who is no authority; nothing may leave then.
        VaultError: a re-capture is damaged.
    """
    case = case_of(asked, dossier, watched, vault)
    if case is None:
        return {}, 'config/recipients 中没有本机关（kind = "own"）'
    try:
        return papers(case, dossier.recipient, asked.draft), None
    except LeakError as leak:
        raise PacketError(str(leak)) from leak
    except PapersError as absent:
        return {}, str(absent)


def case_of(
    asked: Paperwork, dossier: Dossier, watched: registry.Registry, vault: Vault
) -> Case | None:
    """Return all that the papers are made from; None where the own office is not known.

    Raises:
        PacketError: a picture of the holder cannot be read.
        VaultError: a re-capture is damaged.
    """
    sender = watched.desk.own
    if sender is None:
        return None
    approval = _approval(dossier.judgements)
    again = [one for lead in dossier.leads for one in recaptures(vault, lead.id)]
    return Case(
        leads=dossier.leads,
        sender=sender,
        rights=dossier.rights,
        judgements=dossier.judgements,
        exhibits=dossier.exhibits,
        extractions=[_extraction(one, vault) for one in again],
        sites={site.id: site.name for site in watched.sites.values()},
        officers=[Officer(name) for name in asked.officers or _last(again)],
        approver=asked.approver or (approval.by if approval else None),
        number=asked.number,
        day=asked.day or (happened(approval).astimezone(BEIJING).date() if approval else None),
        crime=asked.crime,
        amount=asked.amount,
        enclosures=asked.enclosures,
        references=dict(_references(dossier, asked.config)) if asked.config else {},
    )


def _approval(judgements: Mapping[str, Sequence[Judgement]]) -> Judgement | None:
    """Return the last decision that the leads are to leave, if all of them were decided."""
    decided = [
        next((one for one in reversed(history) if one.state in _APPROVED), None)
        for history in judgements.values()
    ]
    if None in decided:
        return None
    return max((one for one in decided if one), key=lambda one: one.at, default=None)


def _last(again: Sequence[Recapture]) -> tuple[str, ...]:
    return again[-1].officers if again else ()


def _extraction(done: Recapture, vault: Vault) -> Extraction:
    session = Session.model_validate(json.loads(vault.bytes(done.session)))
    clock = session.clock
    offset = (
        f"与 {clock.source} 相差 {clock.offset} 秒" if clock.offset is not None else clock.fault
    )
    return Extraction(
        lead=done.lead,
        began=done.began,
        ended=done.ended,
        officers=tuple(map(Officer, done.officers)),
        environment=(*session.environment, ("时间校对", offset or "未校对")),
        steps=done.steps,
        changes=done.changes,
    )


def _references(dossier: Dossier, config: Path) -> Iterator[tuple[str, Sequence[bytes]]]:
    for right in dossier.rights.values():
        try:
            yield right.id, [(config / path).read_bytes() for path in (*right.photos, *right.logos)]
        except OSError as error:
            raise PacketError(f"权利人图片无法读取：{error.filename}（{why(error)}）") from error
