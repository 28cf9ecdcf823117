"""A query's tree as a condition of SQL; what was asked travels as parameters only.

Every condition is true or false, never NULL, and comes in two ways: one that can lead, so that an
index finds the leads that fit, and one that only tests leads that something else found. Which part
of a query leads is decided by :mod:`leads.store.sqlite.searching`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leads.fields import KINDS, Field, Kind
from leads.model import Triage
from leads.store.sqlite.rows import BREAK, RANKS, TAGS, Cell, column, phrase, utc
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
        case Term(field) if field in TAGS:
            fits, values = _fits("value", query)
            return _tagged(f"field = ? AND {fits}", [field.value, *values], lead)
        case Term(Field.TRIAGE, value, False) if value in set(Triage):
            return f"{_led('lead.rank', lead)} = ?", [RANKS[Triage(value)]]
        case Term(field):
            name = f"lead.{column(field)}"
            fits, values = _fits(_led(name, lead), query)
            return f"({fits} AND {name} IS NOT NULL)", values
        case Compare():
            return _compared(query, lead)
        case Exists(field) if field in TAGS:
            return _tagged("field = ?", [field.value], lead)
        case Exists(field):
            name = f"lead.{column(field)}"
            return f"({name} IS NOT NULL AND {name} <> '')", []
        case _:
            return "1", []


def match(query: Query) -> str | None:
    """Return the FTS5 expression of a query that only asks for text, else None.

    Nothing of what was typed is syntax here: a phrase holds letters, digits and characters.
    """
    match query:
        case Words(field, words, prefix):
            where = f"{column(field)} : " if field else ""
            return where + phrase(words, prefix)
        case Exists(field) if KINDS[field] is Kind.TEXT:
            return f'{column(field)} : "{BREAK}"'
        case And(parts) | Or(parts):
            inside = [match(part) for part in parts]
            if None in inside:
                return None
            word = " AND " if isinstance(query, And) else " OR "
            return f"({word.join(filter(None, inside))})"
        case _:
            return None


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


def _tagged(where: str, values: list[Cell], lead: bool) -> Condition:
    if lead:
        return f"lead.number IN (SELECT number FROM lead_tag WHERE {where})", values  # noqa: S608
    tagged = f"SELECT 1 FROM lead_tag WHERE number = lead.number AND {where}"  # noqa: S608
    return f"EXISTS ({tagged})", values


def _compared(query: Compare, lead: bool) -> Condition:
    name = f"lead.{column(query.field)}"
    value = utc(query.value) if isinstance(query.value, datetime) else query.value
    if query.field is Field.PRICE:  # as the indexes have it; a missing price is beyond any asked
        missing = "-9e999" if query.operator in (">", ">=") else "9e999"
        return f"{_led(f'ifnull({name}, {missing})', lead)} {query.operator} ?", [value]
    fits = f"{_led(name, lead)} {query.operator} ?"
    return f"({fits} AND {name} IS NOT NULL)", [value]
