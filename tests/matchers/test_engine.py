"""The engine keeps its promises on any input and under any config."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.faults import ConfigError
from leads.fields import MATCHER_ZH
from leads.model import Bureau, Finding, Listing, Right, RightKind, Seller, Triage
from leads.registry import Article, Law, Registry
from matchers.engine import MOST_HITS, Engine, widened
from matchers.text.watch import PROTECTED

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_a_matcher_without_weight_and_a_weight_without_matcher_are_both_named(
    registry: Registry,
) -> None:
    scoring = registry.scoring.model_copy(update={"matchers": {"astrology": 1.0}})
    with pytest.raises(ConfigError) as error:
        Engine(registry.model_copy(update={"scoring": scoring}))
    assert "matchers.astrology：没有这个匹配器" in str(error.value)
    assert "matchers.names：缺少该匹配器的权重" in str(error.value)


@pytest.mark.parametrize(
    "title",
    ["", "\ud800\udfff", "🍜" * 50, "\u202e傅师康\u202c", "康·師 傅" * 60_000, "康" * 300_000],
    ids=["empty", "lone surrogates", "only emoji", "right to left", "many names", "long"],
)
def test_odd_titles_are_matched_like_others(title: str, engine: Engine, day: date) -> None:
    for hit in engine.hits(Listing(title=title), day):
        for span in hit.spans:
            assert title[span.start : span.end] == span.text


@given(st.text(st.characters()))
def test_any_title_gives_exact_spans(engine: Engine, raw: str) -> None:
    listing = Listing(title=raw + "康·師傅面" + raw, description=raw + "平 遥 牛 肉")
    for hit in engine.hits(listing, NOW.date()):
        for span in hit.spans:
            text = listing.title if span.field == "title" else listing.description
            assert (text or "")[span.start : span.end] == span.text


def test_hits_beyond_the_cap_are_counted_in_the_last_reason(registry: Registry) -> None:
    syllables = "甲乙丙丁戊己庚"
    names = [f"{a}{b}{c}牌" for a in syllables for b in syllables for c in syllables]
    rights = {
        f"r{n}": Right(id=f"r{n}", kind="trademark", name=name) for n, name in enumerate(names)
    }
    engine = Engine(registry.model_copy(update={"rights": rights}))
    hits = engine.hits(Listing(title="、".join(names * 30)), NOW.date())
    assert len(hits) == MOST_HITS
    assert f"共有{len(names)}项命中" in hits[-1].reason


def test_the_same_listing_gives_the_same_hits(registry: Registry, day: date) -> None:
    listing = Listing(title="康师傅 汾酒 平遥牛肉 高仿", origin="河北")
    assert Engine(registry).hits(listing, day) == Engine(registry).hits(listing, day)


def test_a_pseudo_listing_has_no_hits(engine: Engine, day: date) -> None:
    assert engine.hits(Listing(title="康·师·傅 补差价", pseudo=True), day) == ()


def test_hits_cite_the_law_of_the_day(registry: Registry) -> None:
    article = Article(article="第七条", findings=(Finding.BRAND_IDENTICAL,), summary="x")
    laws = {
        "old": Law(
            id="old",
            title="旧法",
            version="2019",
            valid_to=date(2026, 12, 31),
            provisions=(article,),
        ),
        "new": Law(
            id="new",
            title="新法",
            version="2026",
            valid_from=date(2027, 1, 1),
            provisions=(article,),
        ),
    }
    engine = Engine(Registry.model_validate({**dict(registry), "laws": laws}))
    listing = Listing(title="康·师·傅方便面")

    def cited(day: date) -> list[str]:
        return [p.article for hit in engine.hits(listing, day) for p in hit.provisions]

    assert cited(date(2026, 12, 31)) == ["《旧法》（2019）第七条"]
    assert cited(date(2027, 1, 1)) == ["《新法》（2026）第七条"]


def test_a_lead_names_the_bureaus_and_the_day_of_the_law(registry: Registry) -> None:
    bureaus = {
        "140100": Bureau(code="140100", name="太原局", city="太原市"),
        "140700": Bureau(code="140700", name="晋中局", city="晋中市", counties=("平遥县",)),
    }
    engine = Engine(Registry.model_validate({**dict(registry), "bureaus": bureaus}))
    listing = Listing(
        site="m",
        ref="1",
        title="平遥牛肉",
        origin="河北",
        seller=Seller(location="山西 太原"),
        captured_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    (lead,) = engine.leads(listing, NOW)
    assert lead.triage is Triage.LEAD
    assert lead.law_day == date(2026, 3, 1)
    assert [(r.bureau, r.reason) for r in lead.routes] == [
        ("140100", "卖家所在地“山西 太原”"),
        ("140700", "该权利的主管市局"),
    ]


def test_a_listing_without_number_and_address_cannot_become_a_lead(engine: Engine) -> None:
    with pytest.raises(ValueError, match="没有网站代号或编号"):
        engine.leads(Listing(title="康·师·傅方便面"), NOW)


def test_explain_says_what_came_near_and_what_came_of_it(engine: Engine, day: date) -> None:
    told = "\n".join(engine.explain(Listing(title="【康·帅·傅】牛肉面"), day))
    assert "归一化：康帅傅牛肉面" in told
    assert "“康·帅·傅” ~ “康师傅”：字形近似" in told
    assert "结论：优先核查" in told


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("老干妈王 辣酱", "标题“老干妈王”含有“老干妈”：完整包含他人商标 0.72"),
        ("老干妈香辣酱", "标题“老干妈香辣酱”含有“老干妈”：未构成更长的品牌名，不计"),
    ],
)
def test_explain_says_what_holds_a_mark_whole(
    engine: Engine, day: date, title: str, line: str
) -> None:
    assert f"[inclusion] {line}" in list(engine.explain(Listing(title=title), day))


def test_a_wide_engine_shows_more_than_a_nightly_one(registry: Registry, day: date) -> None:
    listing = Listing(title="经典款旧青禾房木椅")
    narrow, wide = Engine(registry).hits(listing, day), Engine(widened(registry)).hits(listing, day)
    assert {hit.right for hit in narrow} <= {hit.right for hit in wide}


def test_marks_beyond_the_protected_ones_are_compared_exactly_where_the_brand_is_stated(
    registry: Registry, day: date
) -> None:
    many = {
        f"m{n}": Right(id=f"m{n}", kind=RightKind.TRADEMARK, name=f"甲{n}号")
        for n in range(PROTECTED)
    }
    last = Right(id="last", kind=RightKind.TRADEMARK, name="远岫堂", classes=(30,))
    engine = Engine(Registry.model_validate({**dict(registry), "rights": many | {"last": last}}))

    def found(**listing: str) -> set[str]:
        return {hit.right for hit in engine.hits(Listing.model_validate(listing), day)}

    assert found(title="糕点", brand="远·岫·堂") == {"last"}
    assert found(title="远·岫·堂 糕点") == set()
    assert found(title="糕点", brand="远柚堂") == set()


def test_every_matcher_has_a_name_that_officers_read(watched: Registry) -> None:
    assert MATCHER_ZH.keys() == watched.scoring.matchers.keys()
