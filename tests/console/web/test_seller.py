"""A seller's page: everything about one, and decisions on all of it by two people."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from leads.store import open_store

KEY = "jd:s1"


def test_leads_places_history_and_changes_of_a_seller_are_on_one_page(officer: Any) -> None:
    (lead, _) = officer.ids("店铺:甲店")
    officer.judge([lead], code="授权使用")
    with open_store(officer.place.store) as store:
        listing = store.get(lead).lead.listing  # type: ignore[union-attr]
        later = {"title": "换了标题", "captured_at": datetime.now(UTC) + timedelta(days=1)}
        store.see(listing.model_copy(update=later))
    page = officer.get("/seller", key=KEY)
    for told in ("甲店", "山西 太原", "授权经销", "改标题", "换了标题", "太原市", "可移交的单位"):
        assert told in page
    assert len(re.findall(r'data-lead="L', page)) == 2


def test_what_a_seller_offers_besides_is_listed(officer: Any) -> None:
    with open_store(officer.place.store) as store:
        lead = store.get(officer.ids("店铺:甲店")[0]).lead  # type: ignore[union-attr]
        plain = {"ref": "55", "title": "搪瓷杯 <b>300ml</b>"}
        store.see(lead.listing.model_copy(update=plain))
    page = officer.get("/seller", key=KEY)
    assert "商品 <small>3 件" in page
    assert "搪瓷杯 &lt;b&gt;300ml" in page


def test_a_seller_nobody_knows_is_not_there(officer: Any) -> None:
    assert officer.status("/seller", key="jd:nobody") == 404
    assert officer.status("/seller") == 404


def test_everything_of_a_seller_is_excluded_by_two_people_only(officer: Any) -> None:
    leads = officer.ids("店铺:甲店")
    assert "另写一人" in officer.judge([], seller=KEY)
    assert "不能是同一人" in officer.judge([], seller=KEY, second="张三")
    assert "已记录 2 条" in officer.judge([], seller=KEY, second="李四")
    assert sorted(officer.ids("状态:排除")) == sorted(leads)


def test_the_second_person_of_a_team_has_an_account(staff: Any) -> None:
    staff.log_in("乙")
    assert "没有“路人”这个人" in staff.judge([], seller=KEY, second="路人")
    assert "已记录 2 条" in staff.judge([], seller=KEY, second="丙")


def test_a_seller_of_another_city_is_not_there(staff: Any) -> None:
    staff.log_in("丁")
    assert staff.status("/seller", key=KEY) == 404
    assert "请选中" in staff.judge([], seller=KEY, second="乙")
    staff.log_in("乙")
    assert staff.ids("状态:排除") == []
    assert staff.status("/seller", key=KEY) == 200


def test_sellers_are_listed_by_their_strongest_lead(officer: Any) -> None:
    page = officer.get("/sellers", q="")
    assert "/seller?key=jd%3As1" in page
    assert '<td class="number">2</td>' in page
    assert officer.status("/sellers", q="店铺:(") == 400
    assert "没有符合的卖家" in officer.get("/sellers", q="", page="999999")
