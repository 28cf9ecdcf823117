"""Folding undoes disguise, and every folded character knows where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.text.normalise import disguises, normalise

ANY = st.text(st.characters())
SEPARATORS = st.text(st.sampled_from("·*★ 　🍎\u200b\u200d\ufe0f.-【】"), max_size=3)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("Nestlé", "nestle"),
        ("康師傅", "康师傅"),
        ("徳芙 歩歩髙", "德芙步步高"),
        ("⾦⻩", "金黄"),
        ("農夫山泉", "农夫山泉"),
        ("五⃣粮️液", "五粮液"),
        ("㎏", "kg"),
        ("🍜🍜🍜", ""),
        ("", ""),
        ("康\u202e师\u2066傅", "康师傅"),
        ("康\ud800师傅", "康师傅"),
    ],
)
def test_a_disguise_is_undone(raw: str, text: str) -> None:
    assert normalise(raw).text == text


@given(ANY, st.data())
def test_a_span_of_the_raw_text_folds_to_what_was_found(raw: str, data: st.DataObject) -> None:
    plain = normalise(raw)
    if not plain.text:
        return
    start = data.draw(st.integers(0, len(plain.text) - 1))
    end = data.draw(st.integers(start + 1, len(plain.text)))
    first, last = plain.span(start, end)
    assert 0 <= first < last <= len(raw)
    assert plain.text[start:end] in normalise(raw[first:last]).text


@given(ANY, st.lists(SEPARATORS, min_size=2, max_size=2), ANY)
def test_a_name_is_found_whatever_stands_between(
    before: str, between: list[str], after: str
) -> None:
    disguised = f"康{between[0]}師{between[1]}傅"
    plain = normalise(before + disguised + after)
    start = plain.text.find("康师傅", len(normalise(before).text))
    assert plain.span(start, start + 3) == (len(before), len(before) + len(disguised))


@given(ANY)
def test_folding_twice_changes_nothing_more(raw: str) -> None:
    once = normalise(raw).text
    assert normalise(once).text == once


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("康师傅", ()),
        ("康師傅", ("繁体字“師”",)),
        ("康·师·傅", ("夹有符号“·”",)),
        ("康 师傅", ("夹有空格",)),
        ("康\u200b师傅", ("夹有零宽字符",)),
        ("康🍎师傅", ("夹有符号“🍎”",)),
    ],
)
def test_what_was_disguised_is_said(raw: str, said: tuple[str, ...]) -> None:
    plain = normalise(raw)
    assert disguises(plain, 0, 3, normalise("康师傅")) == said


@pytest.mark.parametrize(
    ("raw", "name"), [("Dr. Martens", "DrMartens"), ("路易威登", "路易·威登"), ("SK-II", "SKII")]
)
def test_what_shops_usually_write_is_no_disguise(raw: str, name: str) -> None:
    assert disguises(normalise(raw), 0, len(normalise(raw).text), normalise(name)) == ()


def test_a_megabyte_is_folded() -> None:
    raw = "康·師 傅" * 200_000
    plain = normalise(raw)
    assert plain.text == "康师傅" * 200_000
    assert plain.span(3, 6) == (5, 10)
