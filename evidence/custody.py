"""The custody log: what was kept, re-captured and handed over, in lines chained by their digests.

::

    custody/2026-11-22.jsonl       the lines of a day in Beijing
    custody/2026-11-22.head        day, number and link of its last line, once the day was closed
    custody/2026-11-22.head.tsr    an authority's time stamp over the head (RFC 3161), beside it the
                                   request (.tsq) and the certificates it was checked by (.pem)

A line is JSON: ``{"line": n, "link": L, "digest": D, "record": {…}}``. ``D`` is the SHA-256 of the
record (sorted keys, no spaces, UTF-8); ``L`` is the SHA-256 of the link before, as 64 hexadecimal
digits, with ``D`` after it; before the first line stand 64 zeros. So a line whose record is left
out still carries the chain, and no line can be changed, removed or put in without every later one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from evidence.canonical import canonical_json
from evidence.disk import make
from leads.beijing import BEIJING

START = "0" * 64
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.jsonl", re.ASCII)
_TAIL = 1 << 16
"""Bytes from the end of a file in which its last line surely begins."""


class CustodyError(Exception):
    """The log is damaged; the message says where, in Chinese."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``record`` is None where it was left out."""

    number: int
    link: str
    digest: str
    record: Mapping[str, object] | None

    @classmethod
    def read(cls, text: bytes, where: str) -> Line:
        """Read a line as it stands in a file.

        Raises:
            CustodyError: it is none.
        """
        try:
            value = json.loads(text)
            return cls(value["line"], value["link"], value["digest"], value.get("record"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as broken:
            raise CustodyError(f"保管链已损坏：{where}") from broken

    def text(self) -> bytes:
        """Return the line as it stands in a file."""
        record = {} if self.record is None else {"record": self.record}
        return canonical_json(
            {"line": self.number, "link": self.link, "digest": self.digest, **record}
        )


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of one day from the first to the last about something; to its end if that is stamped.

    Lines about other things have no record.
    """

    path: Path
    before: str
    """Link of the line before."""
    lines: Sequence[Line]


class Custody:
    """The log in the folder ``custody`` below ``root``; several processes may write to it."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "custody"
        self._lock = threading.Lock()
        self._known: tuple[Path, int, Line] | None = None
        """The newest file, its size, and its last line, as last seen."""

    def append(self, event: str, at: datetime, sync: bool = True, **facts: object) -> None:
        """Add a line to the day of ``at``, or to a later one if the log is there already.

        Raises:
            CustodyError: the last line is damaged. OSError: it cannot be written.
        """
        record = {"event": event, "at": at.astimezone(BEIJING).isoformat(), **facts}
        digest = hashlib.sha256(canonical_json(record)[:-1]).hexdigest()
        with self._alone(sync):
            path, size, last = self._newest()
            day = self.folder / f"{at.astimezone(BEIJING).date()}.jsonl"
            if path is None or path < day:  # a clock set back does not open an earlier day
                path, size = day, 0
            number, before = (last.number + 1, last.link) if last else (1, START)
            link = linked(before, digest)
            line = Line(number, link, digest, record)
            text = line.text()
            self._write(path, size, text, sync)
            self._known = path, size + len(text), line

    def days(self) -> list[Path]:
        """Return the files of all days, oldest first."""
        try:
            names = os.listdir(self.folder)  # noqa: PTH208  # asked at every line that is written
        except FileNotFoundError:
            return []
        return [self.folder / name for name in sorted(names) if _DAY.fullmatch(name)]

    def lines(self, path: Path) -> Iterator[Line]:
        """Yield the lines of a day; a torn last one, such as a power cut leaves, is left out.

        Raises:
            CustodyError: one is damaged. OSError: the file cannot be read.
        """
        *texts, _ = path.read_bytes().split(b"\n")
        for number, text in enumerate(texts, 1):
            yield Line.read(text, f"{path} 第 {number} 行")

    def about(self, ids: Collection[str], since: date) -> Iterator[Excerpt]:
        """Yield what the log says of captures and leads, day by day from ``since`` on.

        Raises:
            CustodyError: the log is damaged. OSError: it cannot be read.
        """
        before = START
        for path in self.days():
            if path.stem < since.isoformat():
                last = self._last(path)[1]
            else:
                lines = list(self.lines(path))
                found = [at for at, line in enumerate(lines) if _about(line, ids)]
                if found:
                    first, end = found[0], len(lines) if stamped(path) else found[-1] + 1
                    yield Excerpt(
                        path,
                        before=lines[first - 1].link if first else before,
                        lines=[_shown(line, ids) for line in lines[first:end]],
                    )
                last = lines[-1] if lines else None
            before = last.link if last else before

    def check(self) -> None:
        """Go through the whole log.

        Raises:
            CustodyError: a line was changed, removed or put in, or a closed day lost its end.
        """
        before, number = START, 0
        for path in self.days():
            for line in self.lines(path):
                number += 1
                where = f"{path} 第 {number} 行"
                if line.record is None or line.number != number:
                    raise CustodyError(f"保管链缺少或多出一行：{where}")
                if hashlib.sha256(canonical_json(line.record)[:-1]).hexdigest() != line.digest:
                    raise CustodyError(f"保管链内容已改动：{where}")
                if linked(before, line.digest) != line.link:
                    raise CustodyError(f"保管链在此断开：{where}")
                before = line.link
            head = path.with_suffix(".head")
            if head.is_file() and head.read_bytes() != head_text(path.stem, number, before):
                raise CustodyError(f"保管链与当日末端记录不符：{head}")

    def heads(self, today: date) -> Iterator[tuple[Path, bytes]]:
        """Yield path and text of the head of every day before ``today``."""
        for path in self.days():
            if path.stem < today.isoformat() and (lines := list(self.lines(path))):
                text = head_text(path.stem, lines[-1].number, lines[-1].link)
                yield path.with_suffix(".head"), text

    @contextmanager
    def _alone(self, sync: bool) -> Iterator[None]:
        make(self.folder, sync)
        with self._lock, (self.folder / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _newest(self) -> tuple[Path | None, int, Line | None]:
        """Return the newest file, how long it is without a torn end, and the log's last line."""
        for path in reversed(self.days()):
            size = path.stat().st_size
            if self._known and self._known[:2] == (path, size):
                return self._known
            whole, last = self._last(path)
            if last:
                return path, whole, last
        return None, 0, None

    def _last(self, path: Path) -> tuple[int, Line | None]:
        """Return the size of a file without a torn end, and its last whole line."""
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            tail = file.read()
        whole, _, torn = tail.rpartition(b"\n")
        line = Line.read(whole.rpartition(b"\n")[2], f"{path} 最后一行") if whole else None
        return size - len(torn), line

    def _write(self, path: Path, size: int, text: bytes, sync: bool) -> None:
        """Write a line after the first ``size`` bytes; leave no part of it when that fails."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.ftruncate(handle, size)  # only ever a torn end
            if os.pwrite(handle, text, size) != len(text):
                os.ftruncate(handle, size)
                raise OSError(28, "No space left on device")
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)


def linked(before: str, digest: str) -> str:
    """Return the link of a line with this digest."""
    return hashlib.sha256((before + digest).encode()).hexdigest()


def head_text(day: str, number: int, link: str) -> bytes:
    """Return what an authority stamps at the end of a day."""
    return f"{day} {number} {link}\n".encode()


def stamped(path: Path) -> bool:
    """Tell whether the head of a day bears a time stamp."""
    return path.with_suffix(".head.tsr").is_file()


def _about(line: Line, ids: Collection[str]) -> bool:
    record = line.record or {}
    return record.get("capture") in ids or record.get("lead") in ids


def _shown(line: Line, ids: Collection[str]) -> Line:
    return line if _about(line, ids) else Line(line.number, line.link, line.digest, None)
