"""How the embedded store finds the leads that fit: which part of a query leads.

SQLite cannot know how many leads fit a phrase or a range, so it is asked: of the parts that must
all fit, the rarest leads and the others test what it finds. If few leads fit, their numbers are
found once and everything else is asked of those.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from leads.fields import FACETS, Field
from leads.model import State
from leads.store.sqlite.conditions import Condition, condition, match
from leads.store.sqlite.file import File
from leads.store.sqlite.rows import Cell
from leads.tree import All, And, Compare, Exists, Not, Or, Query, Term

FEW = 10_000
"""So many leads are sorted and counted one by one; with more, an index or a sample helps."""

_UNINDEXED = (Field.KIND, Field.SCORE, Field.CAPTURED_AT)
_DENSE = 10
"""A value that more than every so many-th lead has leads nobody."""


class Plan(NamedTuple):
    """What leads, if anything, and what tests."""

    led: str | None
    """Selects the numbers of the leads that the leading part fits."""
    led_by: list[Cell]
    tests: str
    tested: list[Cell]

    def select(self, columns: str, also: str = "1") -> Condition:
        """Return what selects columns of the leads that fit.

        ``also`` may ask for ``led.number`` where the columns are of ``lead``.
        """
        source = "lead"
        if self.led and "lead." not in f"{columns} {self.tests}".replace("lead.number", ""):
            source = f"({self.led}) AS lead"  # numbers are all that is asked for
        elif self.led:
            source = f"({self.led}) AS led CROSS JOIN lead ON lead.number = led.number"
        sql = f"SELECT {columns} FROM {source} WHERE {also} AND {self.tests}"  # noqa: S608
        return sql, [*self.led_by, *self.tested]

    def of(self, numbers: Sequence[int]) -> Plan:
        """Return the plan that looks at these leads only."""
        led = "SELECT value AS number FROM json_each(?)"
        return self._replace(led=led, led_by=[json.dumps([*numbers])])


class Planning(File):
    """Leads that fit a query, in no order."""

    _last: tuple[object, list[int] | None] = (None, None)

    def _few(self, query: Query) -> list[int] | None:
        """Return the numbers of the leads that fit, or None where they are many.

        Page and counts of one screen ask the same, so the last answer is kept until something is
        written.
        """
        moment = (query, self._number("PRAGMA data_version"), self._db.total_changes)
        if self._last[0] != moment:
            sql, values = self._plan(query).select("lead.number")
            found = [int(str(number)) for (number,) in self._rows(f"{sql} LIMIT {FEW + 1}", values)]
            self._last = moment, found if len(found) <= FEW else None
        return self._last[1]

    def _plan(self, query: Query) -> Plan:
        """Return how to find the leads that fit."""
        parts = _grouped(query.parts) if isinstance(query, And) else [query]
        found = {_found_by(part): part for part in parts}
        leader = self._leader([part for part in found if _can_lead(part)])
        tests = [condition(part, lead=False) for by, part in found.items() if by != leader]
        sql = " AND ".join(sql for sql, _ in tests) or "1"
        led, led_by = _numbers(leader) if leader else (None, [])
        return Plan(led, led_by, sql, [value for _, values in tests for value in values])

    def _leader(self, parts: Sequence[Query]) -> Query | None:
        """Return the rarest part; of frequent ones a text, which is slowest as a test."""
        sized = [(self._size(part), part) for part in parts]
        if not sized:
            return None
        size, best = min(sized, key=lambda s: (min(s[0], FEW + 1), match(s[1]) is None, s[0]))
        all_leads = self._number("SELECT ifnull(sum(leads), 0) FROM facet WHERE field = 'state'")
        dense = size > FEW and size > all_leads / _DENSE and match(best) is None
        return None if dense else best

    def _size(self, part: Query) -> int:
        """Return how many leads fit a part that can lead: codes exactly, others up to a few."""
        match part:
            case Or(parts) if all(isinstance(one, Term) for one in parts):
                return sum(map(self._size, parts))
            case Term(field, value, False) if field in FACETS:
                sql = "SELECT ifnull(sum(leads), 0) FROM facet WHERE field = ? AND value = ?"
                return self._number(f"{sql} COLLATE NOCASE", [field.value, value])
            case _:
                sql, values = _numbers(part)
                return self._number(f"SELECT count(*) FROM ({sql} LIMIT {FEW + 1})", values)  # noqa: S608


def _numbers(leader: Query) -> Condition:
    """Return what selects the numbers of the leads that a part fits, from its index alone."""
    text = match(leader)
    if text is not None:
        return "SELECT rowid AS number FROM lead_text WHERE lead_text MATCH ?", [text]
    sql, values = condition(leader)
    return f"SELECT lead.number AS number FROM lead WHERE {sql}", values  # noqa: S608


def _grouped(parts: Sequence[Query]) -> list[Query]:
    """Put together what is quicker asked at once: all texts and codes, both ends of a range."""
    groups: dict[object, list[Query]] = {}
    for at, part in enumerate(parts):
        asked = part.part if isinstance(part, Not) else part
        text = match(asked) is not None
        groups.setdefault("text" if text else getattr(part, "field", at), []).append(part)
    return [And(tuple(group)) if len(group) > 1 else group[0] for group in groups.values()]


def _found_by(part: Query) -> Query:
    """Return what finds the same leads by an index: not in one state is in any of the others."""
    match part:
        case Not(Term(Field.STATE, value, False)):
            return Or(tuple(Term(Field.STATE, state) for state in State if state != value))
        case _:
            return part


def _can_lead(query: Query) -> bool:
    """Tell whether an index finds the leads that fit."""
    match query:
        case All() | Not():
            return False
        case And(parts) | Or(parts):
            return all(map(_can_lead, parts))
        case Exists():
            return match(query) is not None
        case Term(field) | Compare(field):
            return field not in _UNINDEXED
        case _:
            return True
