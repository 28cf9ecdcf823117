"""The queue: what officers see, search, save, decide and take back."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from console.web.asking import completions, narrowed
from leads.fields import Field
from leads.model import Judgement, State
from leads.query import parse
from leads.store import open_store

NAMES = {"site": {"jd": "京东", "taobao": "淘宝"}, "bureau": {"140100": "太原市"}}


def test_a_lead_tells_right_score_its_parts_and_the_sellers_history(officer: Any) -> None:
    officer.judge(officer.ids("店铺:甲店")[:1])
    page = officer.get("/", q="店铺:甲店")
    assert "<mark>康帅傅</mark>" in page
    assert "得分构成" in page
    assert re.search(r"该卖家 2 条，排除 1", page)


def test_counts_by_state_city_platform_and_right_stand_beside_the_queue(officer: Any) -> None:
    page = officer.get("/", q="")
    for heading in ("状态", "城市", "平台", "权利", "分级", "发现"):
        assert f"<summary>{heading}</summary>" in page


def test_what_is_decided_is_counted_at_once(officer: Any) -> None:
    before = officer.get("/", q="")
    assert "状态%3A%E6%8E%92" not in before
    officer.judge(officer.ids("店铺:甲店"))
    assert re.search(r"排除</a><span>2</span>", officer.get("/", q=""))


# ---------------------------------------------------------------------------- queries


@pytest.mark.parametrize(
    ("query", "field", "code", "wanted"),
    [
        ("", Field.SITE, "jd", "平台:jd"),
        ("状态:新发现", Field.SITE, "jd", "状态:新发现 平台:jd"),
        ("状态:新发现", Field.STATE, "排除", "状态:排除"),
        ('state:"新发现" 平台:jd', Field.STATE, "排除", "平台:jd 状态:排除"),
        ("平台:jd or 平台:tmall", Field.STATE, "排除", "(平台:jd or 平台:tmall) 状态:排除"),
        ("醋", Field.BUREAU, "140100", "醋 城市:太原市"),
        ("醋", Field.FINDING, "gi.evocation", '醋 发现:"以“式、型、类、风味”等攀附地理标志"'),
        ("醋", Field.RIGHT_ID, 'a"b', '醋 权利:"a\\"b"'),
    ],
)
def test_a_click_narrows_the_query_and_never_widens_it(
    query: str, field: Field, code: str, wanted: str
) -> None:
    found = narrowed(query, field, code, NAMES)
    assert found == wanted
    parse(
        found.replace('"以“式、型、类、风味”等攀附地理标志"', "gi.evocation"), {"太原市": "140100"}
    )


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("状", "状态:"),
        ("醋 平", "醋 平台:"),
        ("分", "分数 >= "),
        ("状态:排", "状态:排除"),
        ("状态：排", "状态:排除"),
        ("平台:京", "平台:jd"),
        ("(平台:jd OR 平台:淘", "(平台:jd OR 平台:taobao"),
        ("城市:太", "城市:太原市"),
        ("醋 A", "醋 AND "),
    ],
)
def test_what_is_typed_is_completed(typed: str, wanted: str) -> None:
    found = completions(typed, {Field.SITE: {"jd": 7}}, NAMES)
    assert wanted in [one.query for one in found]


@pytest.mark.parametrize("typed", ["", "没有这个字段:x", '标题:"老', "状态:排除 ", "(((", "价格:"])
def test_nothing_is_offered_where_nothing_can_be_said(typed: str) -> None:
    offered = completions(typed, {}, NAMES)
    assert all(one.query.startswith(typed) for one in offered)


def test_completion_is_asked_of_the_server_and_counts(officer: Any) -> None:
    page = officer.get("/complete", q="平台:j")
    assert '<option value="平台:jd">' in page
    assert re.search(r"\d+ 条", page)


# ---------------------------------------------------------------------------- saved searches


def test_a_saved_search_is_there_the_next_time_and_can_be_forgotten(officer: Any) -> None:
    officer.told("/searches", title="甲店的", q="店铺:甲店")
    assert ">甲店的</a>" in officer.get("/")
    officer.told("/searches", title="甲店的", q="店铺:甲店", forget="1")
    assert ">甲店的</a>" not in officer.get("/")


def test_a_shared_search_is_everybodys_and_a_reader_shares_none(staff: Any) -> None:
    staff.log_in("乙")
    staff.told("/searches", title="大家的", q="店铺:甲店", shared="1")
    staff.told("/searches", title="自己的", q="店铺:甲店")
    staff.log_in("甲")
    page = staff.get("/")
    assert "大家的" in page
    assert "自己的" not in page
    assert staff.send("/searches", title="x", q="y", shared="1").status_code == 403


# ---------------------------------------------------------------------------- decisions


def test_many_are_judged_at_once_and_taken_back_at_once(officer: Any) -> None:
    leads = officer.ids("店铺:甲店")
    assert "已记录 2 条" in officer.judge(leads, code="授权使用")
    assert "上一步：2 条改为“排除”" in officer.get("/")
    assert "已记录 2 条，已撤销上一步" in officer.told("/undo", back="/")
    assert officer.ids("店铺:甲店 状态:待研判") == leads
    page = officer.get(f"/leads/{leads[0]}")
    assert page.index("授权经销") < page.index("撤销“排除”：误操作")
    assert "没有可以撤销的操作" in officer.told("/undo", back="/")


def test_what_was_excluded_before_is_excluded_again_when_its_return_is_undone(
    officer: Any,
) -> None:
    (lead, *_) = officer.ids("店铺:甲店")
    officer.judge([lead], code="误识别")
    officer.judge([lead], "待研判", reason="再看")
    officer.told("/undo", back="/")
    assert officer.ids("状态:排除") == [lead]


def test_what_somebody_else_has_moved_since_is_not_taken_back(officer: Any) -> None:
    (lead, other) = officer.ids("店铺:甲店")
    officer.judge([lead, other])
    with open_store(officer.place.store) as store:
        at = datetime.now(UTC)
        again = Judgement(lead=lead, state=State.PENDING, reason="再看", by="李四", at=at)
        store.judge(again)
    told = officer.told("/undo", back="/")
    assert "已记录 1 条" in told
    assert f"{lead}：其后又有人处理" in told


def test_what_the_states_do_not_let_back_is_told_with_the_reason(officer: Any) -> None:
    (lead, *_) = officer.ids("店铺:甲店")
    officer.judge([lead], "待审批")
    assert "审批人不能是提请审批" in officer.told("/undo", back="/")
    assert officer.ids("状态:待审批") == [lead]


def test_nobody_takes_back_what_another_session_did(staff: Any) -> None:
    staff.log_in("乙")
    leads = staff.ids("店铺:甲店")
    staff.judge(leads)
    staff.log_in("丙")
    assert "没有可以撤销的操作" in staff.told("/undo", back="/")
    assert staff.ids("状态:排除") == leads


def test_a_wrong_choice_of_leads_is_explained(officer: Any) -> None:
    assert "请选中" in officer.told("/judge", state="排除", reason="x", by="y", back="/")
    assert officer.send("/judge", state="没有", reason="x", by="y").status_code == 400
    lead = officer.ids()[0]
    assert "请写明理由和姓名" in officer.told("/judge", lead=lead, state="排除", back="/")
    given = {"lead": lead, "state": "已交办", "reason": "x", "by": "y", "to": "火星"}
    assert officer.send("/judge", **given).status_code == 400
