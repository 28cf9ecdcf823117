"""Changes to the registry that one person proposes and another agrees to, before they are made.

What a proposal would do is never kept, only the file that was sent: it is worked out anew from the
file and from the registry as it is whenever somebody looks. Who agrees says by a seal which of
these outcomes they saw; if anything has changed since, nothing is written.

::

    proposals/<id>.json, <id>.bin     what waits: who sent what, and the file
    versions/<sha256>                 every file sent and agreed to, and every file of the config
                                      folder as it was before and after
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from console.archive.book import Book, understood
from console.archive.revision import Revision, revise
from console.archive.sheets import Slip
from console.archive.written import Stale, accepted, commented, digests, locked, write
from console.options import now
from evidence.canonical import canonical_json
from evidence.custody import Custody
from evidence.disk import replace, write_once
from leads import registry
from leads.archive import plain
from leads.faults import why
from leads.model import Moment, Record
from leads.registry import ConfigError, Registry

MOST = 30
"""Proposals that may wait."""


class Proposal(Record):
    """One file that was sent in."""

    id: str
    by: str
    at: Moment
    name: str
    """Of the file, as the sender's machine called it; only ever shown."""
    sha256: str
    right: str | None = None
    whole: bool = False
    """Entries that the file lacks are removed."""
    reason: str


@dataclass(frozen=True)
class Preview:
    """What a proposal would do to the registry as it is."""

    revisions: Sequence[Revision]
    notes: Sequence[str]
    slips: Sequence[Slip]
    faults: Sequence[str]
    """Why the registry would be none."""
    files: Mapping[str, bytes]
    before: Mapping[str, str]
    """SHA-256 of each file as it is."""
    seal: str
    """Digest of the outcome: what is replaced, and by what."""

    @property
    def sound(self) -> bool:
        """Tell whether it may be agreed to."""
        return bool(self.files) and not self.slips and not self.faults


class NotYours(Exception):
    """Somebody may not do this; the message says why, in Chinese."""


def preview(body: bytes, config: Path, right: str | None, whole: bool) -> Preview:
    """Return what a file would do.

    Raises:
        Unusable: the file cannot be read. ConfigError: the registry is broken as it is.
    """
    watched = registry.load(config)
    book = understood(body)
    revisions = [one for one in revise(book, watched, right, whole) if one.alters]
    files = {name: body for one in revisions for name, body in one.files().items()}
    before = digests(config, files)
    return Preview(
        revisions=revisions,
        notes=book.notes,
        slips=sorted(book.slips),
        faults=_faults(config, files, book),
        files=files,
        before=before,
        seal=_seal(before, files),
    )


def _faults(config: Path, files: Mapping[str, bytes], book: Book) -> list[str]:
    if book.slips:
        return []
    faults = [
        f"{name}：文件中写有注释，改写会丢失，请直接编辑" for name in commented(config, files)
    ]
    try:
        accepted(config, files)
    except ConfigError as broken:
        faults += map(str, broken.faults)
    return faults


def _seal(before: Mapping[str, str], files: Mapping[str, bytes]) -> str:
    outcome = {name: [before[name], _sha256(body)] for name, body in files.items()}
    return _sha256(canonical_json(outcome))


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def apply(
    seen: Preview, config: Path, books: Path, log: Custody, facts: Mapping[str, object]
) -> Registry:
    """Make the change that was seen, after it is written into the log; returns the new registry.

    Raises:
        Stale: the registry is no longer as it was. ConfigError: it would be none.
        OSError: a file cannot be written.
    """
    with locked(config):
        if digests(config, seen.files) != dict(seen.before):
            raise Stale
        accepted(config, seen.files)
        for name, body in seen.files.items():
            if seen.before[name]:
                _keep(books, (config / name).read_bytes())
            _keep(books, body)
        files = [
            {"file": name, "before": seen.before[name], "after": _sha256(body)}
            for name, body in seen.files.items()
        ]
        log.append("registry changed", now(), True, **facts, files=files)
        try:
            write(config, seen.files)
        except OSError as failed:
            log.append("registry not changed", now(), True, **facts, why=why(failed))
            raise
    return registry.load(config)


