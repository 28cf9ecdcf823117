"""Texts and codes as full-text search of the embedded store holds them: bigrams cut beforehand.

SQLite's own tokenizers find no Chinese word of two characters (unicode61 takes a whole sentence as
one word, trigram needs three), so tokens are made here and parted by blanks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from operator import add

from leads.words import HAN, is_han, words

BREAK = "¦"
"""Stands before each text, so that a phrase never runs from one into the next."""

_RUN = re.compile(rf"[{HAN}](?: [{HAN}])+")


@lru_cache(maxsize=4096)
def code(value: str) -> str:
    """Return the token for ``field=value``: no word begins so, and no sign in it cuts it."""
    return BREAK + value.encode().lower().hex()


@lru_cache(maxsize=4096)  # the same categories, places, names and reasons come again and again
def indexed(text: str) -> str:
    """Return a text as full-text search takes it."""
    cut = words(text)
    return f"{BREAK} {' '.join(tokens(cut))}" if cut else ""


def tokens(cut: Sequence[str]) -> list[str]:
    """Return one token for each word: a Chinese character goes with the Chinese one after it.

    老陈醋 becomes 老陈 陈醋 醋, so a phrase of bigrams is rare where its characters are frequent,
    and a single character is what a token begins with.
    """
    return _RUN.sub(_pairs, " ".join(cut)).split()


def phrase(cut: Sequence[str], prefix: bool) -> str:
    """Return the FTS5 phrase that finds words one after the other."""
    found = tokens(cut)
    open_end = prefix or is_han(cut[-1])
    if is_han(cut[-1]) and len(cut) > 1 and is_han(cut[-2]):
        del found[-1]  # the bigram before it holds it
        open_end = False
    return f'"{" ".join(found)}"' + (" *" if open_end else "")


def _pairs(run: re.Match[str]) -> str:
    chars = run[0][::2]
    return " ".join([*map(add, chars, chars[1:]), chars[-1]])
