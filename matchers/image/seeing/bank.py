"""The bank of references on disk: the one place of the matchers that reads and writes files.

``DIR/photos/<right>/*`` are watched photos, ``DIR/logos/<right>/*`` marks, ``DIR/allowed/*`` what
anybody may show. The cache holds one folder a version, never changed once it has its name; a
version is mapped, so that many processes share its memory.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from leads.faults import ConfigError, Fault, why
from matchers.image.seeing.copies import CopyIndex
from matchers.image.seeing.decoding import MAX_BYTES, Photo, Undecodable, decode
from matchers.image.seeing.logos import Logo, LogoIndex
from matchers.image.seeing.views import Reference, Shelf, empty, joined, shelve, taken
from matchers.image.seeing.votes import filled

REVISION = 2
"""Grows when references are kept in another way: the index is then built anew."""
_RIGHT = re.compile(r"[a-z0-9][a-z0-9-]*")
_NOTES = {".md", ".txt", ".toml", ".json"}
"""Endings of what lies beside pictures to explain them."""


@dataclass(frozen=True)
class _File:
    source: str
    sha256: str

    @property
    def kind(self) -> str:
        return self.source.split("/", 1)[0]

    @property
    def right(self) -> str | None:
        return None if self.kind == "allowed" else self.source.split("/")[1]


@dataclass(frozen=True)
class Bank:
    """References as of one moment; a bank opened later may be newer, this one does not change."""

    version: str
    """Digest over the content of all references: the same files give the same version."""
    faults: tuple[Fault, ...]
    """References that could not be read: file and reason. The rest stands."""
    copies: CopyIndex
    logos: LogoIndex

    @classmethod
    def open(cls, folder: Path, cache: Path) -> Bank:
        """Bring the index in ``cache`` up to date with ``folder`` and map it.

        Each bank needs a cache of its own. Only new and changed files are read; another process
        that opens the same bank meanwhile waits, and one that has opened it keeps what it has.

        Raises:
            ConfigError: the folder is not there.
            OSError: the cache cannot be written.
        """
        if not folder.is_dir():
            raise ConfigError([Fault(str(folder), "", "没有这个图片库文件夹")])
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache):
            files, faults = _files(folder, cache / "stamps.json")
            version = _version(files)
            if not (cache / version).is_dir():
                _build(folder, files, cache, version)
            return _mapped(cache / version, faults)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _files(folder: Path, stamps: Path) -> tuple[list[_File], list[Fault]]:
    """Return every reference with its digest; only files with another stamp are read for it."""
    known: dict[str, list[Any]] = json.loads(stamps.read_text("utf-8")) if stamps.is_file() else {}
    found: dict[str, list[Any]] = {}
    faults = []
    for path in _pictures(folder):
        source = path.relative_to(folder).as_posix()
        try:
            stat = path.stat()
            stamp = [stat.st_size, stat.st_mtime_ns]
            if fault := _misplaced(source, stat.st_size):
                faults.append(Fault(source, "", fault))
            elif source in known and known[source][:2] == stamp:
                found[source] = known[source]
            else:
                with path.open("rb") as file:
                    found[source] = [*stamp, hashlib.file_digest(file, "sha256").hexdigest()]
        except OSError as error:
            faults.append(Fault(source, "", why(error)))
    if found != known:
        _write(stamps, found)
    return [_File(source, stamp[2]) for source, stamp in sorted(found.items())], faults


def _pictures(folder: Path) -> Iterator[Path]:
    for kind in ("photos", "logos", "allowed"):
        for place, _, names in os.walk(folder / kind):
            for name in names:
                path = Path(place, name)
                if not name.startswith(".") and path.suffix.lower() not in _NOTES:
                    yield path


def _misplaced(source: str, size: int) -> str | None:
    kind, *inner = source.split("/")
    if kind != "allowed" and (len(inner) < 2 or not _RIGHT.fullmatch(inner[0])):
        return f"应放在 {kind}/<权利编号>/ 之下，编号只用小写字母、数字和短横"
    if size > MAX_BYTES:
        return f"图片文件过大：{size:,} 字节，上限 {MAX_BYTES:,} 字节"
    return None


def _version(files: Sequence[_File]) -> str:
    told = "".join(f"{file.source}\0{file.sha256}\n" for file in files)
    return hashlib.sha256(f"{REVISION}\n{told}".encode()).hexdigest()[:16]


def _build(folder: Path, files: Sequence[_File], cache: Path, version: str) -> None:
    """Write a version beside the others, give it its name at once, and remove the others."""
    new = cache / "building"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    photos = [file for file in files if file.kind != "logos"]
    logos = [file for file in files if file.kind == "logos"]
    kept, shelf, faults = _shelved(folder, photos, _before(cache))
    for field in fields(Shelf):
        np.save(new / f"{field.name}.npy", getattr(shelf, field.name))
    faiss.write_index_binary(filled(shelf.words), str(new / "words.faiss"))
    faults += _write_logos(folder, logos, new)
    _write(new / "references.json", [asdict(file) for file in kept])
    _write(new / "faults.json", faults)
    new.rename(cache / version)
    for old in cache.iterdir():
        if old.is_dir() and old.name != version:
            shutil.rmtree(old)


def _shelved(
    folder: Path, photos: Sequence[_File], before: tuple[list[_File], Shelf]
) -> tuple[list[_File], Shelf, list[tuple[str, str]]]:
    """Return the photos that can be read, and what is kept of them; known ones are not read."""
    rows = {file.sha256: row for row, file in enumerate(before[0])}
    same = [file for file in photos if file.sha256 in rows]
    fresh = [file for file in photos if file.sha256 not in rows]
    kept, shelves, faults = list(same), [taken(before[1], [rows[f.sha256] for f in same])], []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for file, shelf in zip(fresh, threads.map(lambda f: _read(folder, f), fresh), strict=True):
            if isinstance(shelf, str):
                faults.append((file.source, shelf))
            else:
                kept.append(file)
                shelves.append(shelf)
    return kept, joined(shelves), faults


def _read(folder: Path, file: _File) -> Shelf | str:
    photo = _photo(folder, file)
    return photo if isinstance(photo, str) else shelve(photo)


def _photo(folder: Path, file: _File) -> Photo | str:
    """Return a reference decoded, or why it cannot be."""
    try:
        return decode((folder / file.source).read_bytes())
    except Undecodable as refused:
        return str(refused)
    except OSError as error:
        return why(error)


def _before(cache: Path) -> tuple[list[_File], Shelf]:
    """Return what the last version kept of its references; nothing where there was none."""
    for old in cache.iterdir():
        if (old / "references.json").is_file() and old.name != "building":
            return _references(old), _shelf(old)
    return [], empty()


def _write_logos(folder: Path, logos: Sequence[_File], new: Path) -> list[tuple[str, str]]:
    marks, faults = [], []
    for file in logos:
        photo = _photo(folder, file)
        if isinstance(photo, str):
            faults.append((file.source, photo))
        else:
            marks.append(Logo(file.right or "", file.source, photo.pixels))
    (new / "logos").mkdir()
    for name, array in LogoIndex.build(marks).arrays().items():
        np.save(new / "logos" / f"{name}.npy", array)
    return faults


def _mapped(place: Path, faults: list[Fault]) -> Bank:
    files, broken = _references(place), json.loads((place / "faults.json").read_text("utf-8"))
    index = faiss.read_index_binary(str(place / "words.faiss"), faiss.IO_FLAG_MMAP)
    references = [Reference(file.right, file.source) for file in files]
    return Bank(
        version=place.name,
        faults=tuple(sorted(faults + [Fault(source, "", reason) for source, reason in broken])),
        copies=CopyIndex(references, _shelf(place), index),
        logos=_logos(place),
    )


def _references(place: Path) -> list[_File]:
    told = json.loads((place / "references.json").read_text("utf-8"))
    return [_File(**file) for file in told]


def _shelf(place: Path) -> Shelf:
    names = [field.name for field in fields(Shelf)]
    return Shelf(**{name: np.load(place / f"{name}.npy", mmap_mode="r") for name in names})


def _logos(place: Path) -> LogoIndex:
    files = sorted((place / "logos").glob("*.npy"))
    return LogoIndex({file.stem: np.load(file, mmap_mode="r") for file in files})


def _write(file: Path, told: object) -> None:
    """Write a file whole or not at all."""
    half = file.with_name(f"{file.name}.half")
    half.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    half.replace(file)
