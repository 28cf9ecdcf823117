"""Says in Chinese what a revision changes, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from console.archive.lists import MARKS, RIGHTS, USERS, Column, Kind
from console.archive.revision import Revision
from leads.archive import Change, R
from leads.model import Record


class Told(NamedTuple):
    """One change as it is shown."""

    what: str
    """新增, 更改, 终止 or 删除."""
    kind: str
    """Title of the list."""
    name: str
    fields: tuple[tuple[str, str, str], ...]
    """Heading, before, after."""

    def __str__(self) -> str:
        said = "；".join(
            f"{name}：{then or '空'} → {now or '空'}" for name, then, now in self.fields
        )
        return f"{self.what}{self.kind} {self.name}" + (f"（{said}）" if said else "")


def told_changes(revision: Revision) -> list[Told]:
    """Return what a revision changes, without what stays."""
    return [
        *_told(RIGHTS, "name", (revision.right,)),
        *_told(MARKS, "text", revision.marks),
        *_told(USERS, "company", revision.users),
    ]


def _told(kind: Kind, named: str, changes: Sequence[Change[R]]) -> Iterator[Told]:
    for change in changes:
        fields = tuple(_fields(kind, change.before, change.after))
        if fields:
            name = getattr(change.after or change.before, named)
            yield Told(_what(change), kind.title, name, fields)


def _what(change: Change[R]) -> str:
    if change.before is None:
        return "新增"
    if change.after is None:
        return "删除"
    return "终止" if "valid_to" in change.fields and change.after.valid_to else "更改"


def _fields(
    kind: Kind, before: Record | None, after: Record | None
) -> Iterator[tuple[str, str, str]]:
    for column in kind.columns:
        then, now = _shown(column, before), _shown(column, after)
        if then != now:
            yield column.heading, then, now


def _shown(column: Column, entry: Record | None) -> str:
    value = getattr(entry, column.field, None)
    return "" if value is None or value == () else column.show(value)
