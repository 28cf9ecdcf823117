"""Where words begin and end, by jieba's dictionary; asked for candidates only."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path

import jieba

from matchers.text.normalise import Plain


@lru_cache(maxsize=1)
def _tokenizer() -> jieba.Tokenizer:
    # Filled by hand: jieba's own start-up trusts a cache file in the shared temporary folder.
    tokenizer = jieba.Tokenizer()
    columns = (Path(jieba.__file__).parent / "dict.txt").read_text("utf-8").split()
    words, counts = columns[::3], list(map(int, columns[1::3]))
    known = dict(zip(words, counts, strict=True))
    for word in words:
        while (word := word[:-1]) and word not in known:
            known[word] = 0
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = known, sum(counts), True
    for line in (Path(__file__).parent / "data/words.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            for word in line.split():
                tokenizer.add_word(word)
    return tokenizer


@lru_cache(maxsize=256)
def tokens(text: str) -> tuple[str, ...]:
    """Cut a text into words of the dictionary."""
    return tuple(_tokenizer().cut(text, HMM=False))


def is_word(text: str, common: int = 1) -> bool:
    """Tell whether the dictionary knows a word, used ``common`` times in its corpus or more."""
    return (_frequencies().get(text) or 0) >= common


@cache
def _frequencies() -> dict[str, int]:
    """Word -> how often; beginnings of words are there too, with 0."""
    found: dict[str, int] = _tokenizer().FREQ
    return found


TOWNS = frozenset("镇乡")
"""Behind a name these make it that of a town."""
_REACH = 12
"""Characters of context that settle where a word ends."""
_LONGEST = 5
"""Characters of the longest words that are looked for across a border."""


def stands_alone(plain: Plain, start: int, end: int) -> bool:
    """Tell whether no word reaches over the start or end of the folded ``[start, end)``."""
    return _border(plain, start) and _border(plain, end)


def longer_word(text: str, start: int, end: int) -> str | None:
    """Return the word of a folded text that holds ``[start, end)`` and more, None if none does."""
    if not any(
        _begins(text, first, end + (first == start), end + _LONGEST)
        for first in range(max(0, start - _LONGEST), start + 1)
    ):
        return None
    position = max(0, start - _REACH)
    for token in tokens(text[position : end + _REACH]):
        if position <= start and position + len(token) >= end and len(token) > end - start:
            return token
        position += len(token)
    return None


def _border(plain: Plain, at: int) -> bool:
    """Tell whether a word ends or begins at ``at``; the text is only cut where one might cross."""
    text = plain.text
    if not 0 < at < len(text) or plain.offsets[at] - plain.offsets[at - 1] > 1:
        return True
    if not any(
        _begins(text, first, at + 1, at + _LONGEST) for first in range(max(0, at - _LONGEST), at)
    ):
        return True
    head, tail = text[max(0, at - _REACH) : at], text[at : at + _REACH]
    return len(head) in accumulate(map(len, tokens(head + tail)))


def _begins(text: str, first: int, least: int, most: int) -> bool:
    """Tell whether a word begins at ``first`` and ends from ``least`` to ``most``."""
    known = _frequencies().get
    for last in range(least, min(len(text), most) + 1):
        often = known(text[first:last])
        if often is None:  # nor does any word begin like that
            return False
        if often:
            return True
    return False
