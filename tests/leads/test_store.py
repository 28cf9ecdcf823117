"""The contract of every store: one body of tests, run over each back end."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.model import (
    Defence,
    DefenceCode,
    Finding,
    Hit,
    Judgement,
    Lead,
    Listing,
    Price,
    Route,
    Seller,
    State,
    Triage,
    Verdict,
    Visit,
    lead_id,
)
from leads.query import All, Not, QueryError, parse
from leads.sight import Legible, Line, Sight
from leads.store import Store, StoreError, open_store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
NOTHING = {"sightings": 0, "sights": 0, "exclusions": 0}
CITIES = {"太原市": "140100", "晋中市": "140700"}


def listing(ref: str, **fields: Any) -> Listing:
    return Listing.model_validate(
        {"site": "taobao", "ref": ref, "title": f"商品 {ref}", "captured_at": NIGHT, **fields}
    )


def lead(of: Listing, right: str = "gi-vinegar", **fields: Any) -> Lead:
    hit = Hit(
        right=right,
        name="某老陈醋",
        finding=Finding.GI_NAME,
        matcher="names",
        score=0.9,
        reason="疑似使用地理标志名称",
    )
    site, ref = of.key
    known = {
        "id": lead_id(site, ref, right),
        "right": right,
        "right_name": "某老陈醋",
        "listing": of,
        "triage": Triage.LEAD,
        "score": 0.9,
        "hits": (hit,),
        "law_day": date(2026, 11, 22),
        "found_at": NIGHT,
    }
    return Lead.model_validate({**known, **fields})


def judgement(of: Lead, state: State = State.EXCLUDED, **fields: Any) -> Judgement:
    return Judgement.model_validate(
        {"lead": of.id, "state": state, "reason": "授权使用人", "by": "甲", "at": NIGHT, **fields}
    )


# ---------------------------------------------------------------------------- listings


def test_a_listing_comes_back_as_it_was_seen(store: Store) -> None:
    full = listing(
        "1",
        title="【正宗】老陈醋 ٪_'\"\\ 🍶",
        attributes=(("产地", "某地"), ("品牌", "某牌")),
        price=Price(min=Decimal("9.90"), max=Decimal("1E+2")),
        seller=Seller(ref="7", name="醋坊"),
        pseudo=True,
    )
    store.see(full)
    assert list(store.listings()) == [full]


def test_a_listing_seen_again_is_one_listing_and_the_newer_record_stands(store: Store) -> None:
    newer = listing("1", title="新标题", captured_at=NIGHT + timedelta(days=1))
    store.see(listing("1", title="旧标题"))
    store.see(newer)
    store.see(listing("1", title="更旧", captured_at=NIGHT - timedelta(days=1)))
    assert list(store.listings()) == [newer]
    assert store.totals()["listings"] == 1


def test_listings_come_oldest_first_and_from_a_moment_on(store: Store) -> None:
    days = [3, 1, 2]
    for day in days:
        store.see(listing(str(day), captured_at=NIGHT + timedelta(days=day)))
    assert [found.ref for found in store.listings()] == ["1", "2", "3"]
    beijing = (NIGHT + timedelta(days=2)).astimezone(tz=None)
    assert [found.ref for found in store.listings(since=beijing)] == ["2", "3"]
    assert [found.ref for found in store.listings(since=beijing, site="taobao")] == ["2", "3"]
    assert list(store.listings(site="jd")) == []
    key = listing("2").seller_key
    assert [found.ref for found in store.listings(since=beijing, seller=key)] == ["2", "3"]
    assert list(store.listings(seller="taobao:nobody")) == []


def test_a_listing_that_cannot_be_told_from_others_is_refused(store: Store) -> None:
    for nameless in (Listing(title="x", ref="1"), Listing(title="x", site="jd")):
        with pytest.raises(ValueError, match="无法保存"):
            store.see(nameless)
    with pytest.raises(ValueError, match="时间超出范围"):
        store.see(listing("1", captured_at="0001-01-01T00:00:00+14:00"))
    assert store.totals()["listings"] == 0


def test_a_listing_without_time_of_capture_is_kept_as_seen_now(store: Store) -> None:
    before = datetime.now(UTC)
    timeless = listing("1", captured_at=None)
    store.see(timeless)
    assert list(store.listings(since=before)) == [timeless]


def test_the_address_stands_in_for_a_missing_number(store: Store) -> None:
    unnumbered = Listing(site="shop", url="https://shop.test/1", title="x", captured_at=NIGHT)
    store.see(unnumbered)
    store.see(unnumbered)
    store.see(unnumbered.model_copy(update={"url": "https://shop.test/2"}))
    assert store.totals()["listings"] == 2


# ---------------------------------------------------------------------------- leads


def test_writing_a_lead_twice_is_one_lead(store: Store) -> None:
    first = lead(listing("1"))
    store.put([first, first])
    store.put([first])
    assert list(store.find(All())) == [(first, State.NEW)]
    assert store.totals()["leads"] == 1


def test_a_rematch_brings_the_lead_up_to_date_but_keeps_when_it_was_found(store: Store) -> None:
    store.put([lead(listing("1"))])
    again = lead(
        listing("1", title="另一标题"),
        score=0.5,
        triage=Triage.REVIEW,
        found_at=NIGHT + timedelta(days=9),
    )
    store.put([again])
    kept = store.get(again.id)
    assert kept is not None
    assert kept.lead == again.model_copy(update={"found_at": NIGHT})
    assert store.count(parse("标题:商品")) == 0
    assert store.count(parse("标题:另一标题 分级:待复核 发现时间 <= 2026-11-22")) == 1


def test_an_earlier_finding_moves_the_day_back(store: Store) -> None:
    early = lead(listing("1"), found_at=NIGHT - timedelta(days=9))
    store.put([lead(listing("1"))])
    store.put([early])
    kept = store.get(early.id)
    assert kept is not None
    assert kept.lead.found_at == early.found_at


def test_a_judgement_outlives_a_rematch(store: Store) -> None:
    found = lead(listing("1"))
    store.put([found])
    store.judge(judgement(found))
    store.put([lead(listing("1"), score=0.4)])
    kept = store.get(found.id)
    assert kept is not None
    assert (kept.state, kept.lead.score) == (State.EXCLUDED, 0.4)
    assert [j.reason for j in store.judgements(found.id)] == ["授权使用人"]


def test_judgements_follow_one_another_and_the_last_one_stands(store: Store) -> None:
    found, other = lead(listing("1")), lead(listing("2"))
    store.put([found, other])
    states = [State.PENDING, State.EXCLUDED, State.PENDING, State.ASSIGNED]
    for state in states:
        store.judge(judgement(found, state))
    assert [j.state for j in store.judgements(found.id)] == states
    assert [standing.state for standing in store.find(parse("状态:已交办"))] == [State.ASSIGNED]
    assert store.count(parse("状态:待研判")) == 0
    assert store.judgements(other.id) == []


def test_a_judgement_on_an_unknown_lead_is_refused(store: Store) -> None:
    with pytest.raises(KeyError):
        store.judge(judgement(lead(listing("1"))))
    assert store.totals()["judgements"] == 0


def test_a_rematch_drops_what_it_no_longer_finds_but_nothing_judged_or_kept(store: Store) -> None:
    offer = listing("1")
    rights = ["kept", "judged", "gone", "unasked"]
    kept, judged, gone, unasked = (lead(offer, right) for right in rights)
    other = lead(listing("2"), "gone")
    store.put([kept, judged, gone, unasked, other])
    store.judge(judgement(judged, State.NEW))
    assert store.drop([("taobao", "1")], keep=[kept.id], rights=["kept", "judged", "gone"]) == 1
    left = {standing.lead.id for standing in store.find(All())}
    assert left == {kept.id, judged.id, unasked.id, other.id}
    assert store.drop([("taobao", "1")], keep=[], rights=None) == 2
    assert store.drop([("TAOBAO", "2")], keep=[], rights=None) == 0
    assert store.count(parse("权利:gone")) == 1


def test_an_unknown_lead_is_none(store: Store) -> None:
    assert store.get("L000000000000") is None
    assert store.judgements("L000000000000") == []


# ---------------------------------------------------------------------------- finding


def test_leads_come_strongest_first_and_page_by_page(store: Store) -> None:
    leads = [
        lead(listing("1"), score=0.7, triage=Triage.LEAD),
        lead(listing("2"), score=0.95, triage=Triage.REVIEW),
        lead(listing("3"), score=0.9, triage=Triage.LEAD),
        lead(listing("4"), score=0.9, triage=Triage.LEAD),
        lead(listing("5"), score=0.99, triage=Triage.NONE),
    ]
    store.put(leads)
    third, fourth = sorted((leads[2], leads[3]), key=lambda found: found.id)
    order = [third, fourth, leads[0], leads[1], leads[4]]
    assert [standing.lead for standing in store.find(All())] == order
    assert [standing.lead for standing in store.find(All(), limit=2)] == order[:2]
    pages = [store.search(All(), limit=2)]
    while pages[-1].after:
        pages.append(store.search(All(), after=pages[-1].after, limit=2))
    assert [standing.lead for page in pages for standing in page.leads] == order
    assert [len(page.leads) for page in pages] == [2, 2, 1]


def test_leads_may_change_while_they_are_read(store: Store) -> None:
    leads = [lead(listing(str(number))) for number in range(20)]
    store.put(leads)
    seen = []
    for standing in store.find(All()):
        store.judge(judgement(standing.lead))
        store.put([lead(listing(f"new {standing.lead.id}"))])
        seen.append(standing.lead.id)
    assert sorted(seen) == sorted(found.id for found in leads)
    assert store.count(All()) == 40


VINEGAR = lead(
    listing(
        "V1",
        title="正宗【老 陈·醋】５Ｌ装 NIKE-Air 50%_off",
        description="山里的醋",
        attributes=(("产地", "江苏镇江"), ("品牌", "某牌")),
        brand="某牌",
        price=Price(min=Decimal("19.90"), max=Decimal("39.90")),
        seller=Seller(
            ref="s7", name="醋坊旗舰店", company="太原某醋业有限公司", uscc="91140100MA0000000X"
        ),
        origin="江苏镇江",
        ships_from="浙江杭州",
        factory="江苏丹阳",
        category=("食品", "调味品"),
    ),
    routes=(
        Route(bureau="140100", reason="企业住所在太原"),
        Route(bureau="140700", reason="权利保护地在晋中"),
    ),
    hits=(
        Hit(
            right="gi-vinegar",
            name="某老陈醋",
            finding=Finding.GI_ORIGIN,
            matcher="origin",
            score=0.9,
            reason="所称产地疑似不在保护范围",
            defences=(Defence(code=DefenceCode.DELIVERY_PLACE, detail="核对厂址"),),
        ),
    ),
)
NOODLES = lead(
    listing("n2", site="jd", title="陈年老面", kind="exhibit"),
    "tm-noodles",
    right_name="面师傅",
    score=0.6,
    triage=Triage.REVIEW,
    found_at=NIGHT + timedelta(days=1),
)
BARE = lead(listing("x3", title="——", captured_at=None), "sign", right_name="某标志", score=0.3)

ANSWERS = [
    ("", "VNB"),
    ("标题:老陈醋", "V"),
    ('标题:"陈 醋"', "V"),
    ("标题:陈老", ""),
    ("标题:陈", "VN"),
    ("标题:nike标题", ""),
    ("标题:nike", "V"),
    ("标题:nik", ""),
    ("标题:nik*", "V"),
    ("标题:ｎｉｋｅ", "V"),
    ('标题:"nike air"', "V"),
    ("标题:5l", "V"),
    ('标题:"50% off"', "V"),
    ("标题:5%装", ""),
    ("镇江", "V"),
    ('"旗舰店 太原"', ""),
    ("太原 AND 杭州", "V"),
    ("地理标志", "NB"),
    ("店铺:醋坊 企业:醋业", "V"),
    ("产地:江苏 发货地:浙江 厂址:丹阳 类目:调味 品牌:某 参数:镇江", "V"),
    ("原因:保护范围", "V"),
    ("抗辩:发货地", "V"),
    ("描述:山里", "V"),
    ("权利:面师傅", "N"),
    ("权利:TM-noodles", "N"),
    ("权利:gi-*", "V"),
    ("平台:taobao", "VB"),
    ("平台:J*", "N"),
    ("平台:%", ""),
    ("平台:_d", ""),
    ("平台:_*", ""),
    (f"编号:{VINEGAR.id.lower()}", "V"),
    ("编号:N2", "N"),
    ("类型:展品", "N"),
    ("信用代码:91140100ma0000000x", "V"),
    ("店铺编号:s7", "V"),
    ("发现:gi.origin", "V"),
    ("发现:gi", "VNB"),
    ("匹配:NAMES", "NB"),
    ("城市:太原", "V"),
    ("城市:晋中", "V"),
    ("城市:1401*", "V"),
    ("城市:*", "V"),
    ("NOT 城市:太原", "NB"),
    ("分级:待复核", "N"),
    ("状态:新发现", "VB"),
    ("状态:排除", "N"),
    ("NOT 状态:排除", "VB"),
    ("分数 >= 0.6", "VN"),
    ("分数 > 0.6", "V"),
    ("分数:0.3", "B"),
    ("价格 < 20", "V"),
    ("NOT 价格 < 20", "NB"),
    ("价格:*", "V"),
    ("企业:*", "V"),
    ("NOT 企业:*", "NB"),
    ("标题:*", "VN"),
    ("发现时间:2026-11-22", "VB"),
    ("发现时间 > 2026-11-22", "N"),
    ("发现时间 < 2026-11-23T09:30", "VB"),
    ("采集时间:*", "VN"),
    ("NOT 采集时间 >= 2026", "B"),
    ("NOT 店铺编号:s7", "NB"),
    ("NOT 标题:nik*", "NB"),
    ("平台:jd OR 分数 < 0.5", "NB"),
    ("NOT (平台:jd OR 分数 < 0.5)", "V"),
]


@pytest.fixture(scope="module", params=["sqlite", "elastic"])
def three(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store of each back end with three leads, one of them excluded; only to be read."""
    url = f"sqlite:///{tmp_path_factory.mktemp('three')}/markwatch.db"
    if request.param == "elastic":
        url = request.getfixturevalue("elastic_stores")()
    with open_store(url) as store:
        store.put([VINEGAR, NOODLES, BARE])
        store.judge(judgement(NOODLES))
        yield store


