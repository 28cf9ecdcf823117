"""The strongest claim decides, and a named defence lowers it."""

import pytest

from leads.model import Defence, DefenceCode, Finding, Hit, Triage
from leads.registry import Scoring
from leads.triage import Outcome, triage

SCORING = Scoring(
    lead=0.6,
    review=0.3,
    matchers={"names": 1.0, "weak": 0.5},
    defences={
        DefenceCode.HONEST_RESALE: Triage.REVIEW,
        DefenceCode.AUTHORISED_USER: Triage.NONE,
    },
)


def hit(score: float, *defences: DefenceCode, matcher: str = "names") -> Hit:
    return Hit(
        right="r",
        name="r",
        finding=Finding.GI_NAME,
        matcher=matcher,
        score=score,
        reason="疑似",
        defences=tuple(Defence(code=code) for code in defences),
    )


@pytest.mark.parametrize(
    ("hits", "outcome"),
    [
        ([], (Triage.NONE, 0.0)),
        ([hit(0.6)], (Triage.LEAD, 0.6)),
        ([hit(0.59)], (Triage.REVIEW, 0.59)),
        ([hit(0.29)], (Triage.NONE, 0.29)),
        ([hit(0.9, matcher="weak")], (Triage.REVIEW, 0.45)),
        ([hit(0.9, matcher="unknown")], (Triage.NONE, 0.0)),
        ([hit(0.9, DefenceCode.HONEST_RESALE)], (Triage.REVIEW, 0.9)),
        ([hit(0.9, DefenceCode.HONEST_RESALE, DefenceCode.AUTHORISED_USER)], (Triage.NONE, 0.9)),
        ([hit(0.9, DefenceCode.INGREDIENT)], (Triage.REVIEW, 0.9)),
        ([hit(0.2, DefenceCode.HONEST_RESALE)], (Triage.NONE, 0.2)),
        ([hit(0.95, DefenceCode.AUTHORISED_USER), hit(0.4)], (Triage.REVIEW, 0.4)),
        ([hit(0.7), hit(0.95, DefenceCode.HONEST_RESALE)], (Triage.LEAD, 0.7)),
    ],
)
def test_the_strongest_outcome_counts(hits: list[Hit], outcome: tuple[Triage, float]) -> None:
    assert triage(hits, SCORING) == Outcome(*outcome)
