"""All strings that several matchers look for, found in one pass over a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import daachorse

Found = tuple[int, int, str]
"""Characters ``[start, end)`` of a text, and what they are."""


class Pool:
    """Many sets of strings in one automaton: a text is read once for all who ask."""

    def __init__(self) -> None:
        self._askers: dict[str, list[int]] = {}
        self._numbers: dict[tuple[str, ...], int] = {}
        self._texts: list[str] = []
        self._automaton: daachorse.CharwiseDoubleArrayAhoCorasick | None = None
        self._by_asker = lru_cache(maxsize=8)(self._find)

    def add(self, texts: Iterable[str]) -> int:
        """Look for these too, from the next text on; return the number to ask for them by."""
        own = tuple(dict.fromkeys(texts))
        known = len(self._numbers)
        number = self._numbers.setdefault(own, known)
        if number == known:
            for text in own:
                self._askers.setdefault(text, []).append(number)
            self._texts = []
            self._by_asker.cache_clear()
        return number

    def find(self, text: str, number: int) -> Sequence[Found]:
        """Return every place in a text of every string of one set, by their ends."""
        return self._by_asker(text).get(number, ())

    def _find(self, text: str) -> Mapping[int, Sequence[Found]]:
        if not self._texts and self._askers:
            self._texts = list(self._askers)
            self._automaton = daachorse.CharwiseDoubleArrayAhoCorasick(self._texts)
        by_asker: dict[int, list[Found]] = {}
        if self._automaton is not None:
            for start, end, at in self._automaton.find_overlapping(text):
                found = (start, end, self._texts[at])
                for number in self._askers[found[2]]:
                    by_asker.setdefault(number, []).append(found)
        return by_asker
