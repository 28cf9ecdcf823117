"""Exclusions: who may decide what for how long, and which hits they meet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.excluding import SAMPLE, InForce, excessive, meeting, sampled
from leads.exclusions import (
    Exclusion,
    ExclusionError,
    Scope,
    check,
    defence,
    expiring,
    lifted,
    made,
    newer,
    quarantine,
)
from leads.model import (
    Box,
    DefenceCode,
    Finding,
    Hit,
    Listing,
    Right,
    RightKind,
    Span,
    Triage,
)
from leads.sight import Legible, MatchKind, PictureMatch, Sight

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
DAY = date(2026, 11, 22)
TWO = {"by": "张三", "second": "李四", "until": DAY + timedelta(days=90)}


def exclusion(scope: str, subject: str, **more: Any) -> Exclusion:
    facts = {"code": "误识别", "reason": "店名，与该商标无关", "by": "张三", "at": NIGHT}
    return made(Scope(scope), subject, **facts | more)


# ---------------------------------------------------------------------------- who may decide what

REFUSED = [
    ("listing", "taobao 1", {"reason": " "}, "理由和决定人不能为空"),
    ("listing", "taobao 1", {"code": "不喜欢"}, "没有原因码 '不喜欢'；可用：授权使用、"),
    ("listing", "taobao", {}, "网站代号 商品编号"),
    ("listing", "taobao 1", {"second": " 张 三"}, "不能是同一人"),
    ("listing", "taobao 1", {"by": "markwatch"}, "机器只能暂缓"),
    ("listing", "taobao 1", {"until": date(2026, 11, 21)}, "早于决定之日"),
    ("seller", "taobao:9", {**TWO}, "须写明针对哪一项权利"),
    ("seller", "taobao:9", {**TWO, "right": "gi", "second": None}, "店铺须两人决定"),
    ("seller", "taobao:9", {**TWO, "right": "gi", "until": None}, "须写明有效期"),
    ("seller", "taobao:9", {**TWO, "right": "gi", "until": date(2027, 11, 24)}, "于 2027-11-23"),
    ("seller", "taobao:9", {**TWO, "right": "gi", "second": "markwatch"}, "须是执法人员"),
    ("picture", "a" * 64, {"until": date(2027, 1, 1)}, "图片须两人决定"),
    ("phrase", "老陈记", {**TWO}, "限于一项权利或一种匹配规则"),
    ("rule", "names", {**TWO}, "只能降为待复核"),
    ("rule", "names", {**TWO, "effect": Triage.REVIEW, "code": "准确率低", "matcher": "latin"},
     "规则与匹配规则不一致"),
    ("rule", "names", {**TWO, "effect": Triage.LEAD}, "没有原因码"),
]  # fmt: skip


@pytest.mark.parametrize(("scope", "subject", "more", "told"), REFUSED)
def test_what_breaks_a_rule_of_the_house_is_refused_with_the_reason(
    scope: str, subject: str, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(ExclusionError, match=told):
        exclusion(scope, subject, **more)


ALLOWED = [
    ("listing", "taobao 1", {}),
    ("seller", "taobao:9", {**TWO, "right": "gi", "code": "授权使用"}),
    ("seller", "taobao:9", {**TWO, "right": "gi", "until": date(2027, 11, 23)}),
    ("picture", "photos/gi/1.jpg", {**TWO}),
    ("phrase", "老陈记", {**TWO, "matcher": "imitation"}),
    ("rule", "imitation", {**TWO, "effect": Triage.REVIEW, "code": "准确率低"}),
]


@pytest.mark.parametrize(("scope", "subject", "more"), ALLOWED)
def test_what_keeps_to_the_rules_is_made_and_has_one_id(
    scope: str, subject: str, more: dict[str, Any]
) -> None:
    one = exclusion(scope, subject, **more)
    assert one == exclusion(scope, subject, **more)
    assert one.id != exclusion(scope, subject, **more, **{"at": NIGHT + timedelta(1)} | {}).id
    assert Exclusion.model_validate_json(one.model_dump_json()) == one


def test_the_machine_quarantines_for_a_while_and_never_excludes() -> None:
    flood = quarantine(Scope.RULE, "imitation", "tm-x", reason="一夜 900 条", at=NIGHT, until=DAY)
    assert (flood.by, flood.effect, flood.second) == ("markwatch", Triage.REVIEW, None)
    assert defence(flood).code is DefenceCode.QUARANTINED
    with pytest.raises(ExclusionError, match="机器只能暂缓"):
        made(
            Scope.PICTURE, "a" * 64, code="误识别", reason="x", by="markwatch", at=NIGHT, until=DAY
        )


def test_it_holds_from_the_day_it_was_made_to_its_last_in_china() -> None:
    one = exclusion("phrase", "老陈记", **{**TWO, "until": date(2026, 11, 25)}, right="tm")
    late = one.model_copy(update={"at": datetime(2026, 11, 22, 17, tzinfo=UTC)})
    assert [late.in_force(DAY + timedelta(days=n)) for n in range(5)] == [
        False, True, True, True, False,
    ]  # fmt: skip
    gone = lifted(one, by="王五", reason="该店已更名", at=NIGHT + timedelta(days=1))
    assert [gone.in_force(DAY + timedelta(days=n)) for n in range(2)] == [True, False]


def test_it_is_lifted_once_and_with_a_reason() -> None:
    one = exclusion("listing", "taobao 1")
    with pytest.raises(ExclusionError, match="不能为空"):
        lifted(one, by="王五", reason=" ", at=NIGHT)
    gone = lifted(one, by="王五", reason="有误", at=NIGHT)
    with pytest.raises(ExclusionError, match="已由王五解除"):
        lifted(gone, by="王五", reason="有误", at=NIGHT)
    assert newer(gone, one) == gone
    assert newer(one, gone) == newer(None, gone) == gone


def test_what_ends_soon_is_told_the_first_to_end_first() -> None:
    ends = [exclusion("listing", f"t {n}", until=DAY + timedelta(days=n)) for n in (9, 40, 2)]
    gone = lifted(ends[2], by="王五", reason="有误", at=NIGHT)
    assert expiring([*ends, exclusion("listing", "t x")], DAY, 30) == [ends[2], ends[0]]
    assert expiring([ends[0], gone], DAY, 30) == [ends[0]]


def test_the_answer_to_a_hit_says_who_when_until_when_and_why() -> None:
    one = exclusion("phrase", "老陈记", **TWO, right="tm")
    assert str(defence(one)) == (
        "已有排除决定：按词语，误识别，店名，与该商标无关；"
        f"张三、李四于2026-11-22决定，有效至2027-02-20（{one.id}）"
    )


def test_an_exclusion_names_what_is_watched_and_does_not_end_the_watching() -> None:
    right = Right(id="tm", kind=RightKind.TRADEMARK, name="老陈", aliases=("Lao Chen",))
    for one, told in (
        (exclusion("listing", "t 1", right="gi"), "没有权利 'gi'"),
        (exclusion("listing", "t 1", matcher="lates"), "没有匹配规则 'lates'；可用：latin、names"),
        (exclusion("rule", "lates", **TWO, **REVIEW), "没有匹配规则"),
        (exclusion("phrase", "ＬＡＯ chen", **TWO, right="tm"), "等于不再监测"),
    ):
        with pytest.raises(ExclusionError, match=told):
            check(one, {"tm": right}, {"names", "latin"})
    for one in (PHRASE, exclusion("rule", "names", **TWO, **REVIEW)):
        check(one, {"tm": right}, {"names", "latin"})


# ---------------------------------------------------------------------------- which hits

A, B = "a" * 64, "b" * 64
SELLER = {"ref": "9", "name": "老陈记面馆"}
OFFER = Listing.model_validate(
    {
        "site": "taobao",
        "ref": "1",
        "title": "老陈记手工醋 老陈香醋",
        "origin": "江苏镇江",
        "attributes": [["产地", "江苏"], ["品牌", "老陈记"]],
        "seller": SELLER,
    }
)


def span(start: int, length: int = 2, field: str = "title") -> Span:
    return Span(field=field, start=start, end=start + length, text="老陈")


def box(picture: str, x: int = 0) -> Box:
    return Box(picture=picture, box=(x, 0, 9, 9))


def hit(*places: Span | Box, **more: Any) -> Hit:
    facts = {
        "right": "tm", "name": "老陈", "finding": Finding.BRAND_IMITATION, "matcher": "imitation",
        "score": 0.9, "reason": "疑似", "spans": [p for p in places if isinstance(p, Span)],
        "boxes": [p for p in places if isinstance(p, Box)],
    }  # fmt: skip
    return Hit.model_validate(facts | more)


def match(right: str, source: str, x: int = 0) -> PictureMatch:
    quad = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    return PictureMatch(
        kind=MatchKind.COPY, right=right, source=source, score=0.9, reason="疑似",
        box=(x, 0, 9, 9), quad=quad, source_quad=quad, share=1, scale=1, inliers=9, certain=True,
    )  # fmt: skip


SIGHTS = {
    A: Sight(
        sha256=A, legible=Legible.OK,
        matches=(match("tm", "photos/tm/1.jpg"), match("gi", "photos/gi/1.jpg")),
    ),
    B: Sight(sha256=B, legible=Legible.OK, matches=(match("tm", "photos/tm/2.jpg"),)),
}  # fmt: skip
REVIEW = {"effect": Triage.REVIEW, "code": "准确率低"}
PHRASE = exclusion("phrase", "老陈记", **TWO, right="tm")

MET = [
    ("this listing", exclusion("listing", "taobao 1"), hit(span(0)), True),
    ("another listing", exclusion("listing", "taobao 2"), hit(span(0)), False),
    ("this listing, other right", exclusion("listing", "taobao 1", right="gi"), hit(), False),
    ("this seller", exclusion("seller", "taobao:9", **TWO, right="tm"), hit(span(0)), True),
    ("its other right", exclusion("seller", "taobao:9", **TWO, right="gi"), hit(span(0)), False),
    ("wrong origin in spite of a licence",
     exclusion("seller", "taobao:9", **TWO, right="tm", code="授权使用"),
     hit(span(0), finding=Finding.GI_ORIGIN), False),
    ("the rule", exclusion("rule", "imitation", **TWO, **REVIEW), hit(span(0)), True),
    ("another rule", exclusion("rule", "names", **TWO, **REVIEW), hit(span(0)), False),
    ("within the phrase", PHRASE, hit(span(0)), True),
    ("the whole phrase", PHRASE, hit(span(0, 3)), True),
    ("more than the phrase", PHRASE, hit(span(0, 4)), False),
    ("another place", PHRASE, hit(span(7)), False),
    ("one of two places", PHRASE, hit(span(0), span(7)), False),
    ("in both fields", PHRASE, hit(span(0), span(0, field="attributes.1")), True),
    ("in the shop's name", PHRASE, hit(span(0, field="seller.name")), True),
    ("the phrase of another matcher",
     exclusion("phrase", "老陈记", **TWO, matcher="names"), hit(span(0)), False),
    ("beside a stated origin", PHRASE,
     hit(span(0), span(0, field="origin"), span(0, field="attributes.0"),
         finding=Finding.GI_ORIGIN), True),
    ("a claim without a place", PHRASE, hit(), False),
    ("a field that is not there", PHRASE, hit(span(0, field="attributes.9")), False),
    ("in a picture as well", PHRASE, hit(span(0), box(A)), False),
    ("the picture", exclusion("picture", A, **TWO), hit(box(A)), True),
    ("one of two pictures", exclusion("picture", A, **TWO), hit(box(A), box(B)), False),
    ("the reference", exclusion("picture", "photos/tm/1.jpg", **TWO), hit(box(A)), True),
    ("another right's reference", exclusion("picture", "photos/gi/1.jpg", **TWO), hit(box(A)),
     False),
    ("a reference met elsewhere", exclusion("picture", "photos/tm/1.jpg", **TWO), hit(box(A, 5)),
     False),
]  # fmt: skip


@pytest.mark.parametrize(("one", "on", "met"), [m[1:] for m in MET], ids=[m[0] for m in MET])
def test_an_exclusion_meets_what_it_is_about_and_nothing_else(
    one: Exclusion, on: Hit, met: bool
) -> None:
    assert InForce([one], DAY).on(on, OFFER, SIGHTS) == ((one,) if met else ())


def test_phrases_and_pictures_meet_a_hit_together() -> None:
    several = [
        PHRASE,
        exclusion("phrase", "老陈香醋", **TWO, right="tm"),
        exclusion("picture", A, **TWO),
        exclusion("picture", "photos/tm/2.jpg", **TWO),
    ]
    whole = hit(span(0), span(7), box(A), box(B))
    assert set(InForce(several, DAY).on(whole, OFFER, SIGHTS)) == set(several)
    for left_out in several:
        others = [one for one in several if one != left_out]
        assert InForce(others, DAY).on(whole, OFFER, SIGHTS) == ()


def test_what_is_partly_only_quarantined_is_not_hidden() -> None:
    flood = quarantine(Scope.PICTURE, B, None, reason="过多", at=NIGHT, until=DAY)
    excluded = exclusion("picture", A, **TWO)
    assert InForce([flood, excluded], DAY).on(hit(box(A), box(B)), OFFER, SIGHTS) == ()


PLACES = st.lists(
    st.one_of(
        st.sampled_from([span(0), span(7), span(0, 3), span(0, field="seller.name")]),
        st.sampled_from([box(A), box(B), box(A, 5)]),
    ),
    max_size=3,
    unique_by=str,
)
HITS = st.builds(
    lambda places, right, matcher: hit(*places, right=right, matcher=matcher),
    PLACES,
    st.sampled_from(["tm", "gi"]),
    st.sampled_from(["imitation", "copies"]),
)


@given(
    chosen=st.lists(st.sampled_from([m[1] for m in MET]), max_size=12),
    on=HITS,
    day=st.sampled_from([DAY, DAY - timedelta(days=1), DAY + timedelta(days=91)]),
)
def test_the_index_finds_what_plain_reading_of_all_finds(
    chosen: list[Exclusion], on: Hit, day: date
) -> None:
    plain = meeting([one for one in chosen if one.in_force(day)], on, OFFER, SIGHTS)
    assert InForce(chosen, day).on(on, OFFER, SIGHTS) == plain
    assert InForce(reversed(chosen), day).on(on, OFFER, SIGHTS) == plain


# ---------------------------------------------------------------------------- looked at again


def test_about_one_in_twenty_is_looked_at_again_the_same_all_month() -> None:
    offers = [OFFER.model_copy(update={"ref": str(n)}) for n in range(4000)]
    november = [one.ref for one in offers if sampled(one, DAY)]
    assert len(november) == pytest.approx(4000 / SAMPLE, rel=0.2)
    assert november == [one.ref for one in offers if sampled(one, DAY.replace(day=1))]
    december = [one.ref for one in offers if sampled(one, date(2026, 12, 1))]
    assert len(set(november) & set(december)) < 40


def test_an_exclusion_that_meets_too_many_listings_is_named() -> None:
    one, other = exclusion("picture", A, **TWO), exclusion("picture", B, **TWO)
    flood = quarantine(Scope.PICTURE, A, None, reason="过多", at=NIGHT, until=DAY)
    counts = {one.id: 200, other.id: 201, flood.id: 900}
    (told,) = excessive(counts, [one, other, flood], 200)
    assert f"{other.id}（张三、李四，误识别）涉及 201 条商品" in told
