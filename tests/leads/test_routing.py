"""Recipients are ranked with reasons; the shipped tables know every province."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from leads import registry
from leads.model import Finding, Hit, Lead, Listing, Price, Seller, Sold, Triage, lead_id
from leads.recipients import RecipientKind
from leads.registry import Registry
from leads.routing import Suggestion, of_place, routes, suggestions

DAY = date(2026, 11, 23)
GI = "gi-shanxi-laochencu"


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return registry.load("config")


def lead(right: str = GI, finding: Finding = Finding.GI_ORIGIN, **fields: Any) -> Lead:
    listing = Listing.model_validate({"site": "taobao", "ref": "1", "title": "某醋", **fields})
    hit = Hit(right=right, name="某", finding=finding, matcher="names", score=0.9, reason="疑似")
    return Lead(
        id=lead_id("taobao", listing.ref or "", right),
        right=right,
        right_name="某",
        listing=listing,
        triage=Triage.LEAD,
        score=0.9,
        hits=(hit,),
        law_day=DAY,
        found_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


def ids(found: tuple[Suggestion, ...]) -> list[str]:
    return [one.recipient.id for one in found]


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("山西 太原", "140100"),
        ("山西省晋中市平遥县", "140700"),
        ("太原某某商贸有限公司", "140100"),
        ("浙江 金华", "330000"),
        ("广东深圳", "440000"),
        ("杭州某某有限公司", "330000"),
        ("深圳市罗湖区", "440000"),
        ("内蒙古 赤峰", "150000"),
        ("吉林市", "220000"),
        ("香港", "810000"),
        ("140105", "140100"),
        ("310115", "310000"),
        ("长春路3号", None),
        ("朝阳区", None),
        ("海外", None),
        ("", None),
        ("999999", None),
        ("\u202e山西", None),
    ],
)
def test_a_place_has_its_regulator(shipped: Registry, place: str, code: str | None) -> None:
    found = of_place(place, shipped)
    assert (found.id if found else None) == code


def test_every_one_of_the_34_provinces_has_a_route(shipped: Registry) -> None:
    provinces = {one.code[:2] for one in shipped.desk.recipients.values() if one.code}
    assert len(provinces) == 34
    for province in provinces - {"14"}:
        assert of_place(f"{province}0100", shipped)


def test_where_the_seller_is_comes_first_and_the_platform_last(shipped: Registry) -> None:
    found = suggestions(
        [
            lead(
                seller=Seller(location="河北 石家庄", uscc="91140105MA0K000000"),
                ships_from="山西 大同",
            )
        ],
        shipped,
        DAY,
    )
    assert ids(found) == ["130000", "140100", "140200", "taobao", "330000", f"holder-{GI}"]
    assert found[0].reasons[0].startswith("卖家所在地“河北 石家庄”；同属华北五省")
    assert found[1].reasons == (
        "统一社会信用代码登记地“140105”",
        "“山西老陈醋”的主管市局",
    )


def test_two_grounds_for_one_office_are_told_together(shipped: Registry) -> None:
    offer = Listing(title="某", seller=Seller(location="太原"), ships_from="山西太原")
    (route,) = routes(offer, GI, shipped)
    assert route.bureau == "140100"
    assert route.reason == "卖家所在地“太原”；发货地“山西太原”；该权利的主管市局"


def test_where_nothing_is_known_the_own_office_looks_first(shipped: Registry) -> None:
    found = suggestions([lead(right="gone")], shipped, DAY)
    assert ids(found)[0] == "140000"
    assert found[0].reasons == ("经营地不明，先由本机关核查落地",)


def test_an_agreement_counts_only_from_its_day(shipped: Registry) -> None:
    offer = lead(seller=Seller(location="山东 济南"))
    before = suggestions([offer], shipped, date(2021, 9, 30))[0]
    after = suggestions([offer], shipped, date(2021, 10, 1))[0]
    assert "沿黄九省" not in before.reasons[0]
    assert "沿黄九省" in after.reasons[0]


def test_from_beyond_the_border_the_office_above_is_asked(shipped: Registry) -> None:
    found = suggestions([lead(seller=Seller(location="香港"))], shipped, DAY)
    assert found[0].recipient.kind is RecipientKind.SUPERIOR


def test_tobacco_goes_to_the_tobacco_bureau_too(shipped: Registry) -> None:
    offer = lead(finding=Finding.MARK_MANDATORY, seller=Seller(location="太原"))
    assert "tobacco-140000" in ids(suggestions([offer], shipped, DAY))


@pytest.mark.parametrize(
    ("finding", "sold", "currency", "told"),
    [
        (Finding.BRAND_IDENTICAL, 100, "CNY", None),
        (Finding.BRAND_IDENTICAL, 400, "CNY", "接近"),  # 80 %
        (Finding.BRAND_IDENTICAL, 500, "CNY", "达到"),
        (Finding.BRAND_IDENTICAL, None, "CNY", None),
        (Finding.BRAND_IDENTICAL, 500, "USD", None),
        (Finding.GI_ORIGIN, 500, "CNY", None),
        (Finding.PATENT_NUMBER, 2000, "CNY", "达到"),
    ],
)
def test_the_police_are_named_near_the_threshold(
    shipped: Registry, finding: Finding, sold: int | None, currency: str, told: str | None
) -> None:
    offer = lead(
        finding=finding,
        price=Price(min=Decimal(100), max=Decimal(900), currency=currency),
        sold=Sold(count=sold),
    )
    police = [
        one for one in suggestions([offer], shipped, DAY) if one.recipient.id == "police-140000"
    ]
    assert bool(police) is (told is not None)
    assert all(told in reason and "估算" in reason for one in police for reason in one.reasons)


def test_a_threshold_counts_only_while_in_force(shipped: Registry) -> None:
    offer = lead(
        finding=Finding.BRAND_IDENTICAL,
        price=Price(min=Decimal(100), max=Decimal(100)),
        sold=Sold(count=5000),
    )
    assert "police-140000" not in ids(suggestions([offer], shipped, date(2025, 4, 25)))
    assert "police-140000" in ids(suggestions([offer], shipped, date(2025, 4, 26)))


def test_several_leads_on_one_listing_count_once(shipped: Registry) -> None:
    offer: dict[str, Any] = {
        "price": Price(min=Decimal(100), max=Decimal(100)),
        "sold": Sold(count=300),
    }
    two = [lead(right, Finding.BRAND_IDENTICAL, **offer) for right in ("a", "b")]
    assert "police-140000" not in ids(suggestions(two, shipped, DAY))
