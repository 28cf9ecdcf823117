"""A query's tree as an Elasticsearch query; what was asked is only ever a value in it.

``and``, ``or`` and ``not`` inside each other share one ``bool`` where they can, for the engine
takes no more than 30 inside each other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypedDict

from leads.fields import KINDS, Field, Kind
from leads.tree import All, And, Compare, Exists, Not, Or, Query, Term, Words
from leads.words import is_han

Clause = dict[str, Any]

ANYWHERE = "anywhere"
_EXPANSIONS = 10_000
"""Most words that the last one of a phrase may stand for."""
_RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_MICROSECONDS = {Field.FOUND_AT: "found_us", Field.CAPTURED_AT: "captured_us"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Bool(TypedDict, total=False):
    """The parts of a ``bool`` query that none of them counts for the score."""

    filter: list[Clause]
    must_not: list[Clause]
    should: list[Clause]
    minimum_should_match: int


def condition(query: Query) -> Clause:
    """Return the query that finds the leads that fit."""
    match query:
        case All():
            return {"match_all": {}}
        case And(parts):
            return _all(parts)
        case Or(parts):
            return _bool({"should": [condition(part) for part in parts]})
        case Not(Not(part)):
            return condition(part)
        case Not(part):
            return _bool({"must_not": _any(part)})
        case Words(field, words, prefix):
            return _words(f"words.{field.value}" if field else ANYWHERE, words, prefix)
        case Term(field, value, prefix):
            how = "prefix" if prefix else "term"
            return {how: {field.value: {"value": value, "case_insensitive": True}}}
        case Compare():
            return _compare(query)
        case Exists(field):
            return {"exists": {"field": _where(field)}}


def from_then(field: str, since: datetime | None) -> Clause:
    """Return the query that finds what was at ``since`` or later, or everything."""
    return {"range": {field: {"gte": microseconds(since)}}} if since else {"match_all": {}}


def microseconds(moment: datetime) -> int:
    """Return a time as microseconds since 1970; the engine's own dates know milliseconds only."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _all(parts: tuple[Query, ...]) -> Clause:
    inside: Bool = {"filter": [], "must_not": []}
    for part in parts:
        match part:
            case Not(Not(twice)):
                inside["filter"].append(condition(twice))
            case Not(unwanted):
                inside["must_not"] += _any(unwanted)
            case Or(choices) if "should" not in inside:
                inside["should"] = [condition(choice) for choice in choices]
            case _:
                inside["filter"].append(condition(part))
    return _bool(inside)


def _any(query: Query) -> list[Clause]:
    """Return clauses of which one fits exactly if the query does."""
    return (
        [condition(part) for part in query.parts] if isinstance(query, Or) else [condition(query)]
    )


def _bool(inside: Bool) -> Clause:
    if "should" in inside:
        inside["minimum_should_match"] = 1
    return {"bool": inside}


def _words(where: str, words: tuple[str, ...], prefix: bool) -> Clause:
    sought = " ".join(words)
    if not prefix or is_han(words[-1]):  # a Chinese character is always a whole word
        return {"match_phrase": {where: sought}}
    if len(words) == 1:
        return {"prefix": {where: {"value": sought}}}
    return {"match_phrase_prefix": {where: {"query": sought, "max_expansions": _EXPANSIONS}}}


def _compare(query: Compare) -> Clause:
    value = query.value
    bound: float
    if isinstance(value, datetime):
        where, bound = _MICROSECONDS[query.field], microseconds(value)
    else:
        where, bound = query.field.value, value
    if query.operator == "=":
        return {"range": {where: {"gte": bound, "lte": bound}}}
    return {"range": {where: {_RANGES[query.operator]: bound}}}


def _where(field: Field) -> str:
    return f"words.{field.value}" if KINDS[field] is Kind.TEXT else field.value
