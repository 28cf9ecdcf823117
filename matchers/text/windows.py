"""Where a text comes near a mark of Chinese characters: candidates by pairs, then alignment.

Most windows of most texts are near no mark, so candidates come from tables made beforehand: every
two characters of a mark, neighbours or one apart, one of them kept and the other kept or put for a
character of like shape or meaning; the sound of the whole mark; and whole strings for marks
reordered, shortened or split. Only candidates are aligned and scored. :func:`naive` aligns every
window and is what the tests hold this against.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from itertools import permutations, product
from operator import ne
from typing import Generic, NamedTuple, TypeVar

import daachorse

from matchers.text.likeness import (
    DATA,
    UNLIKE,
    Likeness,
    Way,
    alike,
    heard,
    heard_as,
    neighbours,
    sounds,
)
from matchers.text.pool import Pool


class Kind(StrEnum):
    """How an imitation comes near a mark, in the words of trade-mark examiners.

    After 商标审查审理指南（2021）下编第五章, from memory.
    """

    SOUND = "读音相同或近似"
    SHAPE = "字形近似"
    BOTH = "读音、字形均近似"
    MEANING = "含义近似，换用同类字"
    ONE_OFF = "仅个别文字不同"
    ADDED = "增加个别文字"
    DROPPED = "减少个别文字"
    ORDER = "文字相同，仅排列顺序不同"
    SPLIT = "拆分文字"
    WHOLE = "完整包含他人商标"


class Near(NamedTuple):
    """A window ``[start, end)`` of a text near ``mark``; ``score`` from 0 to 1."""

    mark: str
    start: int
    end: int
    kind: Kind
    score: float


_KEPT = 0.75
"""How alike a swapped character must be beside a kept one in marks of three and more."""
_KEPT_LONG = 0.65
"""The same in long names, of which no two kept characters alone make a candidate."""
_SHORT = 16
"""Characters of a text that is likely to come again."""
_TWICE = 0.85
"""How alike both must be in a mark of two characters of which none is kept."""


def align(mark: str, window: str) -> tuple[Kind, float] | None:
    """Compare a mark with a window of its own length; None if they are too far apart or equal."""
    size, steps = len(mark), sum(map(ne, mark, window))
    if not steps or steps > (size + 1) // 2 + (size == 2):
        return None
    one_off = (Kind.ONE_OFF, 0.5 if size > 3 else 0.36) if steps == 1 and size > 2 else None
    changed = []
    for ours, theirs in zip(mark, window, strict=True):
        if ours != theirs:
            like = alike(ours, theirs)
            if like is UNLIKE:
                return one_off
            changed.append(like)
    if steps == size == 2 and min(like.value for like in changed) < _TWICE:
        return None
    mean = sum(like.value for like in changed) / steps
    return _kind(changed), round(mean * 0.9 ** (steps - 1) * (0.8 + 0.2 * (size - steps) / size), 4)


def _kind(changed: Sequence[Likeness]) -> Kind:
    ways = {like.way for like in changed}
    if Way.MEANING in ways:
        return Kind.MEANING
    if ways <= {Way.SOUND}:
        return Kind.SOUND
    return Kind.SHAPE if ways <= {Way.SHAPE} else Kind.BOTH


_WHOLE = {Kind.ADDED: 0.7, Kind.DROPPED: 0.5, Kind.ORDER: 0.72, Kind.SPLIT: 0.85}
"""Scores of the kinds that are equal as a whole after one step."""


@cache
def _splits() -> Mapping[str, str]:
    """Character -> the two characters it falls into."""
    lines = (DATA / "splits.txt").read_text("utf-8").splitlines()
    words = (word for line in lines if not line.startswith("#") for word in line.split())
    return {word[0]: word[1:] for word in words}


def rewritten(mark: str) -> Iterator[tuple[str, Kind]]:
    """Yield a mark reordered, shortened by a character, or with one character split in two."""
    if len(mark) == 3:
        yield from (("".join(p), Kind.ORDER) for p in permutations(mark) if "".join(p) != mark)
    if len(mark) >= 4:
        for at in range(len(mark) - 1):
            swapped = mark[:at] + mark[at + 1] + mark[at] + mark[at + 2 :]
            if swapped != mark:
                yield swapped, Kind.ORDER
        for at in range(len(mark)):
            yield mark[:at] + mark[at + 1 :], Kind.DROPPED
    for at, char in enumerate(mark):
        for parts in _apart(char):
            yield mark[:at] + parts + mark[at + 1 :], Kind.SPLIT


def _apart(char: str) -> Iterator[str]:
    """Yield the two parts of a character, and each with one part put for its look-alikes."""
    parts = _splits().get(char)
    if parts:
        yield parts
        yield from (
            other + parts[1] for other, like in neighbours(parts[0]).items() if _looks(like)
        )
        yield from (
            parts[0] + other for other, like in neighbours(parts[1]).items() if _looks(like)
        )


def _looks(like: Likeness) -> bool:
    return like.way in (Way.SHAPE, Way.BOTH) and like.value >= _TWICE


T = TypeVar("T")


class Table(Generic[T]):
    """Values by pattern; finds all patterns in a text in one pass."""

    def __init__(self, values: Mapping[str, Sequence[T]]) -> None:
        self._values = list(values.values())
        self._automaton = daachorse.CharwiseDoubleArrayAhoCorasick(list(values)) if values else None

    def find(self, text: str) -> list[tuple[int, int, T]]:
        """Return ``(start, end, value)`` for every value of every pattern found."""
        found = self._automaton.find_overlapping(text) if self._automaton is not None else ()
        return [(start, end, value) for start, end, n in found for value in self._values[n]]


class Windows:
    """The pairs and whole strings of many marks; finds where a text comes near one."""

    def __init__(
        self, marks: Iterable[str], long_names: Iterable[str] = (), pool: Pool | None = None
    ) -> None:
        """``long_names`` are only looked for with characters that are alike, none put in."""
        near: dict[str, list[tuple[str, int, Kind | None]]] = {}
        spread: dict[str, list[tuple[str, int]]] = {}
        loosely = set(marks)
        for mark in sorted(loosely.union(long_names)):
            size = len(mark)
            for sound in sounds(mark):
                spread.setdefault(sound, []).append((mark, 0))
            for at in range(size - 1):
                for pair in _pairs(mark[at], mark[at + 1], size, mark in loosely):
                    near.setdefault(pair, []).append((mark, at, None))
            for at in range(size - 2):
                for pair in _pairs(mark[at], mark[at + 2], size, mark in loosely):
                    spread.setdefault(pair, []).append((mark, at))
            for text, kind in rewritten(mark):
                near.setdefault(text, []).append((mark, 0, kind))
        self._near = near
        self._pool = pool or Pool()
        self._number = self._pool.add(near)
        self._spread = Table(spread)
        self._in_short = lru_cache(maxsize=8192)(self._find)
        self._in_long = lru_cache(maxsize=64)(self._find)

    def find(self, text: str) -> tuple[Near, ...]:
        """Return every place near a mark, best first; equal windows are not near but the same."""
        # The values of attributes come again and again; a long text only with the next matcher.
        return (self._in_short if len(text) <= _SHORT else self._in_long)(text)

    def _find(self, text: str) -> tuple[Near, ...]:
        seen: set[Near] = set()
        for start, end, found in self._pool.find(text, self._number):
            for mark, at, kind in self._near[found]:
                if kind is None:
                    seen.update(_at(mark, text, start - at))
                else:
                    seen.add(Near(mark, start, end, kind, _WHOLE[kind]))
        # Characters one apart are neighbours among every second character.
        even, odd = text[::2], text[1::2]
        for place, _, (mark, at) in self._spread.find(f"{even}\n{odd}\n{heard(text)}"):
            if place < len(even):
                start = 2 * place
            elif place <= len(text):
                start = 2 * (place - len(even)) - 1
            else:
                start = place - len(text) - 2
            seen.update(_at(mark, text, start - at))
        return tuple(sorted(seen, key=lambda n: (-n.score, n.start, n.mark, n.kind)))


def _pairs(first: str, second: str, size: int, loosely: bool) -> Iterator[str]:
    least = 0.0 if size == 2 else _KEPT if loosely else _KEPT_LONG
    if size > 2 and loosely:
        yield first + second
    yield from (first + other for other in _swaps(second, least))
    yield from (one + second for one in _swaps(first, least))
    if size == 2:
        yield from map("".join, product(_swaps(first, _TWICE), _swaps(second, _TWICE)))


@cache
def _swaps(char: str, least: float) -> str:
    return "".join(other for other, like in neighbours(char).items() if like.value >= least)


def _at(mark: str, text: str, start: int) -> Iterator[Near]:
    """Yield how a mark lies at one place: over its own length, or with one character put in."""
    size = len(mark)
    if (
        start >= 0
        and start + size <= len(text)
        and (found := align(mark, text[start : start + size]))
    ):
        yield Near(mark, start, start + size, *found)
    if size < 3:
        return
    for first in (start - 1, start):
        last = first + size
        # A slice is empty outside of the text, so the ends are held against the mark's first.
        if first < 0 or text[first : first + 1] != mark[0] or text[last : last + 1] != mark[-1]:
            continue
        window = text[first : last + 1]
        if any(window[:at] + window[at + 1 :] == mark for at in range(1, size)):
            yield Near(mark, first, last + 1, Kind.ADDED, _WHOLE[Kind.ADDED])


Trace = tuple[str, int]
"""A mark, and at which of its characters a string lies where the text is near the mark."""


class Traces(NamedTuple):
    """Strings of which every text near a mark holds one, each with what it may be a trace of."""

    close: Mapping[str, Sequence[Trace]]
    apart: Mapping[str, Sequence[Trace]]
    """Such among every second character of the text."""


def traces(marks: Iterable[str]) -> Traces:
    """Return what :class:`Windows` looks for, if these are all its marks or all its long names.

    In place of the sound of a whole mark stand its first two characters, written in every way.
    """
    close: dict[str, set[Trace]] = {}
    apart: dict[str, set[Trace]] = {}
    for mark in marks:
        size = len(mark)
        for sounding in product(*map(heard_as, mark[:2])):
            close.setdefault("".join(sounding), set()).add((mark, 0))
        for loosely in (True, False):
            for at in range(size - 1):
                for pair in _pairs(mark[at], mark[at + 1], size, loosely):
                    close.setdefault(pair, set()).add((mark, at))
            for at in range(size - 2):
                for pair in _pairs(mark[at], mark[at + 2], size, loosely):
                    apart.setdefault(pair, set()).add((mark, at))
    return Traces(
        {k: sorted(v) for k, v in close.items()}, {k: sorted(v) for k, v in apart.items()}
    )


def near_at(mark: str, text: str, start: int) -> bool:
    """Tell whether a text comes near a mark that would begin at ``start``, or sounds like it."""
    return any(_at(mark, text, start)) or (
        start >= 0 and heard(text[start : start + len(mark)]) == heard(mark)
    )


def naive(marks: Iterable[str], text: str) -> Iterator[Near]:
    """Yield what aligning every window with every mark finds; slow, the oracle of the tests."""
    for mark in marks:
        for start in range(len(text)):
            yield from _at(mark, text, start)
            for other, kind in rewritten(mark):
                if text.startswith(other, start):
                    yield Near(mark, start, start + len(other), kind, _WHOLE[kind])
