"""Persons stay hidden, and every mask keeps the length, so that highlights still fit."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.linter import leaks
from evidence.masks import (
    is_person,
    masked,
    masked_address,
    masked_lead,
    masked_listing,
    masked_name,
)
from leads.model import (
    Defence,
    DefenceCode,
    Finding,
    Hit,
    Lead,
    Listing,
    Route,
    Seller,
    Span,
    Triage,
)

MASKED = [
    ("电话13812345678转", "电话138****5678转"),
    ("+86 138-1234-5678", "+86 138******5678"),
    ("手机１３８１２３４５６７８", "手机138****5678"),
    ("0351-7654321", "0351-***4321"),
    ("140105199001011234", "140105************"),
    ("14010519900101123X", "140105************"),
    ("a.bc@x.example.com", "a***@x.example.com"),
    ("联系人：张三", "联系人：张*"),
    ("法定代表人 欧阳修", "法定代表人 欧**"),
    ("张晓明女士", "张**女士"),
    ("山西老陈醋 5L", "山西老陈醋 5L"),
    ("订单 20261122123456", "订单 20261122123456"),
    ("条码 6922255451234", "条码 6922255451234"),
    ("140105199013411234", "140105199013411234"),  # no such month
    ("", ""),
]


@pytest.mark.parametrize(("text", "shown"), MASKED)
def test_a_person_is_hidden_and_nothing_else(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(st.text())
def test_a_mask_keeps_the_length_and_masking_twice_changes_nothing(text: str) -> None:
    once = masked(text)
    assert len(once) == len(text)
    assert masked(once) == once


def test_an_address_ends_at_the_street() -> None:
    assert masked_address("太原市小店区某某路12号3单元501室") == "太原市小店区某某路**号*单元***室"
    assert masked_address("浙江 杭州") == "浙江 杭州"


@pytest.mark.parametrize(
    ("company", "uscc", "person"),
    [
        ("张三", None, True),
        ("欧阳修", None, True),
        ("太原某某商贸有限公司", None, False),
        ("某某醋坊", "92140105MA0K000000", True),
        ("张三", "91140105MA0K000000", False),
        (None, None, False),
    ],
)
def test_a_seller_is_known_as_a_person(company: str | None, uscc: str | None, person: bool) -> None:
    assert is_person(company, uscc) is person


def test_a_firm_stays_and_a_person_goes() -> None:
    firm = Seller(company="太原某某有限公司", uscc="91140105MA0K000000", location="太原")
    person = Seller(company="张三丰", uscc="92140105MA0K000000", location="某路5号")
    assert masked_listing(Listing(title="某", seller=firm)).seller == firm
    assert masked_listing(Listing(title="某", seller=person)).seller == Seller(
        company=masked_name("张三丰"), uscc="92140105**********", location="某路*号"
    )


def test_the_seller_is_hidden_wherever_its_name_stands() -> None:
    seller = Seller(name="张三丰的店", company="张三丰", location="某路5号")
    hit = Hit(
        right="r",
        name="某",
        finding=Finding.BRAND_SHOP_NAME,
        matcher="m",
        score=0.5,
        reason="企业名称“张三丰”疑似",
        spans=(Span(field="seller.name", start=0, end=3, text="张三丰"),),
        defences=(Defence(code=DefenceCode.OWN_MARK, detail="张三丰"),),
    )
    lead = Lead(
        id="L1",
        right="r",
        right_name="某",
        listing=Listing(title="张三丰手作", description="找张三丰", seller=seller),
        triage=Triage.REVIEW,
        score=0.5,
        hits=(hit,),
        routes=(Route(bureau="140100", reason="卖家所在地“某路5号”"),),
        law_day=date(2026, 11, 22),
        found_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    told = masked_lead(lead).model_dump_json()
    assert "张**的店" in told
    assert "张三丰" not in told
    assert "5号" not in told


LEAKS = [
    ("a.txt", "好\n电话13812345678\n", ["a.txt，第 2 行：电话号码 138****5678"]),
    ("a.json", '{"mail":"a.b@x.com"}', ["a.json，第 1 行：电子邮箱 a**@x.com"]),
    ("a.csv", "号,140105199001011234", ["a.csv，第 1 行：身份证号 140105************"]),
    ("a.txt", "sha " + "13812345678a" * 6, []),
    ("a.txt", "电话 0351-1234567", []),
    ("a.png", "13812345678", []),
]


@pytest.mark.parametrize(("name", "text", "told"), LEAKS)
def test_a_leak_is_named_by_file_and_place(name: str, text: str, told: list[str]) -> None:
    found = leaks({name: text.encode()}, allowed={"0351-1234567"})
    assert [str(leak) for leak in found] == told
