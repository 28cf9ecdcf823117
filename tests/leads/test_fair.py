"""A fair's exhibitors are held against what is known of them, and let go when the time is over."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leads.booths import Entry, added, complained_lead, complaint, exhibit
from leads.complainants import Complainants
from leads.exhibitors import Exhibitor, exhibitors, named, reference, same_firm
from leads.fair import Fair, Phase
from leads.faults import ConfigError
from leads.model import Judgement, Lead, Listing, Seller, State, Triage
from leads.registry import Registry
from leads.risks import risks
from leads.risks import watched as after
from leads.seasonal import fair_addition, fairs_of
from leads.site import Site
from leads.states import COMPLAINT, MoveError
from leads.store import Store, open_store

FAIR = Fair(
    id="some-fair",
    name="某展会",
    place="某馆",
    first=date(2026, 11, 20),
    last=date(2026, 11, 22),
    site="fair",
    watch_days=60,
)
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    """An empty embedded store; what is asked of it here the contract tests ask of every store."""
    with open_store(f"sqlite:///{tmp_path}/markwatch.db") as opened:
        yield opened


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        ("2026-11-19", Phase.BEFORE),
        ("2026-11-20", Phase.DURING),
        ("2026-11-22", Phase.DURING),
        ("2026-11-23", Phase.AFTER),
        ("2027-01-21", Phase.AFTER),
        ("2027-01-22", Phase.OVER),
    ],
)
def test_a_fair_is_before_during_after_and_then_over(day: str, phase: Phase) -> None:
    assert FAIR.phase(date.fromisoformat(day)) is phase


def shown(company: str | None, title: str = "展品", booth: str = "A1", **fields: Any) -> Listing:
    seller = {"company": company, "name": company, **fields.pop("seller", {})}
    listing = Listing.model_validate(
        {
            "site": "fair",
            "kind": "exhibit",
            "title": title,
            "attributes": [("展位号", booth)],
            "seller": seller,
            "captured_at": NOW,
            **fields,
        }
    )
    return listing.model_copy(update={"ref": reference(listing)})


CODE, OTHER = "91140100MA0AAAAA01", "91410103MA40000000"


def test_exhibits_of_one_firm_are_one_exhibitor_however_it_is_written() -> None:
    (firm,) = exhibitors(
        [
            shown("甲地食品（集团）有限公司", "醋", brand="甲牌"),
            shown("甲地食品(集团)有限公司 ", "酱", booth="A2"),
            shown("甲地食品（集团）有限公司", "酒", seller={"uscc": CODE}),
            shown(None, "没有主人"),
        ]
    )
    assert firm.key == firm.uscc == CODE
    assert (firm.booths, firm.brands, len(firm.exhibits)) == (("A1", "A2"), ("甲牌",), 3)
    assert firm.queries == ("甲地食品（集团）有限公司", "甲牌")


def test_an_exhibit_has_one_number_however_often_it_is_told() -> None:
    same = [shown("甲 公司", "醋 礼盒"), shown("甲公司", "醋礼盒", booth="Ａ1")]
    other = [
        shown("甲公司", "酱"),
        shown("乙公司", "醋礼盒"),
        shown("甲公司", "醋礼盒", booth="A2"),
    ]
    assert len({one.ref for one in same}) == 1
    assert len({one.ref for one in (*same, *other)}) == 4


FIRM = Exhibitor(key="k", name="甲地醋业有限公司", shop="甲地老醋坊")
CODE_ALIKE = "统一社会信用代码相同"
SELLERS = [
    (FIRM, {"company": "甲地醋業有限公司"}, "企业名称相同"),
    (FIRM, {"name": "甲地老醋坊"}, "店铺名称相同（可能同名）"),
    (FIRM, {"company": "乙地醋业有限公司"}, None),
    (FIRM, {"name": None}, None),
    (FIRM.model_copy(update={"shop": "醋坊"}), {"name": "醋坊"}, None),  # too short to tell
    (FIRM.model_copy(update={"uscc": CODE}), {"uscc": CODE, "company": "x"}, CODE_ALIKE),
    (FIRM.model_copy(update={"uscc": CODE}), {"uscc": OTHER, "company": FIRM.name}, None),
    (FIRM.model_copy(update={"uscc": CODE}), {"company": FIRM.name}, "企业名称相同"),
]  # fmt: skip


@pytest.mark.parametrize(("firm", "seller", "basis"), SELLERS)
def test_a_seller_is_the_exhibitor_only_for_a_reason_that_can_be_told(
    firm: Exhibitor, seller: dict[str, Any], basis: str | None
) -> None:
    assert same_firm(firm, Seller.model_validate(seller)) == basis


# ---------------------------------------------------------------------------- the risk list


@pytest.fixture
def known(kept: Store, a_lead: Callable[..., Lead]) -> Store:
    """A fair of five firms, and leads that speak of four of them."""
    firms = (
        "甲地醋业有限公司",
        "乙地商贸有限公司",
        "丙地食品有限公司",
        "丁地酒业有限公司",
        "戊地文具有限公司",
    )
    for number, firm in enumerate(firms):
        code = {"seller": {"uscc": CODE}} if number == 0 else {}
        kept.see(shown(firm, f"展品{number}", booth=f"A{number}", **code))

    def put(ref: str, seller: dict[str, Any], *states: State, **fields: Any) -> None:
        lead = a_lead(ref, listing={"seller": seller, **fields.pop("listing", {})}, **fields)
        kept.put([lead])
        for hour, state in enumerate(states):
            at = NOW + timedelta(hours=hour)
            kept.judge(Judgement(lead=lead.id, state=state, reason="理由", by="甲", at=at))

    s = State
    put("1", {"uscc": CODE, "company": "甲地醋业厂"}, s.PENDING, s.CHECKING, s.FILED)
    put("2", {"uscc": CODE, "company": "甲地醋业厂"}, s.EXCLUDED)
    put("3", {"company": firms[1]})
    put("4", {"name": firms[1]}, s.PENDING)
    put("5", {"company": f"{firms[1]}太原分公司"})
    for number, triage in ((2, Triage.LEAD), (3, Triage.REVIEW)):
        listing = shown(firms[number], f"展品{number}", booth=f"A{number}")
        fields = listing.model_dump(exclude={"ref"})
        kept.put([a_lead(listing.key[1], listing=fields, triage=triage, right="gi-a")])
    return kept


def test_the_list_names_first_whom_an_authority_took_up(known: Store) -> None:
    found = risks(FAIR, known)
    counts = [
        (r.exhibitor.name[0], *map(len, (r.confirmed, r.earlier, r.suspected, r.doubtful)), r.any)
        for r in found
    ]
    assert counts == [
        ("甲", 1, 0, 0, 0, True),
        ("乙", 0, 2, 0, 0, True),
        ("丙", 0, 0, 1, 0, True),
        ("丁", 0, 0, 0, 1, True),
        ("戊", 0, 0, 0, 0, False),
    ]


def test_every_number_of_the_list_is_explained_by_leads_that_are_there(known: Store) -> None:
    for risk in risks(FAIR, known):
        leads = [one.lead for one in (*risk.confirmed, *risk.earlier)]
        told = "\n".join(risk.reasons)
        for lead in (*leads, *risk.suspected, *risk.doubtful):
            assert lead.id in told
            assert known.get(lead.id) is not None
        assert bool(told) == (risk.any or bool(risk.excluded))
    first, second = risks(FAIR, known)[:2]
    assert "此前线索已由执法机关立案或移送 1 条，统一社会信用代码相同" in first.reasons[0]
    assert first.reasons[-1] == "另有 1 条线索已由执法人员排除，不计"
    assert [reason.partition("：")[0] for reason in second.reasons] == [
        "此前线索 1 条，企业名称相同",
        "此前线索 1 条，店铺名称相同（可能同名）",
    ]


def test_no_reason_says_that_somebody_infringes(known: Store) -> None:
    told = "".join("".join(risk.reasons) for risk in risks(FAIR, known))
    assert "疑似" in told
    assert [word for word in ("侵权人", "违法者", "构成侵权", "假冒者") if word in told] == []


def test_after_the_fair_those_spoken_of_are_watched_until_they_are_released(
    known: Store, a_lead: Callable[..., Lead], watched: Registry
) -> None:
    seller = {"company": "丙地食品有限公司"}
    late = a_lead("9", listing={"seller": seller}, found_at=datetime(2026, 12, 1, tzinfo=UTC))
    known.put([late])
    found = {one.risk.exhibitor.name: one.since for one in after(FAIR, known)}
    assert found.keys() == {
        "甲地醋业有限公司",
        "乙地商贸有限公司",
        "丙地食品有限公司",
        "丁地酒业有限公司",
    }
    assert found["丙地食品有限公司"] == (late.id,)
    registry = with_sites(watched, every=1)
    on = {
        day: [(one.cause, one.sites, len(one.queries)) for one in fairs_of(day, registry, known)]
        for day in map(date.fromisoformat, ("2026-10-20", "2026-10-21", "2026-11-22",
                                            "2026-11-23", "2027-01-21", "2027-01-22"))
    }  # fmt: skip
    own, markets = ("fairs/some-fair", ("fair",), 0), ("fairs/some-fair", ("market",), 4)
    assert list(on.values()) == [[], [own], [own], [markets], [markets], []]


def test_a_fair_without_suspects_asks_nothing_of_the_marketplaces(
    kept: Store, watched: Registry
) -> None:
    registry = with_sites(watched)
    assert fairs_of(date(2026, 11, 23), registry, kept) == ()
    assert fair_addition(FAIR, date(2027, 6, 1), registry, kept).sites == ()


def test_each_exhibitor_is_searched_for_once_in_so_many_days(
    known: Store, watched: Registry
) -> None:
    registry, first = with_sites(watched, every=7), date(2026, 11, 23)
    nights = [fairs_of(first + timedelta(days=n), registry, known) for n in range(14)]
    asked = Counter(query for night in nights for one in night for query in one.queries)
    assert len(asked) == 4
    assert set(asked.values()) == {2}
    whole = fair_addition(FAIR, first, registry, known, everyone=True)
    assert set(whole.queries) == set(asked)


def with_sites(registry: Registry, every: int = 7) -> Registry:
    """The real registry with one fair and one marketplace that may be visited."""
    sites = {
        kind: Site.model_validate(
            {
                "id": kind,
                "name": kind,
                "kind": kind,
                "spider": kind,
                "url": "http://127.0.0.1:1/",
                "practice": True,
            }
        )
        for kind in ("market", "fair")
    }
    fair = FAIR.model_copy(update={"watch_every": every})
    return registry.model_copy(update={"sites": sites, "fairs": {FAIR.id: fair}})


# ---------------------------------------------------------------------------- at a booth


def entry(**fields: Any) -> Entry:
    base = {
        "fair": "some-fair",
        "booth": "A1",
        "exhibitor": "甲地醋业",
        "title": "老陈醋",
        "at": NOW,
    }
    return Entry.model_validate({**base, **fields})


def test_an_exhibit_entered_twice_is_one_and_keeps_what_was_known() -> None:
    first = exhibit(entry(photos=["a" * 64]), FAIR, ())
    again = exhibit(entry(booth="Ａ１", photos=["b" * 64], note="手写"), FAIR, ())
    assert first.key == again.key
    both = added(first.model_copy(update={"brand": "甲牌"}), again)
    assert [picture.sha256 for picture in both.pictures] == ["a" * 64, "b" * 64]
    assert both.brand == "甲牌"


def test_an_officers_note_is_no_word_of_the_exhibit() -> None:
    listing = exhibit(entry(note="疑似冒用山西老陈醋"), FAIR, ())
    assert "冒用" not in listing.model_dump_json()


def test_an_exhibitor_on_the_list_lends_its_credit_code() -> None:
    known = exhibitors([shown("甲地醋业", seller={"uscc": CODE})])
    assert named("甲地 醋业", known) is not None
    listing = exhibit(entry(), FAIR, known)
    assert listing.seller_key == CODE


def test_a_complaint_makes_a_lead_where_no_matcher_did(watched: Registry) -> None:
    listing = exhibit(entry(title="钢笔"), FAIR, ())
    right = watched.rights["brand-donghu"]
    lead = complained_lead(listing, right, (), watched, NOW)
    assert (lead.triage, lead.right, lead.listing) == (Triage.REVIEW, "brand-donghu", listing)
    assert "投诉人主张" in lead.hits[0].reason
    assert lead.hits[0].provisions
    assert complained_lead(listing, right, [lead], watched, NOW) is lead


S = State


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], S.PENDING),
        ([S.PENDING], S.PENDING),
        ([S.EXCLUDED], S.PENDING),
        ([S.PENDING, S.APPROVAL, S.TRANSFERRED], S.TRANSFERRED),
    ],
)
def test_a_complaint_is_taken_down_wherever_a_lead_stands(
    before: list[State], after: State
) -> None:
    history = [Judgement(lead="L1", state=s, reason="理由", by="甲", at=NOW) for s in before]
    later = NOW + timedelta(hours=3)
    taken = complaint("L1", history, "some-fair-001：外包装", "乙", later, NOW)
    assert (taken.state, taken.code, taken.happened_at) == (after, COMPLAINT, NOW)


def test_a_complaint_from_before_the_last_judgement_is_refused() -> None:
    history = [Judgement(lead="L1", state=S.PENDING, reason="理由", by="甲", at=NOW)]
    with pytest.raises(MoveError):
        complaint("L1", history, "外包装", "乙", NOW, NOW - timedelta(days=2))


# ---------------------------------------------------------------------------- who complained


def test_who_complained_is_readable_by_nobody_else_and_every_look_is_written_down(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "private"
    private = Complainants(folder)
    assert private.add("f", "L1", "某甲", "139", NOW) == "f-001"
    found = private.look("f-001", "乙", "回访", NOW)
    assert found is not None
    assert found.name == "某甲"
    assert private.look("f-002", "乙", "回访", NOW) is None
    looks = (folder / "opened.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(looks) == 2
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {"private": 0o700, "complainants.jsonl": 0o600, "opened.jsonl": 0o600}


def test_two_complaints_at_once_have_two_numbers(tmp_path: Path) -> None:
    def one(_: int) -> str:
        return Complainants(tmp_path / "private").add("f", "L1", "某甲", None, NOW)

    with ThreadPoolExecutor(8) as many:
        assert sorted(many.map(one, range(24))) == [f"f-{n:03}" for n in range(1, 25)]


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "private"
    Complainants(folder).add("f", "L1", "某甲", None, NOW)
    (folder / "complainants.jsonl").chmod(0o644)
    with pytest.raises(ConfigError, match="其他用户可以读取"):
        Complainants(folder)


def test_a_damaged_file_is_named_with_its_line(tmp_path: Path) -> None:
    private = Complainants(tmp_path / "private")
    private.add("f", "L1", "某甲", None, NOW)
    with (tmp_path / "private" / "complainants.jsonl").open("a") as file:
        file.write("{broken\n")
    with pytest.raises(ConfigError, match="第2行"):
        private.look("f-001", "乙", "回访", NOW)
