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
    with (Path(jieba.__file__).parent / "dict.txt").open("rb") as dictionary:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(dictionary)
    tokenizer.initialized = True
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


_REACH = 12
"""Characters of context that settle where a word ends."""
_LONGEST = 5
"""Characters of the longest words that are looked for across a border."""


def stands_alone(plain: Plain, start: int, end: int) -> bool:
    """Tell whether no word reaches over the start or end of the folded ``[start, end)``."""
    return _border(plain, start) and _border(plain, end)


def longer_word(text: str, start: int, end: int) -> str | None:
    """Return the word of a folded text that holds ``[start, end)`` and more, None if none does."""
    low, high = max(0, start - _LONGEST), min(len(text), end + _LONGEST)
    known = _frequencies().get
    covering = any(
        known(text[first:last])
        for first in range(low, start + 1)
        for last in range(end, high + 1)
        if last - first > end - start
    )
    if not covering:
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
    head, tail = text[max(0, at - _REACH) : at], text[at : at + _REACH]
    return not _crossed(head, tail) or len(head) in accumulate(map(len, tokens(head + tail)))


def _crossed(head: str, tail: str) -> bool:
    known = _frequencies().get
    return any(
        known(head[-before:] + tail[:after])
        for before in range(1, min(len(head), _LONGEST) + 1)
        for after in range(1, min(len(tail), _LONGEST) + 1)
    )
