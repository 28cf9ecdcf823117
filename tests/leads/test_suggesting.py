"""What is suggested once a person excluded a lead; made by nobody but people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leads.excluding import InForce
from leads.exclusions import Scope, made
from leads.model import Hit, Judgement, Lead, Right, RightKind, State
from leads.suggesting import Draft, suggested

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
TITLE = "老陈记手工面 山西老陈醋 5L"
SELLER = {"ref": "9", "name": "某店"}
RIGHT = Right(
    id="gi-vinegar",
    kind=RightKind.GI,
    name="某老陈醋",
    aliases=("山西老陈醋",),
    translations=("5L",),
)


@pytest.fixture
def lead(a_lead: Callable[..., Lead]) -> Callable[..., Lead]:
    """``lead(finding, places, **hit)``: a lead of one hit on places of the title or pictures."""

    def make(finding: str, *places: tuple[int, int] | str, **more: Any) -> Lead:
        of = a_lead("1", listing={"title": TITLE, "seller": SELLER, "origin": "江苏"})
        texts = [place for place in places if not isinstance(place, str)]
        hit = Hit.model_validate(
            {
                **of.hits[0].model_dump(),
                "finding": finding,
                "spans": [
                    {"field": "title", "start": start, "end": end, "text": TITLE[start:end]}
                    for start, end in texts
                ],
                "boxes": [
                    {"picture": place, "box": (0, 0, 9, 9)}
                    for place in places
                    if isinstance(place, str)
                ],
                **more,
            }
        )
        return of.model_copy(update={"hits": (hit,)})

    return make


def judged(of: Lead, code: str | None, state: State = State.EXCLUDED) -> Judgement:
    return Judgement(lead=of.id, state=state, reason="核对", by="甲", at=NIGHT, code=code)


def drafts(of: Lead, code: str | None, **more: Any) -> list[tuple[Scope, str]]:
    found = suggested(of, judged(of, code, **more), RIGHT)
    return [(draft.scope, draft.subject) for draft in found]


def test_a_licence_suggests_the_seller_for_this_right_but_not_in_spite_of_its_origin(
    lead: Callable[..., Lead],
) -> None:
    for code in ("授权使用", "正品转售"):
        assert drafts(lead("gi.name", (7, 12)), code) == [(Scope.SELLER, "taobao:9")]
    assert drafts(lead("gi.origin", (8, 12)), "授权使用") == []


def test_a_slip_suggests_the_writing_it_stands_in_and_the_picture(
    lead: Callable[..., Lead],
) -> None:
    both = lead("brand.imitation", (0, 2), "a" * 64)
    assert drafts(both, "误识别") == [
        (Scope.PHRASE, "老陈记手工面"),
        (Scope.PICTURE, "a" * 64),
    ]


def test_a_protected_name_itself_is_never_suggested(lead: Callable[..., Lead]) -> None:
    assert TITLE[7:12] == "山西老陈醋"
    for place in ((7, 12), (9, 12), (13, 15)):
        assert drafts(lead("gi.name", place), "误识别") == []


@pytest.mark.parametrize("code", ["重复线索", "权利失效", "其他", None])
def test_what_says_nothing_about_other_leads_suggests_nothing(
    lead: Callable[..., Lead], code: str | None
) -> None:
    assert drafts(lead("brand.imitation", (0, 2)), code) == []


def test_only_an_exclusion_suggests_one(lead: Callable[..., Lead]) -> None:
    assert drafts(lead("brand.imitation", (0, 2)), "误识别", state=State.PENDING) == []


def test_what_is_suggested_would_have_met_the_hit_once_people_decide_it(
    lead: Callable[..., Lead],
) -> None:
    cases = [
        ("误识别", lead("brand.imitation", (0, 2))),
        ("误识别", lead("picture.copy", "a" * 64)),
        ("正品转售", lead("gi.name", (8, 12))),
    ]
    for code, of in cases:
        (draft,) = suggested(of, judged(of, code), RIGHT)
        assert met(draft, of)


def met(draft: Draft, of: Lead) -> bool:
    decided = made(
        draft.scope,
        draft.subject,
        right=draft.right,
        matcher=draft.matcher,
        code=draft.code,
        reason="已核对",
        by="张三",
        second="李四",
        at=NIGHT,
        until=NIGHT.date() + timedelta(days=90),
    )
    return bool(InForce([decided], date(2026, 11, 23)).on(of.hits[0], of.listing, {}))
