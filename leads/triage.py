"""From hits to leads: the strongest claim decides, named defences lower it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from leads.model import Hit, Triage
from leads.registry import Scoring

_ORDER = (Triage.NONE, Triage.REVIEW, Triage.LEAD)


class Outcome(NamedTuple):
    """How soon to look, and the score that says so (0 to 1)."""

    triage: Triage
    score: float


def triage(hits: Iterable[Hit], scoring: Scoring) -> Outcome:
    """Return the strongest outcome of ``hits``: best claim plus qualifiers, as in logic matchers.

    A hit's own outcome is its weighted score held against the two thresholds, then lowered to what
    its weakest-making defence allows. ``Outcome(NONE, 0)`` for no hits.
    """
    outcomes = [_one(hit, scoring) for hit in hits]
    return max(outcomes, key=_strength, default=Outcome(Triage.NONE, 0.0))


def _one(hit: Hit, scoring: Scoring) -> Outcome:
    score = round(hit.score * scoring.matchers.get(hit.matcher, 0.0), 4)
    claim = (
        Triage.LEAD
        if score >= scoring.lead
        else Triage.REVIEW
        if score >= scoring.review
        else Triage.NONE
    )
    allowed: Sequence[Triage] = [scoring.defences.get(d.code, Triage.REVIEW) for d in hit.defences]
    return Outcome(min((claim, *allowed), key=_ORDER.index), score)


def _strength(outcome: Outcome) -> tuple[int, float]:
    return _ORDER.index(outcome.triage), outcome.score
