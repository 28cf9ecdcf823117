"""A query's tree as a condition of SQL; what was asked travels as parameters only.

Every condition is true or false, never NULL, and comes in two ways: one that can lead, so that an
index finds the leads that fit, and one that only tests leads that something else found. Which part
of a query leads is decided by :mod:`leads.store.sqlite.planning`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leads.fields import KINDS, Field, Kind
from leads.store.sqlite.rows import CODED, Cell, column, utc
from leads.store.sqlite.text import BREAK, code, phrase
from leads.tree import And, Compare, Exists, Not, Or, Query, Term, Words

Condition = tuple[str, list[Cell]]
_LAST = "\U0010ffff"
"""Sorts after every character."""


def condition(query: Query, *, lead: bool = True) -> Condition:
    """Return a condition on table ``lead`` and its parameters; without ``lead`` it only tests."""
    text = match(query)
    if text is not None:
        found = "SELECT rowid FROM lead_text WHERE lead_text MATCH ?"
        return f"{_led('lead.number', lead)} IN ({found})", [text]
    match query:
        case And(parts):
            return _joined(" AND ", parts, lead)
        case Or(parts):
            return _joined(" OR ", parts, lead)
        case Not(part):
            sql, values = condition(part, lead=False)
            return f"NOT {sql}", values
        case Term(field):
            name = f"lead.{column(field)}"
            fits, values = _fits(_led(name, lead), query)
            return f"({fits} AND {name} IS NOT NULL)", values
        case Compare():
            return _compared(query, lead)
        case Exists(field):
            name = f"lead.{column(field)}"
            return f"({name} IS NOT NULL AND {name} <> '')", []
        case _:
            return "1", []


def match(query: Query) -> str | None:
    """Return the FTS5 expression of a query that only asks for text and codes, else None.

    Nothing of what was typed is syntax here: a phrase holds letters and digits only, of words as
    they are, of codes in hexadecimal.
    """
    match query:
        case Words(field, words, prefix):
            where = f"{column(field)} : " if field else ""
            return where + phrase(words, prefix)
        case Term(field, value, prefix) if field in CODED:
            return f'codes : "{code(f"{field}={value}")}"' + (" *" if prefix else "")
        case Exists(field) if field in CODED:
            return f'codes : "{code(f"{field}=")}" *'
        case Exists(field) if KINDS[field] is Kind.TEXT:
            return f'{column(field)} : "{BREAK}"'
        case And(parts):
            return _both(parts)
        case Or(parts):
            inside = [match(part) for part in parts]
            return None if None in inside else f"({' OR '.join(filter(None, inside))})"
        case _:
            return None


def _both(parts: Sequence[Query]) -> str | None:
    wanted = [match(part) for part in parts if not isinstance(part, Not)]
    unwanted = [match(part.part) for part in parts if isinstance(part, Not)]
    if not wanted or None in (*wanted, *unwanted):
        return None
    found = " AND ".join(filter(None, wanted))
    return f"(({found}){''.join(f' NOT {text}' for text in unwanted)})"


def _joined(word: str, parts: Sequence[Query], lead: bool) -> Condition:
    compiled = [condition(part, lead=lead) for part in parts]
    sql = word.join(sql for sql, _ in compiled)
    return f"({sql})", [value for _, values in compiled for value in values]


def _led(name: str, lead: bool) -> str:
    """Return a column as it is, or so that SQLite will not look for leads by it."""
    return name if lead else f"+{name}"


def _fits(name: str, query: Term) -> Condition:
    """Return whether a code, whatever the case of its letters, is or begins with the value."""
    value = query.value
    if not query.prefix:
        return f"{name} = ? COLLATE NOCASE", [value]
    return f"{name} BETWEEN ? COLLATE NOCASE AND ? COLLATE NOCASE", [value, value + _LAST]


def _compared(query: Compare, lead: bool) -> Condition:
    name = f"lead.{column(query.field)}"
    value = utc(query.value) if isinstance(query.value, datetime) else query.value
    if query.field is Field.PRICE:  # as its index has it, where a missing one is beyond all others
        asked = _led(f"ifnull({name}, 9e999)", lead)
        return f"({asked} {query.operator} ? AND {asked} < 9e999)", [value]
    fits = f"{_led(name, lead)} {query.operator} ?"
    return f"({fits} AND {name} IS NOT NULL)", [value]
