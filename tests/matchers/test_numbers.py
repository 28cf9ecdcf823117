"""Numbers that cannot be true are known, and good ones are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.text.credit_codes import codes_in, is_credit_code
from matchers.text.latin import distance, skeleton
from matchers.text.patent_numbers import Type, check_digit, parse


@pytest.mark.parametrize(
    ("text", "kind", "year"),
    [
        ("202110000001.6", Type.INVENTION, 2021),
        ("2021 1 0000001.6", Type.INVENTION, 2021),
        ("2021100000016", Type.INVENTION, 2021),
        ("202120000001", Type.UTILITY, 2021),
        ("201030123456.x", Type.DESIGN, 2010),
        ("98101234.5", Type.INVENTION, 1998),
        ("02256789.1", Type.UTILITY, 2002),
    ],
)
def test_a_patent_number_is_read_however_it_is_written(text: str, kind: Type, year: int) -> None:
    number = parse(text)
    assert number is not None
    assert (number.type, number.year) == (kind, year)


@pytest.mark.parametrize("text", ["2021", "20211000000", "202140000001.0", "20211000000112.3", ""])
def test_what_has_not_the_form_is_no_patent_number(text: str) -> None:
    assert parse(text) is None


@given(st.integers(0, 10**7 - 1), st.sampled_from("0123456789X"))
def test_one_check_digit_holds_and_ten_do_not(serial: int, written: str) -> None:
    digits = f"20211{serial:07}"
    number = parse(f"{digits}.{written}")
    assert number is not None
    assert number.checks == (written == check_digit(digits))


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("91350100M000100Y43", True),
        ("91350100M000100Y44", False),
        ("91350100M000100I43", False),
        ("91350100M000100Y4", False),
        ("", False),
    ],
)
def test_a_credit_code_holds_or_not(code: str, good: bool) -> None:
    assert is_credit_code(code) is good


def test_credit_codes_are_read_out_of_a_text() -> None:
    assert codes_in("代码：91350100M000100Y43，号 1234") == ("91350100M000100Y43",)


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abd", 1), ("abc", "ab", 1), ("abc", "xyz", 3)],
)
def test_steps_between_words_are_counted(one: str, other: str, steps: int) -> None:
    assert distance(one, other) == distance(other, one) == steps


@pytest.mark.parametrize(("one", "other"), [("0pp0", "oppo"), ("v1vo", "vivo"), ("rnac", "mac")])
def test_a_hurried_reader_takes_one_for_the_other(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
