"""From hits to leads: the strongest claim decides, named defences lower it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from leads.beijing import BEIJING
from leads.model import Hit, Lead, Listing, Triage, lead_id
from leads.registry import Registry, Scoring
from leads.routing import routes

_ORDER = (Triage.NONE, Triage.REVIEW, Triage.LEAD)


class Outcome(NamedTuple):
    """How soon to look, and the score that says so (0 to 1)."""

    triage: Triage
    score: float


def law_day(moment: datetime) -> date:
    """Return the day in China, whose law a hit of that moment cites."""
    return moment.astimezone(BEIJING).date()


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


def _strength(of: Outcome | Lead) -> tuple[int, float]:
    return _ORDER.index(of.triage), of.score


def leads_of(
    listing: Listing, hits: Iterable[Hit], registry: Registry, law_day: date, found_at: datetime
) -> tuple[Lead, ...]:
    """Return one lead for each right whose hits come to more than ``none``, strongest first.

    Raises:
        ValueError: the listing has no site, or neither number nor address.
    """
    by_right: dict[str, list[Hit]] = {}
    for hit in hits:
        by_right.setdefault(hit.right, []).append(hit)
    leads = (
        Lead(
            id=lead_id(*listing.key, right),
            right=right,
            right_name=found[0].name,
            listing=listing,
            triage=outcome.triage,
            score=outcome.score,
            hits=tuple(found),
            routes=routes(listing, right, registry),
            law_day=law_day,
            found_at=found_at,
        )
        for right, found in sorted(by_right.items())
        if (outcome := triage(found, registry.scoring)).triage is not Triage.NONE
    )
    return tuple(sorted(leads, key=_strength, reverse=True))
