"""Counting in the embedded store: how many leads fit, by value and by seller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import islice

from leads.fields import Field
from leads.store import Facets, Group, Sort
from leads.store.sqlite.conditions import condition
from leads.store.sqlite.rows import Cell, counted, marks
from leads.store.sqlite.searching import FEW, Plan, Searching
from leads.tree import All, Query

SAMPLE = 20_000
"""Where more than a few leads fit, every so many-th of all leads is looked at."""


class Counting(Searching):
    """Numbers of leads."""

    def count(self, query: Query) -> int:
        """See :meth:`leads.store.Store.count`."""
        source, where, values = self._plan(query)
        return self._number(f"SELECT count(*) FROM {source} WHERE {where}", values)  # noqa: S608

    def facets(self, query: Query, fields: Iterable[Field], most: int = 20) -> Facets:
        """See :meth:`leads.store.Store.facets`; the empty query is always counted exactly."""
        wanted = tuple(fields)
        if isinstance(query, All):
            every = Counter(
                {
                    (str(field), str(value)): int(str(leads))
                    for field, value, leads in self._rows("SELECT field, value, leads FROM facet")
                }
            )
            total = sum(leads for (field, _), leads in every.items() if field == Field.STATE)
            return Facets(total, True, _by_field(every, wanted, most))
        plan = self._plan(query)
        found, every_nth = self._counted(plan, FEW + 1), 1
        if len(found) > FEW:
            every_nth = -(-self._number("SELECT max(number) FROM lead") // SAMPLE)
            found = self._counted(plan.sampled(every_nth), -1)
        tally: Counter[tuple[str, str]] = Counter()
        for (state, others), leads in Counter(found).items():
            for pair in counted(str(state), str(others)):
                tally[pair] += leads * every_nth
        return Facets(len(found) * every_nth, every_nth == 1, _by_field(tally, wanted, most))

    def _counted(self, plan: Plan, limit: int) -> list[tuple[Cell, ...]]:
        sql = f"SELECT state, counted FROM {plan.source} WHERE {plan.where} LIMIT ?"  # noqa: S608
        return self._rows(sql, [*plan.values, limit])

    def groups(self, query: Query, limit: int = 50, offset: int = 0) -> Sequence[Group]:
        """See :meth:`leads.store.Store.groups`."""
        strongest: dict[str, tuple[Cell, Cell]] = {}
        with self._named(), closing(self._db.execute(*self._ordered(query, Sort.STRENGTH))) as rows:
            for number, state, seller, *_ in rows:
                if seller and seller not in strongest:
                    strongest[seller] = (number, state)
                if len(strongest) == offset + limit:
                    break
        chosen = dict(islice(strongest.items(), offset, None))
        leads = self._leads_of(list(chosen), query)
        return [
            Group(seller, leads[seller], self._standing(number, state))
            for seller, (number, state) in chosen.items()
        ]

    def _leads_of(self, sellers: Sequence[str], query: Query) -> dict[str, int]:
        where, values = condition(query, lead=False)
        among = f"IN ({marks(sellers)})"
        # The index knows no case; sellers do.
        sql = (
            f"SELECT seller, count(*) FROM lead WHERE seller COLLATE NOCASE {among}"  # noqa: S608
            f" AND seller {among} AND {where} GROUP BY seller"
        )
        found = self._rows(sql, [*sellers, *sellers, *values])
        return {str(seller): int(str(leads)) for seller, leads in found}


def _by_field(
    tally: Counter[tuple[str, str]], fields: Iterable[Field], most: int
) -> dict[Field, dict[str, int]]:
    """Return the most frequent values of each field, alike ones by value."""
    found: dict[Field, dict[str, int]] = {}
    for field in fields:
        ranked = sorted(
            ((value, leads) for (name, value), leads in tally.items() if name == field and leads),
            key=lambda one: (-one[1], one[0]),
        )
        found[field] = dict(ranked[:most])
    return found