def _keep(books: Path, body: bytes) -> None:
    folder = books / "versions"
    folder.mkdir(parents=True, exist_ok=True)
    write_once(folder / _sha256(body), body, folder, at_once=True)


class Proposals:
    """The proposals that wait, in a folder below ``books``."""

    def __init__(self, books: Path, log: Custody) -> None:
        self.books = books
        self.folder = books / "proposals"
        self.log = log

    def propose(
        self, body: bytes, by: str, name: str, reason: str, right: str | None, whole: bool
    ) -> Proposal:
        """Keep a file until somebody else agrees.

        Raises:
            NotYours: too many wait already.
        """
        if len(self.waiting()) >= MOST:
            raise NotYours(f"已有 {MOST} 件更改等待复核，请先处理")
        made = Proposal(
            id=secrets.token_hex(8), by=by, at=now(), name=name[:200], sha256=_sha256(body),
            right=right, whole=whole, reason=reason,
        )  # fmt: skip
        replace(self._file(made.id, "bin"), lambda file: file.write(body))
        text = made.model_dump_json().encode()
        replace(self._file(made.id, "json"), lambda file: file.write(text))
        self.log.append("registry proposed", made.at, True, **_told(made, by))
        return made

    def waiting(self) -> list[Proposal]:
        """Return what waits, oldest first."""
        found = (self.get(path.stem) for path in self.folder.glob("*.json"))
        return sorted((one for one in found if one), key=lambda one: one.at)

    def get(self, id: str) -> Proposal | None:
        """Return a proposal that waits, or None; an id is never a path."""
        if not re.fullmatch("[0-9a-f]{16}", id):
            return None
        try:
            return Proposal.model_validate_json(self._file(id, "json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def body(self, proposal: Proposal) -> bytes:
        """Return the file that was sent.

        Raises:
            NotYours: it was changed on the disk.
        """
        body = self._file(proposal.id, "bin").read_bytes()
        if _sha256(body) != proposal.sha256:
            raise NotYours("上传的文件在磁盘上被改动，请退回后重新上传")
        return body

    def agree(
        self, proposal: Proposal, by: str, seal: str, config: Path, **facts: object
    ) -> Registry:
        """Make the change, if ``by`` is somebody else and has seen this very outcome.

        Raises:
            NotYours: the proposer agrees, or something is wrong in it. Stale: the outcome differs.
            ConfigError, OSError: as :func:`apply` says.
        """
        if same_person(by, proposal.by):
            raise NotYours("须由提出人以外的另一人复核")
        body = self.body(proposal)
        seen = preview(body, config, proposal.right, proposal.whole)
        if seen.seal != seal:
            raise Stale
        if not seen.sound:
            raise NotYours("有错误或没有变化，不能生效")
        _keep(self.books, body)
        made = apply(seen, config, self.books, self.log, {**_told(proposal, by), **facts})
        self._forget(proposal)
        return made

    def withdraw(self, proposal: Proposal, by: str, reason: str) -> None:
        """Take a proposal back, or turn it down."""
        self.log.append("registry withdrawn", now(), True, **_told(proposal, by), why=reason)
        self._forget(proposal)

    def _forget(self, proposal: Proposal) -> None:
        for suffix in ("json", "bin"):
            self._file(proposal.id, suffix).unlink(missing_ok=True)

    def _file(self, id: str, suffix: str) -> Path:
        return self.folder / f"{id}.{suffix}"


def same_person(one: str, other: str) -> bool:
    """Tell whether two names are typed for the same person."""
    return plain(one) == plain(other)


def _told(proposal: Proposal, by: str) -> dict[str, object]:
    return {
        "by": by,
        "proposal": proposal.id,
        "proposer": proposal.by,
        "name": proposal.name,
        "sha256": proposal.sha256,
        "right": proposal.right or "",
        "reason": proposal.reason,
    }
