"""What was handed over: lists by recipient, receipts with their files, what is overdue."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leads.model import Judgement, State
from leads.store import open_store


@pytest.fixture
def handed(officer: Any) -> list[str]:
    """Two leads that went to Taiyuan sixty days ago, as the store has it."""
    leads = officer.ids("店铺:甲店")
    at = datetime.now(UTC) - timedelta(days=60)
    with open_store(officer.place.store) as store:
        for lead in leads:
            for state, by, to in (("待审批", "张三", None), ("已交办", "李四", "140100")):
                store.judge(
                    Judgement(lead=lead, state=State(state), reason="证据充分", by=by, at=at, to=to)
                )
    return leads


def receipt(officer: Any, leads: list[str], kind: str, files: Any = None, **more: str) -> str:
    given = {"by": "太原市局王五", "back": "/transfers", **more}
    return officer.told("/transfers", files, lead=leads, kind=kind, **given)


def test_what_waits_is_listed_by_recipient_with_what_is_overdue(
    officer: Any, handed: list[str]
) -> None:
    page = officer.get("/transfers")
    assert "待签收 <b>2</b>" in page
    assert "太原市市场监督管理局" in page
    assert "超期" in page
    assert all(f"/leads/{lead}" in page for lead in handed)


def test_a_receipt_moves_the_lead_and_its_file_can_be_fetched(
    officer: Any, handed: list[str]
) -> None:
    slip = {"file": ("../../etc/<script>.pdf", b"%PDF-1.7 signed", "text/html")}
    assert "已登记签收 1 条" in receipt(officer, handed[:1], "签收", slip)
    assert officer.ids("状态:已签收") == handed[:1]
    page = officer.get(f"/leads/{handed[0]}")
    assert "太原市局王五" in page
    assert "script" not in page.partition("<main")[2]
    start = page.index(f"/leads/{handed[0]}/receipts/")
    address = page[start : page.index('"', start)]
    answer = officer.client.get(address)
    assert answer.content == b"%PDF-1.7 signed"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    digest = address.rpartition("/")[2]
    assert officer.status(f"/leads/{handed[1]}/receipts/{digest}") == 404
    assert officer.status(f"/leads/{handed[0]}/receipts/{'0' * 64}") == 404


def test_an_answer_must_say_what_came_of_it_and_a_return_why(
    officer: Any, handed: list[str]
) -> None:
    receipt(officer, handed, "签收")
    assert "须写明办理结果" in receipt(officer, handed, "反馈")
    assert "已登记反馈 1 条" in receipt(officer, handed[:1], "反馈", note="立案查处")
    assert "须写明原因码" in receipt(officer, handed[1:], "退回", note="不属本市")
    assert "已登记退回 1 条" in receipt(officer, handed[1:], "退回", note="不属本市", code="管辖")
    assert f"/leads/{handed[1]}" in officer.get("/transfers", list="已退回")
    assert f"/leads/{handed[0]}" in officer.get("/transfers", list="已反馈")


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        ("点赞", {}, "没有回执种类"),
        ("签收", {"by": " "}, "不能为空"),
        ("签收", {"at": "明天"}, "不是日期"),
        ("签收", {"at": "2099-01-01"}, "晚于今天"),
    ],
)
def test_a_receipt_that_makes_no_sense_is_refused(
    officer: Any, handed: list[str], kind: str, more: dict[str, str], told: str
) -> None:
    assert told in receipt(officer, handed, kind, **more)
    assert sorted(officer.ids("状态:已交办")) == sorted(handed)


def test_an_empty_file_is_refused(officer: Any, handed: list[str]) -> None:
    told = receipt(officer, handed, "签收", {"file": ("回执.pdf", b"", "application/pdf")})
    assert "是空的" in told


def test_a_list_that_is_none_is_not_there(officer: Any) -> None:
    assert officer.status("/transfers", list="'; DROP TABLE") == 404


def test_a_reader_registers_nothing_and_a_city_sees_only_its_own(staff: Any) -> None:
    staff.log_in("甲")
    assert staff.send("/transfers", lead="L0", kind="签收", by="x").status_code == 403
    staff.log_in("乙")
    lead = staff.ids("店铺:甲店")[0]
    staff.log_in("丁")
    assert "已登记签收 0 条" in receipt(staff, [lead], "签收")
