"""Whether the goods offered are goods of a right: by its own words, else by Nice class."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

import daachorse

from leads.model import Listing, Right
from matchers.text.fields import head
from matchers.text.normalise import folded, normalise
from matchers.text.words import tokens


class Fit(StrEnum):
    """How the goods offered relate to those of a right."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


# Classes whose goods are sold beside each other and count as similar here. Own grouping; the
# register's 类似商品和服务区分表 is finer, an officer settles the rest.
_KIN = (
    {29, 30, 31, 32, 33, 43},
    {5, 29, 30, 32},
    {3, 5, 10, 21},
    {18, 25, 26, 28},
    {23, 24, 25},
    {7, 9, 11, 12},
    {11, 20, 21, 24, 27},
    {1, 2, 4, 17, 19},
    {14, 18, 25, 9},
    {33, 34},
    {16, 28},
    {6, 8, 19, 20, 21},
)


@cache
def _classes_by_word() -> dict[str, frozenset[int]]:
    """Word -> classes it speaks for."""
    table = tomllib.loads((Path(__file__).parent / "data/goods.toml").read_text("utf-8"))
    words: dict[str, set[int]] = {}
    for number, line in table.items():
        for word in line.split():
            words.setdefault(normalise(word).text, set()).add(int(number))
    return {word: frozenset(classes) for word, classes in words.items()}


@cache
def _long_words() -> daachorse.CharwiseDoubleArrayAhoCorasick:
    """Return what finds words of two characters and more, the longest first, none twice."""
    return daachorse.CharwiseDoubleArrayAhoCorasick(
        [word for word in _classes_by_word() if len(word) > 1],
        match_kind=daachorse.MATCH_KIND_LEFTMOST_LONGEST,
    )


@lru_cache(maxsize=256)
def classes_in(text: str) -> frozenset[int]:
    """Return the Nice classes of the goods that a title or category names, empty if none."""
    plain, table = normalise(text).text, _classes_by_word()
    words = [plain[start:end] for start, end, _ in _long_words().find(plain)]
    if not words:
        words = [token for token in tokens(plain) if len(token) == 1 and token in table]
    return frozenset[int]().union(*(table[word] for word in words))


def classes_of(listing: Listing) -> frozenset[int]:
    """Return the classes of the goods offered: by category path where it tells, else by title."""
    return classes_in(" ".join(listing.category)) or classes_in(head(listing))


def similar(ours: frozenset[int], theirs: frozenset[int]) -> bool:
    """Tell whether two sets of classes share one, or hold two that are sold beside each other."""
    return bool(ours & theirs) or any(ours & kin and theirs & kin for kin in _KIN)


def fit(right: Right, listing: Listing, without: str = "") -> Fit:
    """Return whether the goods offered are such as the right protects.

    ``without`` is the text found to be like the right's name; it says nothing about the goods.
    """
    where = head(listing)
    if without:
        where = where.replace(without, " ")
    text = normalise(" ".join((where, *listing.category))).text
    if any(word in text for word in folded(right.not_goods)):
        return Fit.OTHER
    if any(word in text for word in folded(right.goods)):
        return Fit.SAME
    classes = frozenset(right.classes) | {c for mark in right.marks for c in mark.classes}
    offered = classes_in(" ".join(listing.category)) or classes_in(where)
    if not offered or not (classes or right.goods):
        return Fit.UNKNOWN
    wanted = classes or classes_in(" ".join(right.goods))
    if not wanted:
        return Fit.UNKNOWN
    return Fit.SAME if similar(wanted, offered) else Fit.OTHER
