"""Reads the files of the config folder as typed entries; never stops at the first fault."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from leads.faults import Fault, faults_of, why
from leads.model import AuthorisedUser, Record

R = TypeVar("R", bound=Record)


def entries(
    root: Path, folder: str, model: type[R], faults: list[Fault], key: str = "id"
) -> Iterator[R]:
    """Yield every TOML file of a folder as ``model``, its stem as ``key``; add what is wrong."""
    for path in _files(root, folder, "*.toml", faults):
        found = entry(path, root, model, faults, key)
        if found is not None:
            yield found


def optional(
    root: Path, folder: str, model: type[R], faults: list[Fault], key: str = "id"
) -> Iterator[R]:
    """Yield what :func:`entries` does; a folder that is not there is empty."""
    if (root / folder).is_dir():
        yield from entries(root, folder, model, faults, key)


def _files(root: Path, folder: str, pattern: str, faults: list[Fault]) -> list[Path]:
    if not (root / folder).is_dir():
        faults.append(Fault(f"{folder}/", "", "缺少这个文件夹"))
    return sorted((root / folder).glob(pattern))


def _text(path: Path, file: str, faults: list[Fault]) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        faults.append(Fault(file, "", "缺少这个文件"))
    except OSError as unreadable:
        faults.append(Fault(file, "", f"无法读取：{why(unreadable)}"))
    except UnicodeDecodeError as wrong:
        faults.append(Fault(file, "", f"不是 UTF-8 编码（第 {wrong.start} 字节起）"))
    return None


def entry(
    path: Path, root: Path, model: type[R], faults: list[Fault], key: str | None = None
) -> R | None:
    """Return one TOML file as ``model``, or None with what is wrong added to ``faults``."""
    file = path.relative_to(root).as_posix()
    text = _text(path, file, faults)
    if text is None:
        return None
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as broken:
        faults.append(Fault(file, "", f"不是合法的 TOML：{broken}"))
        return None
    if key is not None:
        if key in data:
            faults.append(Fault(file, key, "就是文件名，不必再写"))
        data[key] = path.stem
    try:
        return model.model_validate(data)
    except ValidationError as invalid:
        faults.extend(faults_of(file, invalid))
        return None


def users(root: Path, faults: list[Fault]) -> Iterator[tuple[str, tuple[AuthorisedUser, ...]]]:
    """Yield ``(right id, users)`` for every CSV file of ``users/``; add what is wrong."""
    for path in _files(root, "users", "*.csv", faults):
        file = path.relative_to(root).as_posix()
        text = _text(path, file, faults)
        rows = csv.DictReader(StringIO(text or "", newline=""), strict=True)
        found: list[AuthorisedUser] = []
        try:
            for row in rows:
                try:
                    found.append(AuthorisedUser.model_validate(_cells(row)))
                except ValidationError as invalid:
                    faults.extend(faults_of(file, invalid, f"第{rows.line_num}行 "))
        except csv.Error as broken:
            line = rows.reader.line_num
            faults.append(Fault(file, f"第{line}行", f"不是合法的 CSV：{broken}"))
        yield path.stem, tuple(found)


def _cells(row: Mapping[str | None, Any]) -> dict[str, Any]:
    """Return the filled cells; those beyond the last column come under a name of their own."""
    cells: dict[str, Any] = {}
    for column, cell in row.items():
        if column is None:
            cells["多出的单元格"] = cell
        elif cell and cell.strip():
            cells[column] = cell.strip()
    if "shops" in cells:
        cells["shops"] = tuple(shop.strip() for shop in cells["shops"].split(";"))
    return cells
