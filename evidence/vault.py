"""Where captured bytes are kept: named by their hash, written once, verified on reading.

::

    blobs/ab/<sha256>       the bytes, read-only
    captures/ab/<id>.json   one record for each capture, read-only; several may share a blob
    custody/                one line for each capture, chained: see evidence/custody.py
    incoming/               files being written; what a crash leaves here was never kept
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from pydantic import ValidationError

from evidence.canonical import canonical
from evidence.custody import Custody, CustodyError
from evidence.disk import write_once
from leads.faults import why
from leads.model import Door, Evidence, Exchange

_ID = re.compile(r"\d{8}T\d{6}Z-([0-9a-f]{16})-[1-9]\d{0,8}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
SECRET = frozenset(
    (
        "authentication-info",
        "authorization",
        "cookie",
        "proxy-authenticate",
        "proxy-authorization",
        "set-cookie",
        "set-cookie2",
    )
)
"""Headers that let a session be taken over; they prove nothing and never enter a record."""


class VaultError(Exception):
    """A file of the vault is missing, damaged or cannot be written; the message names it."""


class Vault:
    """The vault in the folder ``root``, made when missing.

    What was kept outlives the process, however it ends. It outlives a power cut as well, at once or
    (``at_once=False``, which spares a crawl nine tenths of the time) from the next :meth:`sync` on.

    Raises:
        VaultError: the folder cannot be made, or this Python's OpenSSL lacks SM3. There is no
            implementation of our own to fall back on: it would be a thousand times slower, and
            every usual build of OpenSSL since 1.1.1 has the algorithm.
    """

    def __init__(self, root: str | Path, *, at_once: bool = True) -> None:
        self.root = Path(root)
        self._at_once = at_once
        self._incoming = self.root / "incoming"
        self.custody = Custody(self.root)
        if "sm3" not in hashlib.algorithms_available:
            raise VaultError("本机 Python 的 OpenSSL 不含国密 SM3 算法，请改用含 SM3 的版本")
        try:
            self._incoming.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _failed(self.root, error) from error

    def keep(
        self,
        body: bytes,
        *,
        media_type: str,
        captured_at: datetime,
        how: Door,
        url: str | None = None,
        status: int | None = None,
        headers: Iterable[tuple[str, str]] = (),
        peer: str | None = None,
        exchange: Exchange | None = None,
        session: str | None = None,
    ) -> Evidence:
        """Keep what was captured and return its record, which the custody log then knows.

        Raises:
            VaultError: it cannot be written, or other bytes lie where these belong.
        """
        sha256 = self.put(body)
        stamp = _stamp(captured_at)
        for number in count(1):
            evidence = Evidence(
                id=f"{stamp}-{sha256[:16]}-{number}",
                sha256=sha256,
                sm3=hashlib.new("sm3", body).hexdigest(),
                size=len(body),
                media_type=media_type,
                url=url,
                captured_at=captured_at,
                how=how,
                status=status,
                headers=tuple(
                    (name, value) for name, value in headers if name.lower() not in SECRET
                ),
                peer=peer,
                exchange=exchange,
                session=session,
            )
            if self.write_once(self._record_path(evidence.id), canonical(evidence)):
                break
        self.note(
            "kept",
            capture=evidence.id,
            sha256=sha256,
            sm3=evidence.sm3,
            size=evidence.size,
            how=how,
        )
        return evidence

    def put(self, body: bytes) -> str:
        """Write bytes and return their SHA-256.

        A file that a power cut has left short is written anew; any other damage is an error.

        Raises:
            VaultError: they cannot be written, or other bytes lie where these belong.
        """
        sha256 = hashlib.sha256(body).hexdigest()
        blob = self.blob(sha256)
        if blob.is_file() or not self.write_once(blob, body):
            if _torn(blob, body):
                self.write_once(blob, body)
            self.bytes(sha256)  # damage shows now, while the bytes are at hand
        return sha256

    def note(self, event: str, **facts: object) -> None:
        """Add a line to the custody log.

        Raises:
            VaultError: it cannot be written.
        """
        try:
            self.custody.append(event, datetime.now(UTC), self._at_once, **facts)
        except OSError as error:
            raise _failed(self.custody.folder, error) from error
        except CustodyError as broken:
            raise VaultError(str(broken)) from broken

    def write_once(self, path: Path, body: bytes) -> bool:
        """Write a whole, read-only file of the vault; False if there is one already.

        Raises:
            VaultError: it cannot be written.
        """
        try:
            return write_once(path, body, self._incoming, self._at_once)
        except OSError as error:
            raise _failed(path, error) from error

    def record(self, capture: str) -> Evidence:
        """Return the record of the capture with this id.

        Raises:
            VaultError: there is none, or it is damaged.
        """
        path = self._record_path(capture)
        try:
            evidence = Evidence.model_validate_json(path.read_bytes())
        except OSError as error:
            raise _failed(path, error) from error
        except ValidationError as invalid:
            raise VaultError(f"采集记录已损坏：{path}") from invalid
        if evidence.id != capture:
            raise VaultError(f"采集记录与编号不符：{path}")
        return evidence

    def records(self, sha256: str) -> list[Evidence]:
        """Return the records of all captures of the same bytes, oldest first.

        Raises:
            VaultError: one of them is damaged.
        """
        folder = self._folder("captures", _checked(sha256))
        found = [self.record(path.stem) for path in folder.glob(f"*-{sha256[:16]}-*.json")]
        same = [evidence for evidence in found if evidence.sha256 == sha256]
        return sorted(same, key=lambda evidence: (evidence.captured_at, evidence.id))

    def bytes(self, of: Evidence | str) -> bytes:
        """Return the bytes of a capture, or those with this SHA-256, once they were verified.

        Raises:
            VaultError: they are missing, or not what was kept.
        """
        sha256 = of if isinstance(of, str) else of.sha256
        path = self.blob(sha256)
        try:
            body = path.read_bytes()
        except OSError as error:
            raise _failed(path, error) from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise VaultError(f"证据文件已损坏，与保存时的哈希值不符：{path}")
        if isinstance(of, Evidence) and (
            len(body) != of.size or hashlib.new("sm3", body).hexdigest() != of.sm3
        ):
            raise VaultError(f"证据文件与采集记录 {of.id} 不符：{path}")
        return body

    def blob(self, sha256: str) -> Path:
        """Return where the bytes with this SHA-256 lie, or would lie.

        Raises:
            VaultError: that is no SHA-256.
        """
        return self._folder("blobs", _checked(sha256)) / sha256

    def has(self, sha256: str) -> bool:
        """Tell whether a file for these bytes is there, without verifying it."""
        return self.blob(sha256).is_file()

    def sync(self) -> None:
        """Bring all that was kept to the disk, with whatever else the machine has to write."""
        os.sync()

    def _folder(self, kind: str, digest: str) -> Path:
        return self.root / kind / digest[:2]

    def _record_path(self, capture: str) -> Path:
        written = _ID.fullmatch(capture)
        if written is None:
            raise VaultError(f"不是采集编号：{capture[:80]!r}")
        return self._folder("captures", written[1]) / f"{capture}.json"


def _torn(path: Path, body: bytes) -> bool:
    """Remove a file that a power cut has left short of ``body``, and tell whether it was one."""
    try:
        there = path.read_bytes()
        torn = there != body and body.startswith(there.rstrip(b"\0"))
        if torn:
            path.unlink()
    except OSError as error:
        raise _failed(path, error) from error
    return torn


def _checked(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise VaultError(f"不是 SHA-256 哈希值：{sha256[:80]!r}")
    return sha256


def _stamp(time: datetime) -> str:
    try:
        utc = time.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    except OverflowError:
        raise VaultError(f"采集时间超出范围：{time.isoformat()}") from None
    return utc.isoformat().replace("-", "").replace(":", "") + "Z"


def _failed(path: Path, error: OSError) -> VaultError:
    reason = "文件缺失" if isinstance(error, FileNotFoundError) else f"无法读写（{why(error)}）"
    return VaultError(f"{reason}：{path}")
