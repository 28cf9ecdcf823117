"""The tables find what aligning every window finds, and likeness is what its sources say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.model import RightKind
from leads.registry import Registry
from matchers.text.likeness import Way, alike, loose, merged, neighbours
from matchers.text.normalise import normalise
from matchers.text.watch import Watch, naive, names_of, protected, spelled
from matchers.text.windows import Kind, Windows, align
from matchers.text.windows import naive as every_window

MARKS = ("康师傅", "老干妈", "六个核桃", "汾酒", "鸿星尔克", "雕牌", "青禾坊")
WINDOWS = Windows(MARKS)


@pytest.mark.parametrize(
    ("mark", "text", "way"),
    [
        ("师", "帅", Way.SHAPE),
        ("傅", "富", Way.SOUND),
        ("傅", "付", Way.SOUND),
        ("个", "仁", Way.MEANING),
        ("妈", "娘", Way.MEANING),
        ("妈", "玛", Way.BOTH),
        ("康", "康", Way.SAME),
        ("康", "吃", Way.NONE),
    ],
)
def test_characters_are_alike_in_their_way(mark: str, text: str, way: Way) -> None:
    assert alike(mark, text).way is way


@pytest.mark.parametrize(
    ("syllable", "as_merged", "as_loose"),
    [
        ("zhang", "zan", "zan"),
        ("shi", "si", "si"),
        ("ling", "lin", "lin"),
        ("ning", "nin", "lin"),
        ("ren", "ren", "len"),
        ("huang", "huan", "fan"),
        ("ng", "ng", "lg"),
        ("hu", "hu", "hu"),
    ],
)
def test_sounds_that_speakers_merge_are_one(syllable: str, as_merged: str, as_loose: str) -> None:
    assert (merged(syllable), loose(syllable)) == (as_merged, as_loose)


@pytest.mark.parametrize(
    ("mark", "window", "kind"),
    [
        ("康师傅", "康帅傅", Kind.SHAPE),
        ("康师傅", "康世富", Kind.SOUND),
        ("老干妈", "老干娘", Kind.MEANING),
        ("六个核桃", "六个核汤", Kind.ONE_OFF),
        ("汾酒", "汾就", Kind.SOUND),
    ],
)
def test_a_window_is_near_in_its_kind(mark: str, window: str, kind: Kind) -> None:
    found = align(mark, window)
    assert found is not None
    assert found[0] is kind


@pytest.mark.parametrize("window", ["康师傅", "吃师富", "完全无"])
def test_the_mark_itself_and_what_is_far_are_not_near(window: str) -> None:
    assert align("康师傅", window) is None


CHANGED = st.sampled_from(MARKS).flatmap(
    lambda mark: st.integers(0, len(mark) - 1).flatmap(
        lambda at: st.sampled_from(sorted(neighbours(mark[at]))).map(
            lambda other: mark[:at] + other + mark[at + 1 :]
        )
    )
)
AROUND = st.text(st.sampled_from("红烧牛肉面正宗的一包邮酒师傅核桃"), max_size=5)


@given(AROUND, CHANGED, AROUND)
def test_one_character_changed_is_found_wherever_the_plain_scan_finds_it(
    before: str, changed: str, after: str
) -> None:
    text = before + changed + after
    exact = {near for near in every_window(MARKS, text) if near.kind is not Kind.ONE_OFF}
    one_changed = {n for n in exact if _changes(n.mark, text[n.start : n.end]) <= 1}
    assert one_changed <= set(WINDOWS.find(text))


@given(AROUND, CHANGED, AROUND)
def test_the_tables_find_nothing_that_the_plain_scan_does_not(
    before: str, changed: str, after: str
) -> None:
    text = before + changed + after
    assert set(WINDOWS.find(text)) <= set(every_window(MARKS, text))


def _changes(mark: str, window: str) -> int:
    if len(mark) != len(window):
        return 0
    return sum(a != b for a, b in zip(mark, window, strict=True))


@given(
    st.lists(st.sampled_from([*MARKS, "kang师傅", "，", " ", "平遥牛肉", "酒", "小米"]), max_size=8)
)
def test_the_automaton_finds_what_the_plain_search_finds(
    registry: Registry, pieces: list[str]
) -> None:
    names = names_of(protected(registry, RightKind.GI, RightKind.TRADEMARK))
    names = (*names, *spelled(names))
    plain = normalise("".join(pieces))
    found = [(n.right.id, n.plain.text, start, end) for n, start, end in Watch(names).find(plain)]
    plainly = [(n.right.id, n.plain.text, start, end) for n, start, end in naive(plain, names)]
    assert sorted(found) == sorted(plainly)
