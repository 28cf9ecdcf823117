"""How alike two characters are: by sound, by shape, by meaning.

Sound: syllables without tones; equal, or equal once the pairs are merged that many speakers merge
(zh/z ch/c sh/s, -ng/-n; more loosely n/l, r/l, h/f). Shape: the table of ``data/build_shapes.py``.
Meaning: own classes of words that a copycat swaps (numerals, kin, directions, sizes …).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data"


class Way(StrEnum):
    """In what way two characters are alike."""

    SAME = "same"
    SOUND = "sound"
    SHAPE = "shape"
    BOTH = "both"
    MEANING = "meaning"
    NONE = "none"


class Likeness(NamedTuple):
    """How alike two characters are, 0 to 1, and in what way."""

    value: float
    way: Way


SAME = Likeness(1.0, Way.SAME)
UNLIKE = Likeness(0.0, Way.NONE)

_EQUAL, _MERGED, _LOOSE = 0.9, 0.8, 0.68
_BOTH, _MEANING = 0.05, 0.6

# Classes whose members a copycat puts for each other; own list.
_MEANINGS = (
    "〇零一二三四五六七八九十百千万亿两双",
    "妈爸爹娘爷奶公婆姑姨叔伯舅哥弟姐妹嫂姥父母",
    "东南西北中",
    "上下左右前后里外内",
    "大小老少长短高低多巨微中",
    "红黄蓝绿白黑紫青金银灰粉橙",
    "牛马羊狗猪虎兔龙狼鸡鸭鹅猫鹿象狮熊豹鼠猴鹰雁鱼",
    "山河江湖海泉溪川洋岭峰水庄谷",
    "日月星天阳云",
    "桃梨杏梅李枣桔橙",
    "金银铜铁锡",
    "王皇帝君侯公主后",
    "村庄家园城府坊堂居铺屋楼阁斋馆店",
    "个只颗粒块枚仁条片",
    "喜乐欢福吉祥瑞庆",
    "香甜鲜美佳好优良",
    "男女",
    "师傅徒",
    "春夏秋冬",
    "风雨雷电雪霜",
    "松竹梅兰菊荷莲",
)


@cache
def _meanings() -> Mapping[str, frozenset[int]]:
    table: dict[str, set[int]] = {}
    for number, members in enumerate(_MEANINGS):
        for char in members:
            table.setdefault(char, set()).add(number)
    return {char: frozenset(numbers) for char, numbers in table.items()}


@cache
def readings() -> Mapping[str, tuple[str, ...]]:
    """Character -> its readings without tones, the usual one first, three at most."""
    ranked: dict[str, list[tuple[int, str]]] = {}
    for line in (DATA / "sounds.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            syllable, *parts = line.split()
            for rank, chars in enumerate(parts):
                for char in chars.replace("-", ""):
                    ranked.setdefault(char, []).append((rank, syllable))
    return {char: tuple(s for _, s in sorted(found)) for char, found in ranked.items()}


def merged(syllable: str) -> str:
    """Return a syllable with zh/z, ch/c, sh/s and -ng/-n merged."""
    if syllable[1:2] == "h" and syllable[0] in "zcs":
        syllable = syllable[0] + syllable[2:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


def loose(syllable: str) -> str:
    """Return a merged syllable with n/l, r/l and h/f merged too."""
    syllable = merged(syllable)
    if syllable[0] in "nr" and len(syllable) > 1:
        return "l" + syllable[1:]
    return "f" + syllable[2:] if syllable.startswith("hu") and len(syllable) > 2 else syllable


class _Sound(NamedTuple):
    """What is compared of a syllable."""

    plain: str
    merged: str
    loose: str


@cache
def _sounds() -> Mapping[str, tuple[_Sound, ...]]:
    """Character -> the sounds of its readings."""
    found = {s: _Sound(s, merged(s), loose(s)) for some in readings().values() for s in some}
    return {char: tuple(found[s] for s in some) for char, some in readings().items()}


@cache
def _sound_marks() -> Mapping[str, str]:
    """Loose syllable -> a private character that stands for it."""
    syllables = sorted({sound.loose for found in _sounds().values() for sound in found})
    return {syllable: chr(0xE000 + number) for number, syllable in enumerate(syllables)}


@cache
def _heard() -> list[int]:
    """Return for each code point of the basic plane what is heard; a list is read fastest."""
    table = list(range(0x10000))
    for char, found in _sounds().items():
        table[ord(char)] = ord(_sound_marks()[found[0].loose])
    return table


def heard(text: str) -> str:
    """Return a text with each character put for what stands for its loose usual sound."""
    return text.translate(_heard())


@cache
def _by_sound() -> Mapping[str, str]:
    """What stands for a loose sound -> the characters heard as it."""
    table: dict[str, str] = {}
    for char, found in _sounds().items():
        sound = _sound_marks()[found[0].loose]
        table[sound] = table.get(sound, "") + char
    return table


def heard_as(char: str) -> set[str]:
    """Return the characters of a text that may be heard as one of a mark."""
    return {other for sound in sounds(char) for other in _by_sound().get(sound, sound)}


@cache
def _spoken() -> Mapping[int, str]:
    return {ord(char): f"{found[0]} " for char, found in readings().items()}


def spoken(text: str) -> str:
    """Return a text with each character put for its usual syllable, without tones."""
    return text.translate(_spoken())


def sounds(mark: str) -> Iterator[str]:
    """Yield what a mark may be heard as, in the writing of :func:`heard`."""
    each = [
        sorted({_sound_marks()[sound.loose] for sound in _sounds().get(char, ())[:2]} or {char})
        for char in mark
    ]
    yield from map("".join, product(*each))


@cache
def _shapes() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Character -> its line of the table, and the characters in whose lines it stands."""
    lines = (DATA / "shapes.txt").read_text("utf-8").splitlines()
    ours = {line[0]: line[1:] for line in lines if not line.startswith("#")}
    theirs: dict[str, str] = {}
    for char, line in ours.items():
        for other in line[::2]:
            theirs[other] = theirs.get(other, "") + char
    return ours, theirs


