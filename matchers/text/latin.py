"""Imitations of marks in Latin letters: look-alike signs and single letters changed."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from leads.model import Finding, Hit, Listing, RightKind
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.defences import Case
from matchers.text.fields import Text, brand_of, in_words, offer
from matchers.text.goods import Fit
from matchers.text.normalise import Plain, normalise
from matchers.text.watch import Name, names_of, protected

_LETTER = re.compile("[a-z]")
_WORD = re.compile(r"[a-z0-9]+")
_WORTH = re.compile(r"[a-z][a-z0-9]{2}|[0-9][a-z][a-z0-9]|[0-9]{2,}[a-z]")
SHORTEST, _TWO_EDITS = 3, 8
"""Letters a mark must have to be watched at all, and from which two changes are looked at."""


def _each(signs: str, others: str) -> dict[int, int]:
    """Return a table of all letters and digits, some put for others; one left out costs time."""
    every = string.ascii_lowercase + string.digits
    return str.maketrans(every, every) | str.maketrans(signs, others)


# Signs that are read as a letter in a word: Unicode TR39 in spirit, own table.
_READ_AS = _each("01345689l", "oieasgbgi")
_DIGRAPHS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"))


def words(plain: Plain) -> Iterator[tuple[int, str]]:
    """Yield every word of Latin letters and digits with its place; hyphens and dots part none."""
    raw = plain.raw.lower()
    for run in _WORD.finditer(plain.text):
        start = run.start()
        if run.group() not in raw:
            for at, gap in enumerate(plain.gaps(*run.span()), run.start() + 1):
                if " " in gap:
                    yield start, plain.text[start:at]
                    start = at
        yield start, plain.text[start : run.end()]


def skeleton(word: str) -> str:
    """Return a word as a hurried reader takes it: 0 for o, l and 1 for i, rn for m."""
    word = word.translate(_READ_AS)
    for pair, letter in _DIGRAPHS:
        word = word.replace(pair, letter)
    return word


def shortened(word: str) -> list[str]:
    """Return a word and all that is left of it when one letter is taken out."""
    return [word, *[word[:at] + word[at + 1 :] for at in range(len(word))]]


_COARSE = _each("dpqnrhoecvygljtfzx", "bbbmmmaaauuuiiiisk")


def keys(word: str) -> set[str]:
    """Return what two words must share one of to be worth comparing.

    The word or its skeleton less one letter; its letters taken coarsely; its letters in order. Of
    a short word, or one with digits, only the skeleton counts.
    """
    if len(word) < 4 or not word.isalpha():
        return {skeleton(word)}
    long = (f"~{word.translate(_COARSE)}", "#" + "".join(sorted(word))) if len(word) >= 5 else ()
    read = skeleton(word)
    return {*shortened(word), *(shortened(read) if read != word else ()), *long}


def distance(one: str, other: str) -> int:
    """Return how many letters were put in, left out, changed or swapped with a neighbour.

    Damerau-Levenshtein distance in its optimal-string-alignment form.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]


class Latin(Matcher):
    """Finds words that come near a watched mark in Latin letters."""

    name = "latin"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._near: dict[str, list[Name]] = {}
        self._own: set[str] = set()
        for name in names_of(protected(registry, RightKind.TRADEMARK)):
            word = name.plain.text
            if name.latin and word.isalpha() and len(word) >= SHORTEST:
                self._own.add(word)
                for key in keys(word):
                    self._near.setdefault(key, []).append(name)

        self._candidates = lru_cache(maxsize=4096)(self._near_to)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``brand.imitation`` for the best word near each mark."""
        best: dict[str, Hit] = {}
        said = offer(listing)
        for text in said.naming if self._near and _LETTER.search(said.folded) else ():
            for hit in self._hits(listing, text, day):
                if hit.right not in best or hit.score > best[hit.right].score:
                    best[hit.right] = hit
        yield from best.values()

    def _hits(self, listing: Listing, text: Text, day: date) -> Iterator[Hit]:
        if not _WORTH.search(text.plain.text):
            return
        for start, word in words(text.plain):
            end = start + len(word)
            if len(word) < SHORTEST or word.isdigit() or word in self._own:
                continue
            for name, likeness in self._candidates(word):
                if name.right.in_force(day):
                    users = self.registry.users.get(name.right.id, ())
                    case = Case(listing, name.right, users, day, text, start, end, True)
                    yield self._hit(case, word, name, likeness)

    def _near_to(self, word: str) -> tuple[tuple[Name, float], ...]:
        names = {name for key in keys(word) & self._near.keys() for name in self._near[key]}
        found = ((name, alike(name.plain.text, word)) for name in names)
        near = ((name, likeness) for name, likeness in found if likeness)
        return tuple(sorted(near, key=lambda pair: (-pair[1], pair[0].right.id, pair[0].plain.raw)))

    def _hit(self, case: Case, word: str, name: Name, likeness: float) -> Hit:
        right = case.right
        score = likeness
        if case.goods is not Fit.SAME:
            score *= 0.6
        if word in normalise(brand_of(case.listing)).text:
            score += 0.1
        span = case.text.cut(case.start, case.end)
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.BRAND_IMITATION,
            matcher=self.name,
            score=round(min(score, 0.97), 4),
            reason=f"{in_words(case.text)}中的“{span.text}”与注册商标“{name.plain.raw}”近似"
            "（外文仅个别字母不同），涉嫌攀附；是否容易导致混淆、是否另有注册待核。",
            spans=(span,),
            defences=case.defences,
        )


_LOOK_ALIKE = tuple(
    map(set, ("bdpq", "mnr", "aoec", "uvy", "ijlt", "ft", "gqy", "hnb", "ckx", "sz"))
)


def alike(mark: str, word: str) -> float:
    """Return how alike a word is to a mark, 0 if it is too far.

    The same skeleton is nearly the mark itself. Else one letter, in long marks two, may differ, or
    up to half of them where each looks like the one it stands for, or the halves are turned round.
    A digit that stands for no letter, or a changed first letter, speaks against it; so do marks of
    fewer than four letters.
    """
    if skeleton(mark) == skeleton(word):
        return 0.92
    size, first = len(mark), 0.0 if mark[0] == word[0] else 0.1
    if not word.isalpha() or size < 4 or (size == 4 and first):
        return 0.0
    steps = min(distance(mark, word), distance(skeleton(mark), skeleton(word)))
    if steps <= (2 if size >= _TWO_EDITS else 1):
        return (0.8 if steps == 1 else 0.65) - (0.33 if size <= 4 else 0.0) - first
    if size == len(word) >= 5 and word in mark + mark:
        return 0.7
    return 0.7 - first if size == len(word) >= 5 and _look_alike(mark, word) else 0.0


def _look_alike(mark: str, word: str) -> bool:
    changed = [(a, b) for a, b in zip(mark, word, strict=True) if a != b]
    alike = all(any(a in group and b in group for group in _LOOK_ALIKE) for a, b in changed)
    return alike and 2 * len(changed) <= len(mark)
