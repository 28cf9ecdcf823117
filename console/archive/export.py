"""The lists as a workbook that can be edited and imported again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from console.archive.lists import MARKS, RIGHTS, USERS, Kind
from console.workbooks import Sheet, Value, workbook
from leads.model import AuthorisedUser, Mark, Record, Right
from leads.registry import Registry


def exported(registry: Registry, rights: Sequence[Right]) -> bytes:
    """Return the rights, their marks and their authorised users as XLSX, a sheet each."""
    marks = ((right, mark) for right in rights for mark in right.marks)
    users = ((right, user) for right in rights for user in registry.users.get(right.id, ()))
    return workbook(
        [
            _sheet(RIGHTS, ((right, right) for right in rights)),
            _sheet(MARKS, marks),
            _sheet(USERS, users),
        ]
    )


def _sheet(kind: Kind, entries: Iterable[tuple[Right, Right | Mark | AuthorisedUser]]) -> Sheet:
    headings = [column.heading for column in kind.columns]
    return Sheet(kind.title, headings, (list(_row(kind, *entry)) for entry in entries))


def _row(kind: Kind, right: Right, entry: Record) -> Iterator[Value]:
    named = {"right": right.id, "right_name": right.name}
    for column in kind.columns:
        value = named.get(column.field) or getattr(entry, column.field)
        yield "" if value is None or value == () else column.show(value)