@cache
def _by_shape(char: str) -> Mapping[str, float]:
    """Return the characters that look like one, with a value from .6 up; few are ever asked for."""
    ours, theirs = _shapes()
    line = ours.get(char, "")
    levels = dict(zip(line[::2], line[1::2], strict=True))
    for other in theirs.get(char, ""):
        levels[other] = ours[other][ours[other].index(char) + 1]
    return {other: min(0.92, 0.6 + 0.024 * (ord(c) - ord("a"))) for other, c in levels.items()}


def _sound(mark: str, text: str) -> float:
    """Compare the readings of the mark's character with the usual one of the text's."""
    known = _sounds()
    if text not in known:
        return 0.0
    theirs, best = known[text][0], 0.0
    for ours in known.get(mark, ())[:2]:
        if ours.plain == theirs.plain:
            return _EQUAL
        if ours.merged == theirs.merged:
            best = _MERGED
        elif ours.loose == theirs.loose:
            best = max(best, _LOOSE)
    return best


@lru_cache(maxsize=65_536)
def alike(mark: str, text: str) -> Likeness:
    """Return how alike a character of a text is to one of a mark; not always symmetric."""
    if mark == text:
        return SAME
    sound, shape = _sound(mark, text), _by_shape(mark).get(text, 0.0)
    if sound and shape:
        return Likeness(min(0.97, max(sound, shape) + _BOTH), Way.BOTH)
    if sound or shape:
        return Likeness(sound, Way.SOUND) if sound > shape else Likeness(shape, Way.SHAPE)
    if _meanings().get(mark, frozenset()) & _meanings().get(text, frozenset()):
        return Likeness(_MEANING, Way.MEANING)
    return UNLIKE


@cache
def neighbours(mark: str) -> Mapping[str, Likeness]:
    """Return every character that is like one of a mark in shape or meaning, itself left out."""
    meaning = {c for n in _meanings().get(mark, ()) for c in _MEANINGS[n]}
    others = (meaning | _by_shape(mark).keys()) - {mark}
    return {char: alike(mark, char) for char in sorted(others)}
