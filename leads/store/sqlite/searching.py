"""Searching the embedded store: leads that fit, in order, by pages.

Few are sorted. Where many fit, the order leads: its index is walked from the front, and the first
leads that fit are the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice

from leads.query import Query
from leads.store import Page, Sort, Standing
from leads.store.sqlite.conditions import Condition, condition
from leads.store.sqlite.leads import standing
from leads.store.sqlite.planning import Plan, Planning
from leads.store.sqlite.rows import Cell

_ORDERS: dict[Sort, tuple[tuple[str, bool], ...]] = {
    Sort.STRENGTH: (("rank", False), ("score", True), ("id", False)),
    Sort.NEWEST: (("found_at", True), ("id", False)),
    Sort.OLDEST: (("found_at", False), ("id", False)),
    Sort.CHEAPEST: (("ifnull(price, 9e999)", False), ("id", False)),
    Sort.DEAREST: (("ifnull(price, -9e999)", True), ("id", False)),
}
"""Columns of an order, each with whether the greatest comes first; an index has the foremost."""


class Searching(Planning):
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
        with self._moment():
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
        names = ", ".join(name for name, _ in columns)
        few = self._few(query)
        if few is None:
            where, values = condition(query, lead=False)
            plan = Plan(None, [], f"{beyond} AND {where}", [*bound, *values])
        else:
            plan = Plan(None, [], beyond, bound).of(few)
        sql, asked = plan.select(f"lead.number, lead.state, lead.seller, {names}")
        return f"{sql} ORDER BY {order}", asked


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