@pytest.mark.parametrize(("asked", "fits"), ANSWERS, ids=[asked for asked, _ in ANSWERS])
def test_a_query_finds_what_fits_and_nothing_else(three: Store, asked: str, fits: str) -> None:
    names = {VINEGAR.id: "V", NOODLES.id: "N", BARE.id: "B"}
    query = parse(asked, CITIES)
    found = [names[standing.lead.id] for standing in three.find(query)]
    assert sorted(found) == sorted(fits)
    assert three.count(query) == len(fits)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from([asked for asked, _ in ANSWERS if asked]), min_size=1, max_size=5))
def test_every_lead_fits_a_query_or_its_negation(three: Store, asked: list[str]) -> None:
    query = parse(" OR ".join(f"({part})" for part in asked), CITIES)
    assert three.count(query) + three.count(Not(query)) == 3


def test_a_query_as_large_as_the_language_allows_is_answered(three: Store) -> None:
    assert three.count(parse(" OR ".join(["醋"] * 200))) == 1
    assert three.count(parse("not (" * 10 + "醋" + ")" * 10)) == 1


HOSTILE = [
    "'; DROP TABLE lead; --",
    '" OR 1=1',
    "100%_\\%",
    "a\x00b",
    "\u202e反转\u2066",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "𠮷野家 👨‍👩‍👧",
    "康" * 10_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_come_back_unchanged_and_are_found_by_themselves(
    store: Store, text: str
) -> None:
    nasty = lead(
        listing(text, site=text, title=text, seller=Seller(name=text, ref=text)),
        right_name=text,
    )
    store.put([nasty, lead(listing("other"))])
    store.see(nasty.listing)
    store.judge(judgement(nasty, reason=text, by=text))
    assert store.get(nasty.id) == (nasty, State.EXCLUDED)
    assert list(store.listings()) == [nasty.listing]
    assert store.judgements(nasty.id)[0].reason == text
    quoted = text[:50].replace("\\", "\\\\").replace('"', '\\"')
    try:
        query = parse(f'商品编号:"{quoted}"')
    except QueryError:
        assert "\x00" in text
    else:
        assert store.count(query) == (len(text) <= 50)
    assert store.drop([(text, text)], keep=[], rights=None) == 0
    assert store.totals() == {"listings": 1, "leads": 2, "judgements": 1, "visits": 0, **NOTHING}


# ---------------------------------------------------------------------------- visits


def test_visits_come_oldest_first_and_from_a_moment_on(store: Store) -> None:
    visits = [
        Visit(
            site="jd",
            url="https://shop.test/",
            verdict=Verdict.BLOCKED,
            reason="验证码",
            at=NIGHT + timedelta(hours=hour),
        )
        for hour in range(3)
    ]
    for visit in (visits[2], visits[0], visits[1]):
        store.visit(visit)
    assert list(store.visits()) == visits
    assert list(store.visits(since=visits[1].at)) == visits[1:]


# ---------------------------------------------------------------------------- pictures


def sight(number: int, **fields: Any) -> Sight:
    known = {"sha256": f"{number:064x}", "legible": Legible.OK, "width": 800, "height": 800}
    return Sight.model_validate({**known, **fields})


def test_what_a_picture_shows_is_kept_and_the_last_word_stands(store: Store) -> None:
    first, other = sight(1), sight(2, legible=Legible.REFUSED, reason="不是图片")
    again = sight(1, bank="2", lines=(Line(text="老陈醋", box=(1, 2, 3, 4), score=0.9),), read=True)
    for one in (first, other, again):
        store.keep_sight(one)
    many = [f"{number:064x}" for number in range(1500)]
    assert store.sights(many) == {again.sha256: again, other.sha256: other}
    assert store.sights([]) == {}


# ---------------------------------------------------------------------------- endurance


def test_everything_is_there_after_closing_and_opening_again(url: str) -> None:
    with open_store(url) as first:
        first.see(VINEGAR.listing)
        first.put([VINEGAR])
        first.judge(judgement(VINEGAR))
    with open_store(url) as second:
        assert list(second.listings()) == [VINEGAR.listing]
        assert second.get(VINEGAR.id) == (VINEGAR, State.EXCLUDED)
        assert second.totals() == {
            "listings": 1,
            "leads": 1,
            "judgements": 1,
            "visits": 0,
            **NOTHING,
        }


WRITER = """
import sys
from leads.model import Judgement, Lead
from leads.store import open_store

url, start, count, batch = sys.argv[1], *map(int, sys.argv[2:])
pattern = Lead.model_validate_json(sys.stdin.readline())
with open_store(url) as store:
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(start, start + count, batch):
        ids = [f"L{n:012x}" for n in range(number, number + batch)]
        store.put(pattern.model_copy(update={"id": lead}) for lead in ids)
        store.see(pattern.listing.model_copy(update={"ref": str(number)}))
        store.judge(Judgement(lead=ids[0], state="排除", reason="x", by="y", at=pattern.found_at))
        print(number, flush=True)
"""


def writer(url: str, start: int, count: int, batch: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(start), str(count), str(batch)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(VINEGAR.model_dump_json() + "\n")
    process.stdin.flush()
    return process


def test_a_killed_process_loses_nothing_that_was_acknowledged(url: str) -> None:
    process = writer(url, 0, 1_000_000, 10)
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "open\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        acknowledged = [int(process.stdout.readline()) for _ in range(20)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
    with open_store(url) as store:
        for number in acknowledged:
            first = store.get(f"L{number:012x}")
            assert first is not None
            assert first.state is State.EXCLUDED
            assert store.get(f"L{number + 9:012x}") is not None
        assert store.totals()["listings"] >= len(acknowledged)
        assert store.totals()["leads"] % 10 == 0


def test_two_processes_write_at_once_even_to_a_new_store(url: str) -> None:
    processes = [writer(url, start, 200, 5) for start in (0, 100)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "open\n"
    for process in processes:
        _, _ = process.communicate("go\n")
        assert process.returncode == 0
    with open_store(url) as store:
        assert store.totals() == {
            "listings": 60,
            "leads": 300,
            "judgements": 80,
            "visits": 0,
            **NOTHING,
        }


def test_an_unknown_kind_of_store_is_refused() -> None:
    for address in ("mysql:///x", "sqlite:///", "markwatch.db"):
        with pytest.raises(StoreError, match="不认识的存储地址"):
            open_store(address)
