"""Who complained: kept apart from everything that is searched, copied or handed over.

One file of JSON lines on this machine, readable by its owner only (0600, in a folder of 0700), and
beside it ``opened.jsonl``: who looked at whom, when and why. Nothing else of markwatch reads them,
so no export can hold what they say. Not encrypted: a key kept on the same machine would protect
from nobody who can read the file; put the folder on an encrypted disk.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import Field, ValidationError

from leads.faults import ConfigError, Fault, why
from leads.model import Moment, Record


class Complainant(Record):
    """The person or firm behind a complaint."""

    number: str = Field(min_length=1)
    """Of the complaint; all that a lead says of it."""
    lead: str
    name: str = Field(min_length=1)
    contact: str | None = None
    at: Moment


class Opened(Record):
    """One look at a complainant."""

    number: str
    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    at: Moment


class Complainants:
    """The file in ``folder``, made when missing.

    Raises:
        ConfigError: the folder or file cannot be used, or others may read it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "complainants.jsonl"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            modes = [(one, stat.S_IMODE(one.stat().st_mode)) for one in self._there()]
        except OSError as refused:
            raise ConfigError([Fault(str(folder), "", why(refused))]) from refused
        open_to_others = [
            Fault(str(path), "", f"其他用户可以读取（{mode:o}），请先收回权限：chmod go= {path}")
            for path, mode in modes
            if mode & 0o077
        ]
        if open_to_others:
            raise ConfigError(open_to_others)

    def add(self, fair: str, lead: str, name: str, contact: str | None, at: datetime) -> str:
        """Write one down and return the number of the complaint, which nobody else gets.

        It has reached the disk when this returns.
        """
        with self._alone():
            number = f"{fair}-{len(self._read()) + 1:03}"
            self._append(
                self._file,
                Complainant(number=number, lead=lead, name=name, contact=contact, at=at),
            )
        return number

    def look(self, number: str, by: str, reason: str, at: datetime) -> Complainant | None:
        """Return who made a complaint, or None; that one looked is written down first."""
        self._append(
            self.folder / "opened.jsonl", Opened(number=number, by=by, reason=reason, at=at)
        )
        return next((one for one in self._read() if one.number == number), None)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other process write meanwhile."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _there(self) -> list[Path]:
        return [self.folder, *self.folder.glob("*.jsonl")]

    def _read(self) -> list[Complainant]:
        if not self._file.exists():
            return []
        found = []
        for number, line in enumerate(self._file.read_bytes().splitlines(), 1):
            try:
                found.append(Complainant.model_validate_json(line))
            except ValidationError:
                raise ConfigError(
                    [Fault(str(self._file), f"第{number}行", "不是投诉人记录")]
                ) from None
        return found

    def _append(self, file: Path, record: Record) -> None:
        line = record.model_dump_json().encode() + b"\n"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
