"""The characters of a query: words, phrases, keywords and signs, half or full width."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

MAX_LENGTH = 2000
"""Characters of a query."""

Operator = Literal["<", "<=", ">", ">=", "="]

OPEN, CLOSE, COLON, QUOTE, SIGNS = "(（", ")）", ":：", '"“”＂', "<>≤≥＜＞"
ENDS_VALUE = OPEN + CLOSE + QUOTE
ENDS_WORD = ENDS_VALUE + COLON + SIGNS
_OPERATORS: dict[str, Operator] = {
    "<=": "<=", ">=": ">=", "＜=": "<=", "＞=": ">=", "＜＝": "<=", "＞＝": ">=",
    "≤": "<=", "≥": ">=", "<": "<", ">": ">", "＜": "<", "＞": ">",
}  # fmt: skip


class QueryError(ValueError):
    """The query cannot be understood; the message gives place, reason and a line with a caret."""

    def __init__(self, text: str, position: int, reason: str) -> None:
        self.position = position
        """Characters before the place, from 0."""
        self.reason = reason
        start = max(0, position - 40)
        shown = "".join(_shown(char) for char in text[start : start + 70])
        pad = "".join(_blank(char) for char in shown[: position - start])
        super().__init__(f"查询第 {position + 1} 个字符处：{reason}\n{shown}\n{pad}^")


@dataclass(frozen=True, slots=True)
class Value:
    """A word or phrase, unescaped; ``star`` where an unescaped ``*`` ends it."""

    text: str
    at: int
    quoted: bool
    star: bool


class Scanner:
    """Reads a query from left to right; ``at`` is the next character.

    Raises:
        QueryError: the text is too long or holds control characters.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        if len(text) > MAX_LENGTH:
            raise self.error(f"查询过长（{len(text)} 个字符，上限 {MAX_LENGTH}）", MAX_LENGTH)
        for at, char in enumerate(text):
            if unicodedata.category(char) in {"Cc", "Cs"} and not char.isspace():
                raise self.error(f"不能使用控制字符 U+{ord(char):04X}", at)

    def error(self, reason: str, at: int | None = None) -> QueryError:
        """Return the error for ``at``, or for where we are."""
        return QueryError(self.text, self.at if at is None else at, reason)

    def done(self) -> bool:
        """Tell whether only white space is left, stepping over it."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at == len(self.text)

    def ahead(self, chars: str) -> bool:
        """Tell whether one of ``chars`` comes next."""
        return not self.done() and self.text[self.at] in chars

    def keyword(self, spellings: Collection[str]) -> bool:
        """Tell whether one of ``spellings`` comes next as a word of its own."""
        return self._word().casefold() in spellings

    def step(self) -> None:
        """Step over the word that comes next."""
        self.at += len(self._word())

    def operator(self) -> Operator | None:
        """Step over a comparison sign, if one comes next."""
        if not self.done():
            for sign, meaning in _OPERATORS.items():
                if self.text.startswith(sign, self.at):
                    self.at += len(sign)
                    return meaning
        return None

    def value(self, ends: str) -> Value:
        """Read a phrase in quotes, or a word up to white space or one of ``ends``."""
        if self.done():
            raise self.error("此处缺少要查的值")
        start = self.at
        quoted = self.ahead(QUOTE)
        self.at += quoted
        chars: list[str] = []
        star = False
        while self.at < len(self.text) and not self._over(quoted, ends):
            char = self.text[self.at]
            if star:
                raise self.error("通配符 * 只能放在词尾", self.at - 1)
            if char == "\\" and self.at + 1 < len(self.text):
                self.at += 1
                chars.append(self.text[self.at])
            elif char in "*＊" and not quoted:
                star = True
            else:
                chars.append(char)
            self.at += 1
        if quoted and self.at == len(self.text):
            raise self.error("引号没有闭合", start)
        self.at += quoted
        text = "".join(chars)
        if not text.strip() and not star:
            raise self.error("此处缺少要查的值", start)
        return Value(text, start, quoted, star)

    def _over(self, quoted: bool, ends: str) -> bool:
        char = self.text[self.at]
        return char in QUOTE if quoted else char in ends or char.isspace()

    def _word(self) -> str:
        if self.done():
            return ""
        end = self.at
        while end < len(self.text) and not (
            self.text[end] in ENDS_WORD or self.text[end].isspace()
        ):
            end += 1
        return self.text[self.at : end]


def _shown(char: str) -> str:
    return char if char.isprintable() else " " if char.isspace() else "\ufffd"


def _blank(char: str) -> str:
    return "\u3000" if unicodedata.east_asian_width(char) in "WF" else " "
