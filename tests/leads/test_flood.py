"""Floods of one rule or picture: seen, and held back for a time, unless a person says otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from leads import registry
from leads.exclusions import Scope, lifted
from leads.flood import FloodLimits, Tally, floods, quarantines, tally
from leads.model import Box, Finding, Hit, Listing, Triage
from leads.nights import Night
from leads.triage import law_day, leads_of

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
BEGAN = AT - timedelta(hours=1)
LIMITS = FloodLimits(rule=5, times=3, picture=4, days=10)
RIGHT = "brand-kangshifu"
SHA = "ab" * 32


def earlier(day: int, **rules: int) -> Night:
    when = date(2026, 11, day)
    told = {name.replace("__", " "): leads for name, leads in rules.items()}
    return Night(id=f"{when}", day=when, began=AT, ended=AT, rules=told)


@pytest.mark.parametrize(
    ("leads", "usual", "flooded"),
    [
        (5, (), False),
        (6, (), True),
        (6, (2, 2, 2), False),
        (9, (3, 3, 3), False),
        (10, (3, 3, 3), True),
        (10, (3, 900, 3), True),
        (6, (0, 0, 90), True),
    ],
)
def test_a_rule_may_bring_what_it_usually_does_several_times(
    leads: int, usual: tuple[int, ...], flooded: bool
):
    before = [earlier(day, names__x=count) for day, count in enumerate(usual, start=1)]
    found = floods(Tally({"names x": leads}, {}), before, {"x": "某名"}, LIMITS)
    assert bool(found) is flooded
    for one in found:
        assert (one.scope, one.subject, one.right, one.leads) == ("rule", "names", "x", leads)
        assert f"方法“名称相同”对“某名”一夜新增 {leads} 条线索" in one.reason
        assert "暂缓 10 天" in one.reason


def test_a_picture_in_many_leads_is_a_flood():
    found = floods(Tally({}, {SHA: 5, "cd" * 32: 4}), [], {}, LIMITS)
    assert [(one.scope, one.subject, one.right) for one in found] == [("picture", SHA, None)]
    assert "请先核对是否为公开素材" in found[0].reason


def test_what_is_for_review_anyway_floods_nobody(watched: registry.Registry):
    listing = Listing(site="jd", ref="1", title="康师傅", captured_at=AT)
    hit = Hit(
        right=RIGHT, name="康师傅", finding=Finding.PICTURE_COPY, matcher="copies", score=0.9,
        reason="疑似", boxes=(Box(picture=SHA, box=(0, 0, 9, 9)),) * 2,
    )  # fmt: skip
    answered = hit.model_copy(update={"defences": ("疑为正品转售",)})
    lead, review = (
        leads_of(listing, [one], watched, law_day(AT), AT)[0]
        for one in (hit, Hit.model_validate(answered.model_dump()))
    )
    assert (lead.triage, review.triage) == (Triage.LEAD, Triage.REVIEW)
    assert tally([lead, review]) == ({f"copies {RIGHT}": 1}, {SHA: 1})


def test_the_same_flood_is_quarantined_the_same_way():
    found = floods(Tally({"names x": 9}, {SHA: 9}), [], {}, LIMITS)
    made = quarantines(found, (), AT, 10)
    assert made == quarantines(found, (), AT, 10)
    assert [(one.scope, one.effect, one.by) for one in made] == [
        (Scope.RULE, Triage.REVIEW, "markwatch"),
        (Scope.PICTURE, Triage.REVIEW, "markwatch"),
    ]
    assert {one.until for one in made} == {date(2026, 12, 3)}


def test_what_a_person_has_let_through_is_not_held_back_again_until_its_time_is_over():
    found = floods(Tally({"names x": 9}, {}), [], {}, LIMITS)
    (made,) = quarantines(found, (), AT, 10)
    freed = lifted(made, by="甲", reason="规则无误", at=AT)
    for standing in (made, freed):
        assert quarantines(found, (standing,), AT + timedelta(days=9), 10) == ()
    assert quarantines(found, (freed,), AT + timedelta(days=12), 10)
