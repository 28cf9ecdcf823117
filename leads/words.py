"""How any text is cut into words for searching, the same for what is stored and what is asked."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from opencc import OpenCC

HAN = "〇\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
_ONE_HAN = re.compile(rf"[{HAN}]$")
_TRADITIONAL = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2FA20))
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")


def words(text: str) -> tuple[str, ...]:
    """Return the words of ``text``: each Chinese character, and each run of letters and digits.

    Width and case are folded (NFKC, casefold), traditional characters made simple, invisible ones
    dropped, and everything else only separates; so 康師·傅 and "康 师傅" are the same three words.
    """
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return tuple(_WORD.findall(folded.translate(simplified())))


def is_han(word: str) -> bool:
    """Tell whether a word is one Chinese character, or a Japanese one, rather than letters."""
    return _ONE_HAN.match(word) is not None


@cache
def simplified() -> dict[int, str]:
    """Return code point -> simplified character, of traditional ones: OpenCC's table, one to one.

    An engine that folds by itself must be given this very table.
    """
    chars = [chr(point) for first, last in _TRADITIONAL for point in range(first, last)]
    simple = OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {ord(old): new for old, new in zip(chars, simple, strict=True) if old != new}
