"""What was acknowledged but has not reached the cluster, kept on disk as JSON lines.

Every process writes into a folder of its own below ``$MARKWATCH_SPOOL`` (``var/spool``) and holds
a lock on it; whoever opens the store next finds the folders whose process has ended and sends what
they hold. A line is whole or was never acknowledged.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import Field, TypeAdapter, ValidationError

from leads.exclusions import Exclusion
from leads.faults import why
from leads.model import Lead, Listing, Moment, Record, Visit
from leads.sight import Sight
from leads.store import StoreError


class See(Record):
    """A listing was seen."""

    op: Literal["see"] = "see"
    listing: Listing
    at: Moment


class Miss(Record):
    """Listings were looked for and not found."""

    op: Literal["miss"] = "miss"
    site: str
    refs: tuple[str, ...]
    at: Moment


class Still(Record):
    """Listings were there, unchanged."""

    op: Literal["still"] = "still"
    site: str
    refs: tuple[str, ...]
    at: Moment


class Put(Record):
    """Leads were found."""

    op: Literal["put"] = "put"
    leads: tuple[Lead, ...]


class Settle(Record):
    """A lead was judged, and stands as its last judgement says."""

    op: Literal["settle"] = "settle"
    lead: str


class Tell(Record):
    """A page was visited."""

    op: Literal["tell"] = "tell"
    visit: Visit


class Show(Record):
    """A picture was looked at."""

    op: Literal["show"] = "show"
    sight: Sight


class Exclude(Record):
    """An exclusion was made or lifted."""

    op: Literal["exclude"] = "exclude"
    exclusion: Exclusion


Op = See | Miss | Still | Put | Settle | Tell | Show | Exclude
_OP: TypeAdapter[Op] = TypeAdapter(Annotated[Op, Field(discriminator="op")])

_ACTIVE = "active.jsonl"
_LOCK = "lock"


class Spool:
    """The waiting operations of the store at ``address``; those not yet in a segment are ``fresh``.

    Who only reads needs no folder: it is made with the first operation.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self.folder = _folder(address) / secrets.token_hex(8)
        self.fresh: list[Op] = []
        self.size = 0
        """Bytes of ``fresh``."""
        self._file: BinaryIO | None = None
        self._lock = -1

    def add(self, op: Op, *, sync: bool = False) -> None:
        """Keep an operation; with ``sync`` even a power cut does not lose it.

        Raises:
            StoreError: the folder cannot be written.
        """
        line = _OP.dump_json(op) + b"\n"
        try:
            file = self._file or self._open()
            file.write(line)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unwritten(error) from error
        self.fresh.append(op)
        self.size += len(line)

    def sync(self) -> None:
        """Have what was kept survive a power cut, too; segments set aside do already.

        Raises:
            StoreError: the disk fails.
        """
        if self._file:
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> StoreError:
        return StoreError(f"暂存目录 {self.folder}：无法写入（{why(error)}）")

    def sent(self) -> None:
        """Forget the fresh operations: the cluster has them."""
        if self._file:
            self._file.truncate(0)
        self.fresh, self.size = [], 0

    def rotate(self) -> None:
        """Set the fresh operations aside as a segment, on the disk to stay."""
        if self._file and self.fresh:
            os.fsync(self._file.fileno())
            self._file.close()
            number = int(self.waiting()[-1].stem) + 1 if self.waiting() else 0
            (self.folder / _ACTIVE).replace(self.folder / f"{number:08}.jsonl")
            self._file = (self.folder / _ACTIVE).open("ab")
        self.fresh, self.size = [], 0

    def waiting(self) -> list[Path]:
        """Return our own segments that are to be sent, oldest first."""
        return sorted(self.folder.glob("0*.jsonl"))

    def orphans(self) -> Iterator[Path]:
        """Yield segments of processes that ended; each folder is ours meanwhile, then removed."""
        for active in sorted(self.folder.parent.glob(f"*/{_ACTIVE}")):
            folder = active.parent
            lock = None if folder == self.folder else _lock(folder)
            if lock is not None:
                try:
                    yield from [*sorted(folder.glob("0*.jsonl")), active]
                    if not any(folder.glob("*.jsonl")):
                        shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(lock)

    def close(self) -> None:
        """Let go of the folder; what is left in it waits for the next run."""
        if self._file:
            self.rotate()
            self._file.close()
            if not self.waiting():
                shutil.rmtree(self.folder, ignore_errors=True)
            os.close(self._lock)
            self._file = None

    def _open(self) -> BinaryIO:
        self.folder.mkdir(parents=True)
        (self.folder.parent / "store.txt").write_text(self._address + "\n", encoding="utf-8")
        self._lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Last: others leave a folder alone that has no such file.
        self._file = (self.folder / _ACTIVE).open("ab")
        return self._file


def waiting(address: str) -> list[Path]:
    """Return the segments that hold something for the store at ``address``, of all processes."""
    return [found for found in sorted(_folder(address).glob("*/*.jsonl")) if found.stat().st_size]


def read(segment: Path) -> Iterable[Op]:
    """Yield the operations of a segment; a last line that was cut off was never acknowledged.

    Raises:
        StoreError: another line cannot be read.
    """
    lines = segment.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        try:
            yield _OP.validate_json(line)
        except ValidationError as error:
            raise StoreError(
                f"暂存文件 {segment}：第 {number} 行无法读取，已损坏或由更新版本的程序写入"
            ) from error


def _folder(address: str) -> Path:
    root = Path(os.environ.get("MARKWATCH_SPOOL", "var/spool"))
    return root / hashlib.sha256(address.encode()).hexdigest()[:16]


def _lock(folder: Path) -> int | None:
    """Return the lock on a folder, or None if a living process has it or it is gone."""
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
