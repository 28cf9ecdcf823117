"""The precision people's judgements give each matcher and rule, on every store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from leads.model import Judgement, Lead, State
from leads.quality import Quality, by_matcher, by_rule, wilson
from leads.store import Store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
S = State
HISTORIES: list[tuple[str, str, list[State]]] = [
    ("names", "gi-x", []),
    ("names", "gi-x", [S.PENDING]),
    ("names", "gi-x", [S.EXCLUDED]),
    ("names", "gi-x", [S.EXCLUDED, S.PENDING, S.APPROVAL, S.ASSIGNED]),
    ("names", "gi-y", [S.CHECKING, S.FILED]),
    ("names", "gi-y", [S.CHECKING, S.FILED, S.CLOSED, S.FED_BACK, S.ARCHIVED]),
    ("names", "gi-y", [S.CHECKING, S.NOT_FILED, S.FED_BACK]),
    ("names", "gi-y", [S.SIGNED, S.FED_BACK]),
    ("seals", "gi-y", [S.CHECKING, S.NOT_FILED]),
]


@pytest.fixture
def judged(store: Store, a_lead: Callable[..., Lead]) -> Store:
    for number, (matcher, right, states) in enumerate(HISTORIES):
        lead = a_lead(str(number), right=right)
        both = [{**lead.hits[0].model_dump(), "matcher": name} for name in (matcher, "copies")]
        lead = Lead.model_validate({**lead.model_dump(), "hits": both})
        store.put([lead])
        for step, state in enumerate(states):
            at = NIGHT + timedelta(hours=step)
            store.judge(Judgement(lead=lead.id, state=state, reason="核对", by="甲", at=at))
    return store


def test_a_matcher_is_judged_by_what_people_upheld_and_refuted(judged: Store) -> None:
    assert by_matcher(judged, ["seals", "names", "copies", "logos"]) == [
        Quality("copies", None, 3, 3),
        Quality("logos", None, 0, 0),
        Quality("names", None, 3, 2),
        Quality("seals", None, 0, 1),
    ]


def test_a_rule_is_judged_by_the_leads_of_its_right_alone(judged: Store) -> None:
    assert list(by_rule(judged, ["names", "seals", "logos"])) == [
        Quality("names", "gi-x", 1, 1),
        Quality("names", "gi-y", 2, 1),
        Quality("seals", "gi-y", 0, 1),
    ]


def test_the_share_comes_with_what_chance_allows() -> None:
    one = Quality("names", None, 8, 2)
    assert one.share == 0.8
    assert one.interval == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Wilson 1927
    none = Quality("logos", None, 0, 0)
    assert none.share is None
    assert none.interval == wilson(0, 0) == (0, 1)
    assert wilson(10, 10)[1] == 1
    assert wilson(0, 10)[0] == 0
