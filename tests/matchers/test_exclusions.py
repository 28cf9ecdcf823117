"""What an office excluded lowers hits and says why; what else a listing shows stays a hit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leads.exclusions import Exclusion, Scope, made, quarantine
from leads.model import DefenceCode, Hit, Lead, Listing, Picture, Triage
from leads.registry import Registry
from leads.sight import Legible, Line, Sight
from matchers.engine import MOST_HITS, Engine

MADE = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = date(2026, 12, 22)
OFFER = Listing(
    site="jd",
    ref="1",
    title="老干妈风味豆豉酱 山西老陈醋 5L",
    captured_at=CAPTURED,
    origin="江苏镇江",
    seller={"ref": "9", "name": "老干妈酱菜店"},
)


def exclusion(scope: Scope, subject: str, **more: Any) -> Exclusion:
    facts = {"code": "误识别", "reason": "已核对", "by": "张三", "second": "李四", "until": UNTIL}
    return made(scope, subject, at=MADE, **facts | more)


def of_seller(right: str) -> Exclusion:
    return exclusion(Scope.SELLER, "jd:9", right=right)


def by_right(leads: tuple[Lead, ...]) -> dict[str, Lead]:
    return {lead.right: lead for lead in leads}


@pytest.fixture
def found(engine: Engine) -> dict[str, Lead]:
    leads = by_right(engine.leads(OFFER, NIGHT))
    assert {"laochencu", "laoganma"} <= leads.keys()
    return leads


def test_a_lead_whose_hits_are_all_excluded_is_not_made(
    engine: Engine, found: dict[str, Lead]
) -> None:
    one = of_seller("laochencu")
    matched = engine.excluding([one]).match(OFFER, NIGHT)
    assert by_right(matched.leads) == {r: found[r] for r in found if r != "laochencu"}
    assert matched.exclusions == (one.id,)
    assert engine.match(OFFER, NIGHT).exclusions == ()


def test_a_lead_with_other_hits_left_tells_what_was_excluded(
    engine: Engine, found: dict[str, Lead]
) -> None:
    names = {hit.matcher for hit in found["laoganma"].hits}
    assert len(names) > 1
    first = found["laoganma"].hits[0].matcher
    one = exclusion(Scope.LISTING, "jd 1", right="laoganma", matcher=first)
    lead = by_right(engine.excluding([one]).leads(OFFER, NIGHT))["laoganma"]
    met = [hit for hit in lead.hits if any(d.code is DefenceCode.EXCLUDED for d in hit.defences)]
    assert [hit.matcher for hit in met] == [first]
    assert "张三、李四于2026-11-20决定，有效至2026-12-22" in str(met[0].defences[-1])
    assert lead.hits[-1] == met[0]  # what still counts comes first


def test_what_is_quarantined_is_shown_for_review_and_never_dropped(
    engine: Engine, found: dict[str, Lead]
) -> None:
    flood = quarantine(Scope.RULE, "names", None, reason="一夜900条", at=MADE, until=UNTIL)
    leads = by_right(engine.excluding([flood]).leads(OFFER, NIGHT))
    assert leads.keys() == found.keys()
    assert found["laochencu"].triage is Triage.LEAD
    assert leads["laochencu"].triage is Triage.REVIEW
    assert leads["laochencu"].score == found["laochencu"].score
    assert {d.code for d in leads["laochencu"].hits[0].defences} >= {DefenceCode.QUARANTINED}


@pytest.mark.parametrize(
    ("matched_on", "holds"),
    [
        (MADE - timedelta(days=1), False),
        (MADE, True),
        (datetime(2026, 12, 22, 15, tzinfo=UTC), True),
        (datetime(2026, 12, 22, 17, tzinfo=UTC), False),  # the 23rd in China
    ],
)
def test_an_exclusion_counts_on_the_day_of_matching_whenever_the_listing_was_captured(
    engine: Engine, matched_on: datetime, holds: bool
) -> None:
    quieted = engine.excluding([of_seller("laochencu")])
    assert ("laochencu" not in by_right(quieted.leads(OFFER, matched_on))) is holds


def test_an_exclusion_of_one_right_leaves_all_others_as_they_were(
    engine: Engine, found: dict[str, Lead]
) -> None:
    for right in ("laochencu", "laoganma"):
        leads = by_right(engine.excluding([of_seller(right)]).leads(OFFER, NIGHT))
        assert leads == {other: lead for other, lead in found.items() if other != right}


def test_an_engine_with_exclusions_leaves_the_one_it_came_from_as_it_was(
    engine: Engine, registry: Registry, found: dict[str, Lead]
) -> None:
    one = of_seller("laochencu")
    quieted = engine.excluding([one])
    assert by_right(engine.leads(OFFER, NIGHT)) == found
    assert quieted.leads(OFFER, NIGHT) == Engine(registry, [one]).leads(OFFER, NIGHT)
    assert by_right(quieted.excluding([]).leads(OFFER, NIGHT)) == found


def test_a_name_in_a_picture_is_found_where_the_one_in_the_title_is_excluded(
    engine: Engine,
) -> None:
    picture = "a" * 64
    shown = {
        picture: Sight(
            sha256=picture,
            legible=Legible.OK,
            lines=(Line(text="山西老陈醋", box=(1, 2, 3, 4), score=1),),
        )
    }
    offer = OFFER.model_copy(
        update={"title": "山西老陈醋收藏册", "pictures": (Picture(sha256=picture),)}
    )
    phrase = exclusion(Scope.PHRASE, "山西老陈醋收藏册", right="laochencu")

    def pictured(of: Engine) -> list[Hit]:
        return [hit for hit in of.hits(offer, date(2026, 11, 22), shown) if hit.boxes]

    assert not pictured(engine)
    assert {hit.right for hit in pictured(engine.excluding([phrase]))} == {"laochencu"}


def test_excluded_hits_never_push_others_off_the_list(registry: Registry) -> None:
    pattern = registry.rights["laoganma"]
    rights = {
        f"tm-{n}": pattern.model_copy(update={"id": f"tm-{n}", "name": f"山岭{n:02}号"})
        for n in range(MOST_HITS + 5)
    }
    engine = Engine(Registry.model_validate({**dict(registry), "rights": rights, "users": {}}))
    offer = Listing(
        site="jd",
        ref="1",
        title=" ".join(right.name for right in rights.values()),
        seller=OFFER.seller,
    )
    excluded = [of_seller(f"tm-{n}") for n in range(MOST_HITS)]
    left = {hit.right for hit in engine.excluding(excluded).hits(offer, date(2026, 11, 22))}
    assert {f"tm-{n}" for n in range(MOST_HITS, MOST_HITS + 5)} <= left
