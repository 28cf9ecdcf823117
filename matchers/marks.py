"""A CSV of marks as the watch list, for ``markwatch match --marks``."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from leads.faults import ConfigError, Fault, faults_of, why
from leads.model import Right
from leads.registry import Registry

COLUMNS = ("id", "kind", "name", "aliases", "classes", "area")


def read_marks(path: str | os.PathLike[str], registry: Registry) -> Registry:
    """Return ``registry`` watching the marks of a CSV instead of its own rights.

    Columns ``id,kind,name,aliases,classes,area``; ``id``, ``kind`` and ``name`` are needed, lists
    are split by ``;``. Authorised users are left out, for they belong to the other rights.

    Raises:
        ConfigError: every unknown or missing column and every faulty row, with line and column.
    """
    faults: list[Fault] = []
    rights: dict[str, Right] = {}
    for line, right in _rows(Path(path), faults):
        if right.id in rights:
            faults.append(Fault(str(path), f"第{line}行 id", f"{right.id} 重复"))
        rights[right.id] = right
    if faults:
        raise ConfigError(faults)
    return Registry.model_validate({**dict(registry), "rights": rights, "users": {}})


def _rows(path: Path, faults: list[Fault]) -> Iterator[tuple[int, Right]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            columns = reader.fieldnames or ()
            faults += _column_faults(path, columns)
            if faults:
                return
            for row in reader:
                if None in row:
                    faults.append(Fault(str(path), f"第{reader.line_num}行", "单元格多于列"))
                    continue
                try:
                    yield reader.line_num, Right.model_validate(_cells(row))
                except ValidationError as invalid:
                    faults += faults_of(str(path), invalid, f"第{reader.line_num}行 ")
    except OSError as missing:
        faults.append(Fault(str(path), "", f"无法读取：{why(missing)}"))
    except (csv.Error, UnicodeDecodeError) as broken:
        faults.append(Fault(str(path), "", f"不是可读的 CSV：{broken}"))


def _column_faults(path: Path, columns: Collection[str]) -> Iterator[Fault]:
    for column in columns:
        if column not in COLUMNS:
            yield Fault(str(path), f"第1行 {column}", f"没有这一列；可用的列：{','.join(COLUMNS)}")
    for column in ("id", "kind", "name"):
        if column not in columns:
            yield Fault(str(path), f"第1行 {column}", "缺少这一列")


def _cells(row: dict[str, str]) -> dict[str, Any]:
    cells: dict[str, Any] = {k: v.strip() for k, v in row.items() if v and v.strip()}
    for column in ("aliases", "classes", "area"):
        if column in cells:
            cells[column] = [part.strip() for part in cells[column].split(";") if part.strip()]
    cells["area"] = [{"name": name} for name in cells.get("area", ())]
    return cells
