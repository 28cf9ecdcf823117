"""Writes rights and lists of users as the files of the config folder, and only as a whole.

Nothing replaces what is there before ``registry.load`` has accepted the result.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import IO, Any

from evidence.disk import replace
from leads import registry
from leads.model import AuthorisedUser, Record, Right

_COLUMNS = ("company", "uscc", "shops", "source", "verified", "valid_from", "valid_to")


def users_csv(users: Iterable[AuthorisedUser]) -> bytes:
    """Return a list of users as ``users/<right>.csv``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for user in users:
        row = user.model_dump(mode="json")
        row |= {"shops": ";".join(user.shops), "verified": str(user.verified).lower()}
        writer.writerow([row[name] or "" for name in _COLUMNS])
    return text.getvalue().encode()


def right_toml(right: Right) -> bytes:
    """Return a right as ``rights/<id>.toml``; what is as it would be without a word is left out."""
    blank = {name: field.default for name, field in Right.model_fields.items()}
    lines = [
        f"{name} = {_value(value)}\n"
        for name, value in right
        if name != "id" and (name == "verified" or value != blank[name])
    ]
    return "".join(lines).encode()


def _value(value: Any) -> str:
    """Return a value in TOML 1.0; JSON's strings are TOML's, but for U+007F."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | date):
        return str(value)
    if isinstance(value, Record):
        filled = ((name, part) for name, part in value if part not in (None, ()))
        return "{ " + ", ".join(f"{name} = {_value(part)}" for name, part in filled) + " }"
    if isinstance(value, tuple):
        return f"[{_listed(value)}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(items: Sequence[Any]) -> str:
    if items and isinstance(items[0], Record):
        return "\n" + "".join(f"    {_value(item)},\n" for item in items)
    return ", ".join(map(_value, items))


# ---------------------------------------------------------------------------- on the disk


class Stale(Exception):
    """Somebody changed a file meanwhile."""


def digests(config: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of files below the config folder, "" of one that is not there."""
    return {name: _digest(config / name) for name in names}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def commented(config: Path, files: Mapping[str, bytes]) -> list[str]:
    """Return those of the files in which somebody wrote comments, which would be lost.

    Whatever else bears a ``#`` keeps it, so a file that would have fewer has comments.
    """
    found = []
    for name, body in files.items():
        path = config / name
        if path.is_file() and name.endswith(".toml"):
            found += [name] if path.read_bytes().count(b"#") > body.count(b"#") else []
    return found


def accepted(config: Path, files: Mapping[str, bytes]) -> registry.Registry:
    """Return the registry as it would be with these files.

    Raises:
        registry.ConfigError: it would be none.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "config"
        shutil.copytree(config, copy, copy_function=_copied)
        for name, body in files.items():
            (copy / name).parent.mkdir(exist_ok=True)
            (copy / name).write_bytes(body)
        return registry.load(copy)


def _copied(source: str, target: str) -> None:
    """Copy an entry; of a picture it only matters that it is there."""
    if source.endswith((".toml", ".csv")):
        shutil.copyfile(source, target)
    else:
        Path(target).touch()


def write(config: Path, files: Mapping[str, bytes]) -> None:
    """Replace the files, each at once; rights come before the lists that need them.

    Raises:
        OSError: one cannot be written; those before it have been.
    """
    for name in sorted(files):
        replace(config / name, partial(_fill, files[name]))


def _fill(body: bytes, file: IO[bytes]) -> None:
    file.write(body)


@contextmanager
def locked(config: Path) -> Iterator[None]:
    """Let one process at a time change the config folder through here."""
    handle = os.open(config, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
