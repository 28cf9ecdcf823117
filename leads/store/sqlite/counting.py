"""Counting in the embedded store: how many leads fit, by value and by seller."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from itertools import islice

from leads.fields import Field
from leads.store import Facets, Group, Sort
from leads.store.sqlite.conditions import condition
from leads.store.sqlite.planning import Plan
from leads.store.sqlite.rows import Cell, counted, marks
from leads.store.sqlite.searching import Searching
from leads.tree import All, Query

SAMPLE = 10_000
"""Where more than a few leads fit, every so many-th of all leads is looked at."""


class Counting(Searching):
    """Numbers of leads."""

    def count(self, query: Query) -> int:
        """See :meth:`leads.store.Store.count`."""
        few = self._few(query)
        if few is not None:
            return len(few)
        return self._number(*self._plan(query).select("count(*)"))

    def facets(self, query: Query, fields: Iterable[Field], most: int = 20) -> Facets:
        """See :meth:`leads.store.Store.facets`; of everything, counts are kept."""
        tally: Counter[str] = Counter()
        nth = 1
        if isinstance(query, All):
            for field, value, leads in self._rows("SELECT field, value, leads FROM facet"):
                tally[f"{field}={value}"] = int(str(leads))
        else:
            with self._moment():
                found, nth = self._looked_at(query)
            for state, others in found:
                tally.update(counted(str(state), str(others)))
        total = sum(leads for value, leads in tally.items() if value.startswith("state="))
        counts = {field: _frequent(tally, field, nth, most) for field in fields}
        return Facets(total * nth, nth == 1, counts)

    def _looked_at(self, query: Query) -> tuple[list[tuple[Cell, ...]], int]:
        """Return state and other values of all that fit, or of an even sample: every n-th."""
        plan, also = self._plan(query), "1"
        few = self._few(query)
        nth = 1
        if few is not None:
            plan = Plan(None, [], "1", []).of(few)
        else:
            last = self._number("SELECT max(number) FROM lead")
            nth = -(-last // SAMPLE)
            if plan.led is None:
                chance = random.Random(last)  # noqa: S311  # no secret
                plan = plan.of(sorted(chance.sample(range(1, last + 1), -(-last // nth))))
            else:
                # Knuth's multiplicative hash: leads of one night are not all in or all out.
                also = f"led.number * 2654435761 % 4294967296 / 65536 % {nth} = 0"
        return self._rows(*plan.select("lead.state, lead.counted", also)), nth

    def groups(self, query: Query, limit: int = 50, offset: int = 0) -> Sequence[Group]:
        """See :meth:`leads.store.Store.groups`."""
        with self._moment():
            strongest = self._strongest(query, offset + limit)
            chosen = dict(islice(strongest.items(), offset, None))
            leads = self._leads_of(list(chosen), query)
            return [
                Group(seller, leads[seller], self._standing(number, state))
                for seller, (number, state) in chosen.items()
            ]

    def _strongest(self, query: Query, limit: int) -> dict[str, tuple[Cell, Cell]]:
        """Return number and state of the strongest lead of the first sellers."""
        found: dict[str, tuple[Cell, Cell]] = {}
        with closing(self._db.execute(*self._ordered(query, Sort.STRENGTH))) as rows:
            for number, state, seller, *_ in rows:
                if seller and seller not in found:
                    found[seller] = (number, state)
                if len(found) == limit:
                    break
        return found

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


def _frequent(tally: Mapping[str, int], field: Field, nth: int, most: int) -> dict[str, int]:
    """Return the most frequent values of a field, alike ones by value."""
    mine = [
        (leads * nth, value.partition("=")[2])
        for value, leads in tally.items()
        if leads and value.startswith(f"{field.value}=")
    ]
    return {value: leads for leads, value in sorted(mine, key=lambda m: (-m[0], m[1]))[:most]}
