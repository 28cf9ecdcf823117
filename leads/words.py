"""How any text is cut into words for searching, the same for what is stored and what is asked."""

from __future__ import annotations

import re
import unicodedata

_HAN = "〇\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")


def words(text: str) -> tuple[str, ...]:
    """Return the words of ``text``: each Chinese character, and each run of letters and digits.

    Width and case are folded (NFKC, casefold), invisible characters dropped, and everything else
    only separates; so 康師·傅 and "康 師傅" are the same three words. Elasticsearch's ``standard``
    tokenizer cuts alike.
    """
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return tuple(_WORD.findall(folded))
