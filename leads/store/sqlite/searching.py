"""Searching the embedded store: which part of a query leads, and pages in order.

SQLite cannot know how many leads fit a phrase or a range, so it is asked: of the parts that must
all fit, the rarest leads and the others test what it finds. Where even that is many, the order
leads instead: its index is walked from the front, and the first leads that fit are the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from leads.fields import Field
from leads.store import Page, Sort, Standing
from leads.store.sqlite.conditions import Condition, condition, match
from leads.store.sqlite.file import File
from leads.store.sqlite.leads import standing
from leads.store.sqlite.rows import Cell
from leads.tree import All, And, Compare, Exists, Not, Or, Query, Term

FEW = 10_000
"""So many leads are sorted and counted one by one; with more, an index or a sample helps."""

_UNINDEXED = (Field.KIND, Field.SCORE, Field.CAPTURED_AT)

_ORDERS: dict[Sort, tuple[tuple[str, bool], ...]] = {
    Sort.STRENGTH: (("rank", False), ("score", True), ("id", False)),
    Sort.NEWEST: (("found_at", True), ("id", False)),
    Sort.OLDEST: (("found_at", False), ("id", False)),
    Sort.CHEAPEST: (("ifnull(price, 9e999)", False), ("id", False)),
    Sort.DEAREST: (("ifnull(price, -9e999)", True), ("id", False)),
}
"""Columns of an order, each with whether the greatest comes first; an index has the foremost."""


_KNUTH = 2_654_435_761


class Plan(NamedTuple):
    """How to find the leads that fit: ``SELECT ... FROM source WHERE where``."""

    source: str
    where: str
    values: list[Cell]

    def sampled(self, every_nth: int) -> Plan:
        """Return how to find an even sample: every so many-th of all leads, if it fits."""
        # Knuth's multiplicative hash: the leads of one site or night are not all in or all out.
        if "lead_text" in self.source:
            chosen = f"lead_text.rowid * {_KNUTH} / 65536 % {every_nth} = 0"
        else:
            chosen = f"lead.number * {_KNUTH} / 65536 % {every_nth} = 0"
        return self._replace(where=f"{self.where} AND {chosen}")


class Searching(File):
    """Leads that fit a query, in order."""

    def find(
        self, query: Query, sort: Sort = Sort.STRENGTH, limit: int | None = None
    ) -> Iterator[Standing]:
        """See :meth:`leads.store.Store.find`."""
        sql, values = self._ordered(query, sort)
        # A connection of its own keeps the moment while leads are written in between.
        with self._named(), closing(self._connect()) as db:
            db.execute("BEGIN")
            for number, state, *_ in islice(db.execute(sql, values), limit):
                (body,) = db.execute("SELECT body FROM lead_body WHERE number = ?", [number])
                yield self._made(standing, (*body, state))

    def search(
        self, query: Query, sort: Sort = Sort.STRENGTH, after: str | None = None, limit: int = 50
    ) -> Page:
        """See :meth:`leads.store.Store.search`."""
        sql, values = self._ordered(query, sort, after)
        found = self._rows(f"{sql} LIMIT ?", [*values, limit + 1])
        leads = [self._standing(number, state) for number, state, *_ in found[:limit]]
        more = len(found) > limit
        return Page(leads, json.dumps(found[limit - 1][3:]) if more else None)

    def _standing(self, number: Cell, state: Cell) -> Standing:
        ((body,),) = self._rows("SELECT body FROM lead_body WHERE number = ?", [number])
        return self._made(standing, (body, state))

    def _ordered(self, query: Query, sort: Sort, after: str | None = None) -> Condition:
        """Return what selects number, state, seller and the columns of the order, in order."""
        columns = _ORDERS[sort]
        beyond, bound = _beyond(columns, after) if after else ("1", [])
        order = ", ".join(f"{name} DESC" if falls else name for name, falls in columns)
        chosen = "SELECT number, state, seller, " + ", ".join(name for name, _ in columns)
        plan = self._plan(query)
        if self._many(plan):
            where, values = condition(query, lead=False)
            sql = f"{chosen} FROM lead WHERE {where} AND {beyond} ORDER BY {order}"
            return sql, [*values, *bound]
        # Materialised: SQLite must not think of walking the order after all.
        found = f"SELECT lead.number FROM {plan.source} WHERE {plan.where}"  # noqa: S608
        sql = f"{chosen} FROM fit CROSS JOIN lead USING (number) WHERE {beyond} ORDER BY {order}"
        return f"WITH fit AS MATERIALIZED ({found}) {sql}", [*plan.values, *bound]

    def _plan(self, query: Query) -> Plan:
        """Return how to find the leads that fit, the rarest part first."""
        parts = list(query.parts) if isinstance(query, And) else [query]
        texts = [part for part in parts if match(part) is not None]
        if len(texts) > 1:  # the engine of full-text search joins them best
            parts = [And(tuple(texts)), *(part for part in parts if part not in texts)]
        leaders = [part for part in parts if _leads(part)]
        if len(leaders) > 1:
            leaders.sort(key=lambda part: self._size(_planned(part, [])))
        if not leaders:
            return _planned(None, parts)
        return _planned(leaders[0], [part for part in parts if part is not leaders[0]])

    def _size(self, plan: Plan) -> int:
        """Return how many leads fit, or one more than a few."""
        found = f"SELECT 1 FROM {plan.source} WHERE {plan.where} LIMIT {FEW + 1}"  # noqa: S608
        return self._number(f"SELECT count(*) FROM ({found})", plan.values)  # noqa: S608

    def _many(self, plan: Plan) -> bool:
        return self._size(plan) > FEW


def _planned(leader: Query | None, tests: Sequence[Query]) -> Plan:
    """Return the plan in which one part, or none, leads and the others test."""
    compiled = [condition(part, lead=False) for part in tests]
    source = "lead"
    text = match(leader) if leader else None
    if text is not None:
        source = "lead_text CROSS JOIN lead ON lead.number = lead_text.rowid"
        compiled.insert(0, ("lead_text MATCH ?", [text]))
    elif leader:
        compiled.insert(0, condition(leader))
    where = " AND ".join(sql for sql, _ in compiled)
    return Plan(source, where, [value for _, values in compiled for value in values])


def _leads(query: Query) -> bool:
    """Tell whether an index finds the leads that fit."""
    match query:
        case All() | Not():
            return False
        case And(parts) | Or(parts):
            return all(map(_leads, parts))
        case Exists():
            return match(query) is not None
        case Term(field) | Compare(field):
            return field not in _UNINDEXED
        case _:
            return True


def _beyond(columns: Sequence[tuple[str, bool]], after: str) -> Condition:
    """Return what comes after a place in an order.

    Raises:
        ValueError: ``after`` is no place in this order.
    """
    place = json.loads(after)
    if not isinstance(place, list) or len(place) != len(columns):
        raise ValueError(f"not a place in this order: {after!r}")
    if not all(isinstance(value, str | int | float) for value in place):
        raise ValueError(f"not a place in this order: {after!r}")
    either: list[str] = []
    values: list[Cell] = []
    for at, (name, falls) in enumerate(columns):
        same = "".join(f"{before} = ? AND " for before, _ in columns[:at])
        either.append(f"({same}{name} {'<' if falls else '>'} ?)")
        values += place[: at + 1]
    first, falls = columns[0]
    return f"{first} {'<=' if falls else '>='} ? AND ({' OR '.join(either)})", [place[0], *values]
