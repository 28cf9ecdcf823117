"""All that several matchers look for, found in one pass over a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import daachorse

Found = tuple[int, int, str]
"""Folded characters ``[start, end)`` of a text, and what they are."""


class Pool:
    """All strings that several matchers look for, in one automaton: a text is read once for all."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        self._every: tuple[str, ...] = ()
        self._automaton: daachorse.CharwiseDoubleArrayAhoCorasick | None = None
        self._last: tuple[str, Sequence[Found]] = ("", ())

    def add(self, texts: Iterable[str]) -> None:
        """Look for these too, from the next text on."""
        self._texts.update(dict.fromkeys(texts))
        self._last = ("", ())

    def find(self, text: str) -> Sequence[Found]:
        """Return every place of every string in a folded text, by their ends."""
        known, found = self._last
        if known is not text:
            found = self._find(text)
            self._last = (text, found)
        return found

    def _find(self, text: str) -> Sequence[Found]:
        if len(self._every) < len(self._texts):  # matchers add theirs one after another
            self._every = tuple(self._texts)
            self._automaton = daachorse.CharwiseDoubleArrayAhoCorasick(list(self._every))
        if self._automaton is None:
            return ()
        every = self._every
        return [(start, end, every[n]) for start, end, n in self._automaton.find_overlapping(text)]
