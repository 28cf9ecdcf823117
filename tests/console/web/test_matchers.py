"""Precision, and exclusions: proposed by one, approved by another, lifted with a reason."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leads.exclusions import Scope, quarantine
from leads.store import open_store

UNTIL = (date.today() + timedelta(days=90)).isoformat()  # any day to come
SELLER = {
    "scope": "seller", "subject": "jd:s1", "right": "brand-kangshifu", "code": "授权使用",
    "reason": "经销合同已核对", "until": UNTIL, "back": "/matchers",
}  # fmt: skip


@pytest.fixture
def right(officer: Any) -> str:
    with open_store(officer.place.store) as store:
        return str(store.get(officer.ids("店铺:甲店")[0]).lead.right)  # type: ignore[union-attr]


def propose(visitor: Any, right: str, **more: str) -> str:
    return visitor.told("/exclusions/propose", **{**SELLER, "right": right, "by": "张三", **more})


def exclusions(visitor: Any) -> list[Any]:
    with open_store(visitor.place.store) as store:
        return list(store.exclusions())


def test_how_people_judged_is_told_by_matcher_and_rule_with_the_interval(officer: Any) -> None:
    officer.judge(officer.ids("店铺:甲店"), code="误识别")
    page = officer.get("/matchers")
    assert "0%–66%" in page
    assert "各规则" in page


def test_a_wide_exclusion_waits_for_another_person(officer: Any, right: str) -> None:
    assert "第 1 号排除建议" in propose(officer, right)
    assert exclusions(officer) == []
    assert "经销合同已核对" in officer.get("/matchers")
    same = officer.told("/exclusions/decide", number="1", by=" 张三 ", do="approve")
    assert "不能是同一人" in same
    assert "已批准" in officer.told("/exclusions/decide", number="1", by="李四", do="approve")
    (made,) = exclusions(officer)
    assert (made.by, made.second, made.until.isoformat()) == ("张三", "李四", UNTIL)
    assert "可能已经处理" in officer.told("/exclusions/decide", number="1", by="李四")


def test_a_proposal_can_be_turned_down(officer: Any, right: str) -> None:
    propose(officer, right)
    assert "未批准" in officer.told("/exclusions/decide", number="1", by="李四", do="refuse")
    assert exclusions(officer) == []
    assert "待批准" not in officer.get("/matchers")


def test_one_listing_is_excluded_by_one_person_at_once(officer: Any, right: str) -> None:
    more = {"scope": "listing", "subject": "jd 1", "until": ""}
    assert "已排除" in propose(officer, right, **more)
    (made,) = exclusions(officer)
    assert made.scope is Scope.LISTING


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"until": ""}, "有效期"),
        ({"until": "2099-01-01"}, "最长一年"),
        ({"reason": ""}, "请填写"),
        ({"subject": ""}, "请填写"),
        ({"scope": "everything"}, "请填写"),
        ({"code": "随便"}, "没有原因码"),
        ({"scope": "rule", "subject": "names"}, "只能降为待复核"),
        ({"by": "markwatch"}, "机器"),
        ({"until": "明天"}, "请填写"),
    ],
)
def test_a_proposal_against_the_rules_is_refused_with_the_rule(
    officer: Any, right: str, more: dict[str, str], told: str
) -> None:
    assert told in propose(officer, right, **more)
    assert exclusions(officer) == []


@pytest.mark.parametrize("more", [{"right": "no-such"}, {"matcher": "no-such"}])
def test_what_the_registry_does_not_know_cannot_be_excluded(
    officer: Any, right: str, more: dict[str, str]
) -> None:
    given = {**SELLER, "right": right, "by": "张三", **more}
    assert officer.send("/exclusions/propose", **given).status_code == 400


def test_a_quarantine_is_shown_and_lifted_with_a_reason(officer: Any) -> None:
    now = datetime.now(UTC)
    until = now.date() + timedelta(days=7)
    held = quarantine(Scope.RULE, "names", None, reason="一夜 999 条", at=now, until=until)
    with open_store(officer.place.store) as store:
        store.exclude(held)
    page = officer.get("/matchers")
    assert "一夜 999 条" in page
    assert "将到期" in page
    assert "不能为空" in officer.told("/exclusions/lift", id=held.id, reason=" ", by="张三")
    assert "已解除" in officer.told("/exclusions/lift", id=held.id, reason="已核对", by="张三")
    assert "张三于" in officer.get("/matchers")
    assert "已由张三解除" in officer.told("/exclusions/lift", id=held.id, reason="x", by="李四")
    assert officer.send("/exclusions/lift", id="X0", reason="x", by="y").status_code == 404


def test_in_a_team_only_another_approver_approves(staff: Any, right: str) -> None:
    staff.log_in("甲")
    assert staff.send("/exclusions/propose", **SELLER).status_code == 403
    staff.log_in("乙")
    propose(staff, right, by="别人")
    assert staff.send("/exclusions/decide", number="1", do="approve").status_code == 403
    staff.log_in("丙")
    assert "已批准" in staff.told("/exclusions/decide", number="1", by="别人", do="approve")
    (made,) = exclusions(staff)
    assert (made.by, made.second) == ("乙", "丙")
    propose(staff, right, reason="又一次")
    assert "同一人" in staff.told("/exclusions/decide", number="2", do="approve")
