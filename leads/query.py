"""What officers ask of the leads: one KQL subset, parsed once into a tree every store compiles.

::

    标题:"老陈醋" AND 城市:太原 AND NOT 状态:排除
    分数 >= 0.8 且 (平台:taobao 或 平台:jd) 发现时间 > 2026-11-01
    状态:(排除 OR 中止) 店铺:康*

Conditions side by side must all fit. Text, in quotes or not, is cut by :func:`leads.words.words`
and must occur as a phrase: its words follow one another within one value of one field, whatever
signs stand between them, so 老陈醋 never finds 陈年老醋, and one character is found wherever it
occurs. Without a field that may be any field of text. Codes (platform, number, state) are whole
values, in whichever case. ``*`` stands only at a word's end; ``field:*`` asks whether there is
anything. Dates are days of Beijing. A field without value fits no condition, so it fits every NOT.

No part of the text ever reaches the syntax of an engine: a store sees the tree only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from leads.beijing import BEIJING
from leads.fields import ALIASES, CHOICES, KINDS, Field, Kind
from leads.scanner import (
    CLOSE,
    COLON,
    ENDS_VALUE,
    ENDS_WORD,
    MAX_LENGTH,
    OPEN,
    SIGNS,
    Operator,
    QueryError,
    Scanner,
    Value,
)
from leads.tree import All, And, Compare, Exists, Not, Or, Query, Term, Words
from leads.words import words

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_TERMS",
    "All",
    "And",
    "Compare",
    "Exists",
    "Field",
    "Not",
    "Or",
    "Query",
    "QueryError",
    "Term",
    "Words",
    "parse",
]

MAX_DEPTH = 20
"""Brackets and negations inside each other."""
MAX_TERMS = 200
"""Conditions in one query."""

_AND, _OR, _NOT = {"and", "且"}, {"or", "或"}, {"not", "非"}


def parse(text: str, cities: Mapping[str, str] | None = None) -> Query:
    """Return what ``text`` asks; ``cities`` gives a bureau's code by the name of city or county.

    Raises:
        QueryError: with the place and, in Chinese, the reason.
    """
    return _Parser(text, cities or {}).query()


class _Parser(Scanner):
    """Recursive descent; ``names`` are the fields that a bracket after a colon speaks of."""

    def __init__(self, text: str, cities: Mapping[str, str]) -> None:
        super().__init__(text)
        self.cities = cities
        self.terms = 0
        self.depth = 0

    def query(self) -> Query:
        if self.done():
            return All()
        tree = self.either(None)
        if not self.done():
            raise self.error("多余的右括号")
        return tree

    def either(self, names: tuple[Field, ...] | None) -> Query:
        parts = [self.both(names)]
        while self.keyword(_OR):
            self.step()
            parts.append(self.both(names))
        return _or(parts)

    def both(self, names: tuple[Field, ...] | None) -> Query:
        parts = [self.negation(names)]
        while not (self.done() or self.ahead(CLOSE) or self.keyword(_OR)):
            if self.keyword(_AND):
                self.step()
            parts.append(self.negation(names))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self, names: tuple[Field, ...] | None) -> Query:
        if not self.keyword(_NOT):
            return self.unit(names)
        self.deeper()
        self.step()
        part = self.negation(names)
        self.depth -= 1
        return Not(part)

    def unit(self, names: tuple[Field, ...] | None) -> Query:
        """Read a group, ``field:value``, ``field > value``, or a bare word or phrase."""
        if self.done():
            raise self.error("查询到此中断，缺少条件")
        if self.ahead(CLOSE):
            raise self.error("括号内缺少条件" if self.depth else "多余的右括号")
        if self.ahead(COLON + SIGNS):
            raise self.error("冒号或比较符号前缺少字段名")
        if self.keyword(_AND | _OR):
            raise self.error("“且”“或”前缺少条件；若要搜索这个词，请加引号")
        if self.ahead(OPEN):
            return self.group(names)
        if names is not None:
            return self.fits(names, self.value(ENDS_VALUE))
        word = self.value(ENDS_WORD)
        if not word.quoted and self.ahead(COLON + SIGNS):
            return self.condition(self.named(word))
        return self.fits(None, word)

    def group(self, names: tuple[Field, ...] | None) -> Query:
        start = self.at
        self.deeper()
        self.at += 1
        tree = self.either(names)
        if not self.ahead(CLOSE):
            raise self.error("括号没有闭合", start)
        self.at += 1
        self.depth -= 1
        return tree

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"括号或否定嵌套过深（上限 {MAX_DEPTH} 层）")

    def named(self, word: Value) -> tuple[Field, ...]:
        names = ALIASES.get(unicodedata.normalize("NFKC", word.text).casefold())
        if names is None or word.star:
            raise self.error(
                f"没有“{word.text}”这个字段；若要搜索带冒号或比较符号的文字，请加引号", word.at
            )
        return names

    def condition(self, names: tuple[Field, ...]) -> Query:
        """Read what follows a field's name: a colon, a sign, or both, then a value or a group."""
        if self.ahead(COLON):
            self.at += 1
            if self.ahead(OPEN):
                return self.group(names)
        operator = self.operator()
        value = self.value(ENDS_VALUE)
        if operator is None:
            return self.fits(names, value)
        if KINDS[names[0]] not in {Kind.NUMBER, Kind.TIME}:
            raise self.error("该字段不能比较大小，请用冒号", value.at)
        return self.measured(names[0], operator, value)

    def fits(self, names: tuple[Field, ...] | None, value: Value) -> Query:
        """Return the condition that one of ``names`` (any text, if None) fits ``value``."""
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise self.error(f"条件过多（上限 {MAX_TERMS} 个）", value.at)
        if names is None:
            return self.worded(None, value)
        return _or([self.one(field, value) for field in names])

    def one(self, field: Field, value: Value) -> Query:
        if value.star and not value.text:
            return Exists(field)
        match KINDS[field]:
            case Kind.TEXT:
                return self.worded(field, value)
            case Kind.TERM:
                return self.coded(field, value)
            case Kind.NUMBER | Kind.TIME:
                return self.measured(field, "=", value)

    def worded(self, field: Field | None, value: Value) -> Query:
        found = words(value.text)
        if not found:
            raise self.error("没有可搜索的文字", value.at)
        return Words(field, found, value.star)

    def coded(self, field: Field, value: Value) -> Query:
        """Return the codes that are meant; those with Chinese names may be typed by them."""
        text = unicodedata.normalize("NFKC", value.text)
        if field is Field.BUREAU and not text.isascii():
            return Term(field, self.city(text, value))
        if field not in CHOICES:
            return Term(field, text, value.star)
        meant = [code for code, names in CHOICES[field].items() if _chosen(text, value.star, names)]
        if not meant:
            known = "、".join(names[-1] for names in CHOICES[field].values())
            raise self.error(f"“{text}”不是该字段的值，可用：{known}", value.at)
        return _or([Term(field, code) for code in meant])

    def city(self, name: str, value: Value) -> str:
        code = self.cities.get(name) or self.cities.get(name + "市")
        if code is None or value.star:
            raise self.error(f"没有“{name}”的承办单位，可改用六位区划代码", value.at)
        return code

    def measured(self, field: Field, operator: Operator, value: Value) -> Query:
        text = unicodedata.normalize("NFKC", value.text)
        if value.star:
            raise self.error("数字和时间不能用通配符", value.at)
        if KINDS[field] is Kind.NUMBER:
            if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", text, re.ASCII):
                raise self.error(f"“{text}”不是数字", value.at)
            return Compare(field, operator, float(text))
        try:
            start, end = _period(text)
        except (ValueError, OverflowError):
            raise self.error(
                f"“{text}”不是日期，应如 2026-11-01 或 2026-11-01T08:30", value.at
            ) from None
        if operator == "=":
            return And((Compare(field, ">=", start), Compare(field, "<", end)))
        edge = start if operator in {">=", "<"} else end
        return Compare(field, ">=" if operator in {">=", ">"} else "<", edge)


def _period(text: str) -> tuple[datetime, datetime]:
    """Return when the year, month, day or minute written in ``text`` begins and when it is over."""
    written = re.fullmatch(
        r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:T(\d{1,2}):(\d{2}))?)?)?", text, re.ASCII
    )
    if written is None:
        raise ValueError(text)
    year, month, day, hour, minute = (int(part or 0) for part in written.groups())
    start = datetime(year, month or 1, day or 1, hour, minute, tzinfo=BEIJING)
    if written[4]:
        end = start + timedelta(minutes=1)
    elif written[3]:
        end = start + timedelta(days=1)
    elif written[2]:
        end = (start + timedelta(days=31)).replace(day=1)
    else:
        end = start.replace(year=year + 1)
    return start.astimezone(UTC), end.astimezone(UTC)


def _or(parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _chosen(text: str, prefix: bool, names: tuple[str, ...]) -> bool:
    typed = text.casefold()
    return any(n.startswith(typed) if prefix else n == typed for n in map(str.casefold, names))
