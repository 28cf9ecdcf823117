"""How often people upheld what was found, by matcher and by rule, with what chance alone allows.

Handing a lead over upholds it, excluding it or not filing the case refutes it; a case that has
ended counts as it was decided, one that only a platform answered for neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from leads.fields import Field
from leads.model import Judgement, State
from leads.outcomes import CONFIRMED, Outcome, outcome
from leads.store import Part, Store
from leads.tree import And, Or, Query, Term

UPHELD = (
    State.ASSIGNED, State.TRANSFERRED, State.SIGNED, State.CHECKING, State.FILED, State.TO_POLICE,
    State.TO_OTHERS,
)  # fmt: skip
REFUTED = (State.EXCLUDED, State.NOT_FILED)
_ENDED = (State.CLOSED, State.FED_BACK, State.ARCHIVED)
"""States that do not tell how it was decided."""
_MOST = 10_000
"""Rights told of."""


class Quality(NamedTuple):
    """How people judged the leads of one matcher, perhaps of one right only."""

    matcher: str
    right: str | None
    upheld: int
    refuted: int

    @property
    def judged(self) -> int:
        """How many leads people have found something or nothing in."""
        return self.upheld + self.refuted

    @property
    def share(self) -> float | None:
        """The precision; None where nobody has judged."""
        return self.upheld / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the true precision lies, in 95 of 100 cases."""
        return wilson(self.upheld, self.judged)


def by_matcher(store: Store, matchers: Iterable[str]) -> list[Quality]:
    """Return how each matcher's leads were judged, in order of their names."""
    ended = _ended(store)
    found = []
    for name in sorted(matchers):
        upheld, refuted = (
            store.count(And((Term(Field.MATCHER, name), _any(states))))
            + sum(leads for key, leads in ended.items() if (key[0], key[2]) == (name, held))
            for states, held in _JUDGED
        )
        found.append(Quality(name, None, upheld, refuted))
    return found


def by_rule(store: Store, matchers: Iterable[str]) -> Iterator[Quality]:
    """Yield the same for each matcher and right of which people have judged a lead."""
    ended = _ended(store)
    for name in sorted(matchers):
        upheld, refuted = (
            Counter(_by_right(store, name, states))
            + Counter({key[1]: n for key, n in ended.items() if (key[0], key[2]) == (name, held)})
            for states, held in _JUDGED
        )
        for right in sorted(upheld.keys() | refuted.keys()):
            yield Quality(name, right, upheld[right], refuted[right])


def _by_right(store: Store, matcher: str, states: Iterable[State]) -> Mapping[str, int]:
    query = And((Term(Field.MATCHER, matcher), _any(states)))
    return store.facets(query, (Field.RIGHT_ID,), _MOST).counts[Field.RIGHT_ID]


def _ended(store: Store) -> Counter[tuple[str, str, bool]]:
    """Count leads of ended cases by matcher, right and whether they were upheld."""
    found: Counter[tuple[str, str, bool]] = Counter()
    if not store.count(_any(_ENDED)):
        return found
    said = (e.record for e in store.read(Part.JUDGEMENTS) if isinstance(e.record, Judgement))
    outcomes = {lead: outcome(list(own)) for lead, own in groupby(said, lambda one: one.lead)}
    for lead, _ in store.find(_any(_ENDED)):
        decided = outcomes.get(lead.id)
        if decided in CONFIRMED or decided is Outcome.NOT_FILED:
            held = decided in CONFIRMED
            found.update({(hit.matcher, lead.right, held) for hit in lead.hits})
    return found


def _any(states: Iterable[State]) -> Query:
    return Or(tuple(Term(Field.STATE, state.value) for state in states))


_JUDGED = ((UPHELD, True), (REFUTED, False))


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); the whole range where nothing is known."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = (
        z * ((share * (1 - share) / total + square / (4 * total * total)) ** 0.5)
        / (1 + square / total)
    )  # fmt: skip
    return max(0.0, middle - half), min(1.0, middle + half)
