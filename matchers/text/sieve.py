"""What a listing must hold for the matchers to touch certain rights: quick, and never too strict.

A rematch for a few rights need not put every archived listing through the engine. Whatever touches
a right leaves a trace that can be told beforehand: one of its names, in pinyin or translated; a
string that :class:`matchers.text.windows.Windows` looks for; a word in Latin letters near one of
its own. Records are searched as they are stored, many at once: JSON with all its texts, folded as
the matchers fold them. That can only show more than a look at each text alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from leads.model import Right
from leads.registry import Registry
from matchers.text.evocation import openings
from matchers.text.fields import LONGEST
from matchers.text.latin import SHORTEST, alike, keys
from matchers.text.normalise import fold_table, normalise
from matchers.text.watch import Name, names_of, spelled
from matchers.text.windows import Table, near_at, rewritten, traces

COVERED = frozenset(
    (
        "claims", "copies", "evocation", "gi_imitation", "imitation", "inclusion", "latin", "logos",
        "mandatory", "names", "other_marks", "patents", "seals", "shop_names", "signs",
    )
)  # fmt: skip
"""Matchers whose traces are known; with any other, every listing has to be looked at."""

_RECORD = "\x1e"
"""What parts records; JSON does not hold it as it is."""
_FOLDED = fold_table(_RECORD + ' "\\')
"""Quotes part texts and spaces part words; no text that is folded holds any."""
_ESCAPED = re.compile(r'\\(?:u00[01][0-9a-f]|["\\/bfnrt])')
"""Signs that stand in JSON by another name; all of them are dropped when a text is folded."""
_UNKNOWN = "\\"
"""What is left of any other escape: whoever wrote it, it may be anything."""
_PICTURES = re.compile(r'"pictures":\[[^\]]*\]')
"""Addresses and digests: long, and no text."""
_CUT = re.compile(rf'"(?:title|brand)":"[^"]{{{LONGEST + 1}}}|\["[^"]*","[^"]{{{LONGEST + 1}}}')
"""A text of which only the beginning is compared, so that its last word is another."""
_RUN = re.compile("[a-z0-9]+(?: +[a-z0-9]+)*")
_CHINESE = re.compile("[一-鿿]{2,}")


class Sieve:
    """Finds the records that may touch some rights of a registry.

    Raises:
        KeyError: a right that the registry does not have.
    """

    def __init__(self, registry: Registry, rights: Collection[str]) -> None:
        self.complete = registry.scoring.matchers.keys() <= COVERED
        """False: there is a matcher that is not known here, so nothing can be ruled out."""
        watched = [registry.rights[right] for right in rights]
        names = names_of(watched)
        chinese = {n.plain.text for n in names if _CHINESE.fullmatch(n.plain.text)}
        near = traces(chinese)
        written = (text for mark in chinese for text, _ in rewritten(mark))
        self._plain = Table({text: [None] for text in (*_strings(watched, names), *written)})
        self._close, self._apart = Table(near.close), Table(near.apart)
        self._marks = {
            name.plain.text
            for name in names
            if name.latin and name.plain.text.isalpha() and len(name.plain.text) >= SHORTEST
        }
        self._keys = frozenset(key for mark in self._marks for key in keys(mark))
        self._near = lru_cache(maxsize=65_536)(self._near_a_mark)

    def among(self, bodies: Sequence[str]) -> list[int]:
        """Return which of these records may touch a right, in their order."""
        if not self.complete:
            return list(range(len(bodies)))
        raw = _PICTURES.sub("", _RECORD.join(bodies))
        if "\\" in raw:
            raw = _ESCAPED.sub("\0", raw)
        spaced = raw.translate(_FOLDED)
        text = spaced.replace(" ", "")
        found = set(_records(text, self._strings_in(text)))
        if self._marks:
            found.update(_records(spaced, self._words_in(spaced)))
            found.update(_records(raw, (cut.start() for cut in _CUT.finditer(raw))))
        return sorted(found)

    def _strings_in(self, text: str) -> Iterator[int]:
        for start, _, _ in self._plain.find(text):
            yield start
        for start, _, (mark, at) in self._close.find(text):
            if near_at(mark, text, start - at):
                yield start
        for offset in (0, 1):
            for half, _, (mark, at) in self._apart.find(text[offset::2]):
                start = 2 * half + offset
                if near_at(mark, text, start - at):
                    yield start

    def _words_in(self, spaced: str) -> Iterator[int]:
        near = {run for run in set(_RUN.findall(spaced)) if any(map(self._near, _words(run)))}
        if near:
            yield from (run.start() for run in _RUN.finditer(spaced) if run.group() in near)

    def _near_a_mark(self, word: str) -> bool:
        if len(word) < SHORTEST or word.isdigit() or self._keys.isdisjoint(keys(word)):
            return False
        return any(alike(mark, word) for mark in self._marks)


def _words(run: str) -> Sequence[str]:
    """Return the words of a run; parted by spaces, they may also be one (see ``latin.words``)."""
    return (*run.split(), run.replace(" ", "")) if " " in run else (run,)


def _records(text: str, places: Iterable[int]) -> Iterator[int]:
    """Yield the numbers of the records in which places of a text lie."""
    found = list(places)
    if found:
        ends = list(accumulate(len(record) + 1 for record in text.split(_RECORD)))
        yield from (bisect_right(ends, place) for place in found)


def _strings(rights: Sequence[Right], names: Sequence[Name]) -> Iterator[str]:
    """Yield strings that a text holds as they are if it names a right, or cannot be read here."""
    yield _UNKNOWN
    yield from (name.plain.text for name in (*names, *spelled(names)))
    for right in rights:
        yield from openings(right)
        translated = (normalise(text).text for text in right.translations)
        yield from (text for text in translated if len(text) > 1)
