"""The text of a query as officers build it: finished while it is typed, narrowed by a click."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from leads.fields import ALIASES, CHOICES, FACETS, FACETS_ZH, KINDS, Field, Kind

MOST = 12
_LAST = re.compile(
    r"(?:^|(?<=[\s(（]))(?:(?P<field>[^\s:：()（）\"“”<>]+)(?P<colon>[:：])[\"“]?)?"
    r"(?P<typed>[^\s:：()（）\"“”<>]*)$"
)
_PLAIN = re.compile(r"[\w.-]+")
_BRANCHED = re.compile(r"[()（）]|(?<!\S)(?:or|not|或|非)(?!\S)", re.IGNORECASE)
"""What makes parts of a query depend on each other, so that none can be taken out."""
_KEYWORDS = ("AND", "OR", "NOT")
_SHOWN = tuple(name for name in ALIASES if not name.isascii())
"""Names that are offered; the English ones work as well."""


class Completion(NamedTuple):
    """The whole query as it would be, and what is said beside it."""

    query: str
    label: str


Counted = Mapping[Field, Mapping[str, int]]
"""How many leads have each value of a field."""


def completions(
    typed: str, counted: Counted, names: Mapping[str, Mapping[str, str]]
) -> list[Completion]:
    """Return what the end of a query may become, the likeliest first.

    Args:
        typed: the query as far as it was typed.
        counted: leads by value, of the fields of :data:`leads.fields.FACETS`.
        names: Chinese words for codes by field.
    """
    last = _LAST.search(typed)
    if last is None:
        return []
    before, text = typed[: last.start()], last["typed"]
    if last["colon"] is None:
        return list(_fields(before, text))[:MOST]
    field = next(iter(ALIASES.get(last["field"].casefold(), ())), None)
    if field is None:
        return []
    start = f"{before}{last['field']}:"
    return list(_values(start, field, text.casefold(), counted.get(field, {}), names))[:MOST]


def _fields(before: str, text: str) -> Iterator[Completion]:
    for name in _SHOWN:
        if text and name.startswith(text):
            sign = " >= " if KINDS[ALIASES[name][0]] in (Kind.NUMBER, Kind.TIME) else ":"
            yield Completion(f"{before}{name}{sign}", "字段")
    if before.strip():
        for word in _KEYWORDS:
            if word.startswith(text.upper()):
                yield Completion(f"{before}{word} ", "连接词")


def _values(
    start: str,
    field: Field,
    text: str,
    counted: Mapping[str, int],
    names: Mapping[str, Mapping[str, str]],
) -> Iterator[Completion]:
    words = names.get(field.value, {})
    listed = words if field in FACETS else ()
    for code in dict.fromkeys((*counted, *CHOICES.get(field, {}), *listed)):
        word = words.get(code, _spelt(field, code, names))
        if code.isprintable() and (text in code.casefold() or text in word.casefold()):
            leads = f"　{counted[code]} 条" if code in counted else ""
            yield Completion(start + quoted(_spelt(field, code, names)), f"{word}{leads}")


def narrowed(query: str, field: Field, code: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """Return the query of those that also have a value; another value of the field gives way."""
    name = FACETS_ZH[field]
    term = f"{name}:{quoted(_spelt(field, code, names))}"
    if _BRANCHED.search(query):
        return f"({query}) {term}"
    same = "|".join(re.escape(one) for one, fields in ALIASES.items() if fields == (field,))
    without = re.sub(rf"(?<!\S)(?:{same})[:：](?:\"[^\"]*\"|[^\s\"]+)", "", query)
    return " ".join([*without.split(), term])


def _spelt(field: Field, code: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """Return how a code is typed: in Chinese where the query language knows the word."""
    if field in CHOICES:
        return CHOICES[field][code][-1] if code in CHOICES[field] else code
    return names.get(field.value, {}).get(code, code) if field is Field.BUREAU else code


def quoted(text: str) -> str:
    """Return a value as a query holds it, in quotes where it must be."""
    if _PLAIN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
