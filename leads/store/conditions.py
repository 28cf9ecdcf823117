"""A query's tree as a condition of SQL; what was asked travels as parameters only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leads.fields import KINDS, Field, Kind
from leads.store.rows import Cell, column, is_tag, utc
from leads.tree import All, And, Compare, Exists, Not, Or, Query, Term, Words

_ANYWHERE = " || ".join(column(field) for field, kind in KINDS.items() if kind is Kind.TEXT)


def condition(query: Query) -> tuple[str, list[Cell]]:
    """Return a condition on table ``lead``, true or false and never NULL, and its parameters."""
    match query:
        case All():
            return "1", []
        case And(parts):
            return _joined(" AND ", parts)
        case Or(parts):
            return _joined(" OR ", parts)
        case Not(part):
            sql, values = condition(part)
            return f"NOT {sql}", values
        case Words():
            return _words(query)
        case Term():
            return _term(query)
        case Compare(field, operator, value):
            name = f"lead.{column(field)}"
            cell = utc(value) if isinstance(value, datetime) else value
            return f"({name} {operator} ? AND {name} IS NOT NULL)", [cell]
        case Exists(field):
            return _exists(field)


def _joined(word: str, parts: Sequence[Query]) -> tuple[str, list[Cell]]:
    compiled = [condition(part) for part in parts]
    sql = word.join(sql for sql, _ in compiled)
    return f"({sql})", [value for _, values in compiled for value in values]


def _words(query: Words) -> tuple[str, list[Cell]]:
    # S608: names come from Field, never from what was typed.
    where = column(query.field) if query.field else _ANYWHERE
    sought = " " + " ".join(query.words) + ("" if query.prefix else " ")
    return f"lead.number IN (SELECT number FROM lead_words WHERE instr({where}, ?))", [sought]  # noqa: S608


def _term(query: Term) -> tuple[str, list[Cell]]:
    value = query.value
    if query.prefix:
        value = "".join("\\" + char if char in "\\%_" else char for char in value) + "%"
    fits = "LIKE ? ESCAPE '\\'" if query.prefix else "= ?"
    if is_tag(query.field):
        tagged = f"SELECT number FROM lead_tag WHERE field = ? AND value COLLATE NOCASE {fits}"  # noqa: S608
        return f"lead.number IN ({tagged})", [query.field.value, value]
    name = f"lead.{column(query.field)}"
    return f"({name} COLLATE NOCASE {fits} AND {name} IS NOT NULL)", [value]


def _exists(field: Field) -> tuple[str, list[Cell]]:
    if is_tag(field):
        return "lead.number IN (SELECT number FROM lead_tag WHERE field = ?)", [field.value]
    if KINDS[field] is Kind.TEXT:
        filled = f"SELECT number FROM lead_words WHERE {column(field)} <> ''"  # noqa: S608
        return f"lead.number IN ({filled})", []
    return f"(lead.{column(field)} IS NOT NULL AND lead.{column(field)} <> '')", []
