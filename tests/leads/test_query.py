"""The query language: what is understood, what is refused, and where the error points."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.fields import ALIASES, KINDS, Field
from leads.query import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_TERMS,
    All,
    And,
    Compare,
    Exists,
    Not,
    Or,
    Query,
    QueryError,
    Term,
    Words,
    parse,
)
from leads.words import words

CITIES = {"太原市": "140100", "平遥县": "140700"}

NEW = Term(Field.STATE, "新发现")
VINEGAR = Words(Field.TITLE, ("老", "陈", "醋"))
A, B, C = (Words(None, (w,)) for w in "abc")


def time(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


UNDERSTOOD: list[tuple[str, Query]] = [
    ("", All()),
    (" \u3000\n", All()),
    ("a", A),
    ("A ｂ", And((A, B))),
    ('"A b"', Words(None, ("a", "b"))),
    ("a AND b or c", Or((And((A, B)), C))),
    ("a and (b OR c)", And((A, Or((B, C))))),
    ("a 且 b 或 c", Or((And((A, B)), C))),
    ("NOT a b", And((Not(A), B))),
    ("非（a　b）", Not(And((A, B)))),
    ("not not a", Not(Not(A))),
    ('"and"', Words(None, ("and",))),
    (r"\and", Words(None, ("and",))),
    ("title:老陈醋", VINEGAR),
    ('标题："老陈 醋"', VINEGAR),
    ("标题：“老陈醋”", VINEGAR),
    ("TITLE : 老陈醋", VINEGAR),
    ("标题:【老陈】·醋", VINEGAR),
    (r"标题:老陈\*醋", VINEGAR),
    ("title:康*", Words(Field.TITLE, ("康",), prefix=True)),
    ("title:nik*", Words(Field.TITLE, ("nik",), prefix=True)),
    ('"a*"', A),
    ("企业:*", Exists(Field.SELLER_COMPANY)),
    ("发货地:杭州", Words(Field.SHIPS_FROM, ("杭", "州"))),
    ("状态:排除", Term(Field.STATE, "排除")),
    ("state:new", NEW),
    ("状态:(新发现 OR 排除)", Or((NEW, Term(Field.STATE, "排除")))),
    ("状态:(NOT 新发现)", Not(NEW)),
    ("状态:移送*", Or((Term(Field.STATE, "移送公安"), Term(Field.STATE, "移送其他部门")))),
    ("分级:优先核查", Term(Field.TRIAGE, "lead")),
    ("triage:LEAD", Term(Field.TRIAGE, "lead")),
    ("发现:与注册商标相同", Term(Field.FINDING, "brand.identical")),
    ("finding:gi.origin", Term(Field.FINDING, "gi.origin")),
    (
        "发现:sign OR finding:brand.i*",
        Or(
            (
                Term(Field.FINDING, "sign.special"),
                Or(
                    (Term(Field.FINDING, "brand.identical"), Term(Field.FINDING, "brand.imitation"))
                ),
            )
        ),
    ),
    ("类型:展品", Term(Field.KIND, "exhibit")),
    ("城市:太原", Term(Field.BUREAU, "140100")),
    ("city:平遥县", Term(Field.BUREAU, "140700")),
    ("城市:１４０1*", Term(Field.BUREAU, "1401", prefix=True)),
    (
        "权利:gi-x",
        Or((Term(Field.RIGHT_ID, "gi-x"), Words(Field.RIGHT_NAME, ("gi", "x")))),
    ),
    ("编号:L1*", Or((Term(Field.ID, "L1", prefix=True), Term(Field.REF, "L1", prefix=True)))),
    ("ref:http://x/?a=b", Term(Field.REF, "http://x/?a=b")),
    ("score >= 0.8", Compare(Field.SCORE, ">=", 0.8)),
    ("分数>0.8", Compare(Field.SCORE, ">", 0.8)),
    ("分数：＞＝０.８", Compare(Field.SCORE, ">=", 0.8)),
    ("分数≤1", Compare(Field.SCORE, "<=", 1.0)),
    ("价格:12.5", Compare(Field.PRICE, "=", 12.5)),
    ("价格<100 a", And((Compare(Field.PRICE, "<", 100.0), A))),
    ("found_at >= 2026-11-01", Compare(Field.FOUND_AT, ">=", time(2026, 10, 31, 16))),
    ("found_at > 2026-11-01", Compare(Field.FOUND_AT, ">=", time(2026, 11, 1, 16))),
    ("发现时间 < 2026/11/1", Compare(Field.FOUND_AT, "<", time(2026, 10, 31, 16))),
    ("发现时间 <= 2026-11", Compare(Field.FOUND_AT, "<", time(2026, 11, 30, 16))),
    (
        "发现时间:2026",
        And(
            (
                Compare(Field.FOUND_AT, ">=", time(2025, 12, 31, 16)),
                Compare(Field.FOUND_AT, "<", time(2026, 12, 31, 16)),
            )
        ),
    ),
    ("采集时间 <= 2026-11-01T08:30", Compare(Field.CAPTURED_AT, "<", time(2026, 11, 1, 0, 31))),
]


@pytest.mark.parametrize(("text", "tree"), UNDERSTOOD, ids=[t for t, _ in UNDERSTOOD])
def test_a_query_is_read_as_its_tree(text: str, tree: Query) -> None:
    assert parse(text, CITIES) == tree


REFUSED: list[tuple[str, int, str]] = [
    ("a AND", 5, "缺少条件"),
    ("AND a", 0, "前缺少条件"),
    ("a OR OR b", 5, "前缺少条件"),
    ("NOT", 3, "缺少条件"),
    ("(a", 0, "括号没有闭合"),
    ("a (b (c)", 2, "括号没有闭合"),
    ("a)", 1, "多余的右括号"),
    ("()", 1, "括号内缺少条件"),
    ("状态:", 3, "缺少要查的值"),
    ("状态:)", 3, "缺少要查的值"),
    (":a", 0, "缺少字段名"),
    ("> 3", 0, "缺少字段名"),
    ("正品 店名:康", 3, "没有“店名”这个字段"),
    ("_source:a", 0, "没有“_source”这个字段"),
    ('"a', 0, "引号没有闭合"),
    ('标题:"a\\"', 3, "引号没有闭合"),
    ('""', 0, "缺少要查的值"),
    ("康*傅", 1, "只能放在词尾"),
    ("*醋", 0, "只能放在词尾"),
    ("！！", 0, "没有可搜索的文字"),
    ("标题:——", 3, "没有可搜索的文字"),
    ("*", 0, "没有可搜索的文字"),
    ("状态:已经", 3, "可用：新发现、待研判"),
    ("城市:北京", 3, "没有“北京”的承办单位"),
    ("标题>3", 3, "不能比较大小"),
    ("分数>高", 3, "不是数字"),
    ("分数:nan", 3, "不是数字"),
    ("分数:1*", 3, "通配符"),
    ("发现时间>昨天", 5, "不是日期"),
    ("发现时间:2026-13", 5, "不是日期"),
    ("发现时间:2026-02-30", 5, "不是日期"),
    ("发现时间:9999", 5, "不是日期"),
    ("发现时间:0001", 5, "不是日期"),
    ("a\x00b", 1, "U+0000"),
    ("a\ud800", 1, "U+D800"),
    ("(" * (MAX_DEPTH + 1), MAX_DEPTH, "嵌套过深"),
    ("not " * (MAX_DEPTH + 1) + "a", 4 * MAX_DEPTH, "嵌套过深"),
    ("a " * (MAX_TERMS + 1), 2 * MAX_TERMS, "条件过多"),
    ("a" * (MAX_LENGTH + 1), MAX_LENGTH, "查询过长"),
]


@pytest.mark.parametrize(("text", "position", "reason"), REFUSED, ids=[r[0][:20] for r in REFUSED])
def test_an_error_points_at_the_character_and_says_why(
    text: str, position: int, reason: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, CITIES)
    assert caught.value.position == position
    assert reason in caught.value.reason
    first, shown, caret = str(caught.value).split("\n")
    assert first.startswith(f"查询第 {position + 1} 个字符处：")
    assert caret.endswith("^")
    assert len(caret) <= len(shown) + 1


def test_the_caret_stands_below_the_place_in_wide_and_narrow_characters() -> None:
    with pytest.raises(QueryError) as caught:
        parse("正品 a 店名:康")
    assert str(caught.value).split("\n")[1:] == ["正品 a 店名:康", "　　   ^"]


def test_a_long_query_is_shown_around_the_place_only() -> None:
    with pytest.raises(QueryError) as caught:
        parse("甲 " * 150 + "店名:康")
    _, shown, caret = str(caught.value).split("\n")
    assert len(shown) <= 70
    assert shown[len(caret) - 1 :].startswith("店名:康")


@given(
    st.text(alphabet='ab康 *:：()（）"“”\\<>=≥且或非ANDORNT标题状态分数.0-1\x00\ud800', max_size=60)
)
def test_any_text_is_a_tree_or_an_error_with_a_place_in_it(text: str) -> None:
    try:
        parse(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
        str(error).encode()


def test_every_field_has_a_kind_and_a_chinese_name() -> None:
    assert set(KINDS) == set(Field)
    chinese = {field for name, fields in ALIASES.items() if not name.isascii() for field in fields}
    assert chinese == set(Field)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("【康 師·傅】ＮＩＫＥ air-2024款", ("康", "师", "傅", "nike", "air", "2024", "款")),
        ("康\u200b师\ufe0f傅 ni\u200dke", ("康", "师", "傅", "nike")),
        ("a_b", ("a", "b")),
        ("", ()),
        ("!?、", ()),
    ],
)
def test_words_are_cut_without_regard_to_width_case_and_signs(
    text: str, cut: tuple[str, ...]
) -> None:
    assert words(text) == cut
