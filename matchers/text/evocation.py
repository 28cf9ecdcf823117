"""A GI evoked without being claimed outright: 式, 型, 类, 风味, 同款 on it, or its translation.

After 地理标志产品保护办法 (2024) art. 30, from memory: the protected name with such words, or
translated, counts even where the true origin is stated. Such words are common (式 stands in one
title of ten), so they count only next to the name, or between its place and its goods.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from leads.model import Defence, DefenceCode, Finding, Hit, Listing, Right, RightKind
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.defences import Case
from matchers.text.fields import Offer, Text, head, in_words, offer
from matchers.text.label import checklist
from matchers.text.normalise import normalise
from matchers.text.places import is_place
from matchers.text.pool import Pool
from matchers.text.watch import Name, Watch, names_of, pool_of, protected

_WORDS = "风味|口味|风格|风情|工艺|配方|做法|特色|同款|味道|仿|式|型|类|种|味|款|派"
_AFTER = re.compile(rf"^\W{{0,2}}({_WORDS}|般的)(?!子|苗|植)")
_BEFORE = re.compile(r"(?:仿|类似|媲美|堪比|平替|赛过|不输|胜似|如同)\W{0,2}$")
_HINT = re.compile("[味格情艺方法色款道仿式型类种派般媲堪平赛输胜如]")
_LATIN = re.compile("[a-z]{5}")
_STYLE = re.compile(r"^\W{0,2}(?:style|type|kind|like|method|imitation|flavou?r)", re.IGNORECASE)


class _Evoked(NamedTuple):
    """Where a GI is evoked in folded text, and by which word (None for a translation)."""

    right: Right
    start: int
    end: int
    word: str | None


class Evocation(Matcher):
    """Finds GI names with words of style, and their translations."""

    name = "evocation"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        rights = protected(registry, RightKind.GI)
        pool = pool_of(registry)
        self._names = Watch(names_of(rights), pool)
        translated = (
            Name(right, plain, latin=plain.text.isascii())
            for right in rights
            for text in right.translations
            if _LATIN.search((plain := normalise(text)).text)
        )
        self._translations = Watch(translated, pool)
        self._parted = Phrases((parted for right in rights for parted in _parted(right)), pool)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``gi.evocation`` once for each right."""
        said = offer(listing)
        if not (
            self._names.meets(said) or self._translations.meets(said) or self._parted.meets(said)
        ):
            return
        told: set[str] = set()
        for text in said.texts:
            for found in self._evoked(text, day):
                if found.right.id not in told and found.right.in_force(day):
                    told.add(found.right.id)
                    yield self._hit(listing, text, day, found)

    def _evoked(self, text: Text, day: date) -> Iterator[_Evoked]:
        plain = text.plain
        if _HINT.search(plain.text):
            for name, start, end in self._names.standing(plain, day):
                if word := _AFTER.match(plain.after(end, 8)):
                    yield _Evoked(name.right, start, end + len(normalise(word[1]).text), word[1])
                elif word := _BEFORE.search(plain.before(start, 6)):
                    yield _Evoked(name.right, start, end, word[0].strip())
            yield from self._parted.find(plain.text)
        if _LATIN.search(plain.text):
            for name, start, end in self._translations.standing(plain, day):
                styled = _STYLE.match(plain.after(end, 12))
                yield _Evoked(name.right, start, end, styled[0].strip() if styled else None)

    def _hit(self, listing: Listing, text: Text, day: date, found: _Evoked) -> Hit:
        right = found.right
        users = self.registry.users.get(right.id, ())
        case = Case(listing, right, users, day, text, found.start, found.end)
        span = text.cut(found.start, found.end)
        how = f"以“{found.word}”字样攀附" if found.word else "使用其译名"
        answers = tuple(d for d in case.defences if d.code is not DefenceCode.INGREDIENT)
        if _other_goods_flavoured(right, listing, span.text, found.word):
            answers = (*answers, Defence(code=DefenceCode.INGREDIENT, detail="其他商品的口味"))
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.GI_EVOCATION,
            matcher=self.name,
            score=0.8 if found.word else 0.6,
            reason=f"{in_words(text)}中的“{span.text}”对地理标志“{right.name}”{how}，"
            "即使标明真实产地，仍涉嫌攀附；是否获准使用、是否符合标准待核。"
            f"{checklist(case)}",
            spans=(span,),
            defences=answers,
        )


class Phrases:
    """Names with a word of style between place and goods (平遥风味牛肉)."""

    def __init__(self, parted: Iterable[tuple[Right, str, str]], pool: Pool) -> None:
        self._tails: dict[str, list[tuple[Right, str]]] = {}
        for right, place, tail in parted:
            for word in _WORDS.split("|"):
                self._tails.setdefault(place + word, []).append((right, tail))
        self._pool = pool
        self._number = pool.add(self._tails)

    def meets(self, said: Offer) -> bool:
        """Tell whether any place with a word of style stands anywhere in a listing."""
        return bool(self._pool.find(said.folded, self._number))

    def find(self, text: str) -> Iterator[_Evoked]:
        """Yield every such phrase in a folded text."""
        for first, last, start in self._pool.find(text, self._number):
            for right, goods in self._tails[start]:
                if tail := _tail(goods).match(text, last):
                    word = next(w for w in _WORDS.split("|") if text[:last].endswith(w))
                    yield _Evoked(right, first, tail.end(), word)


def openings(right: Right) -> set[str]:
    """Return what a phrase that evokes a GI may open with: its place and a word of style."""
    return {place + word for _, place, _ in _parted(right) for word in _WORDS.split("|")}


@cache
def _tail(goods: str) -> re.Pattern[str]:
    return re.compile(rf"[一-龥]{{0,2}}(?:{goods})")


def _parted(right: Right) -> Iterator[tuple[Right, str, str]]:
    """Yield a GI's place, and a pattern of its goods, wherever its name falls into the two."""
    for name in right.names:
        text = normalise(name).text
        for at in range(2, len(text) - 1):
            place, thing = text[:at], text[at:]
            if is_place(place) and len(thing) >= 2:
                goods = {thing, *(g for g in right.goods if len(g) >= 2 and g in thing)}
                yield (
                    right,
                    place,
                    "|".join(map(re.escape, sorted(goods, key=lambda g: (-len(g), g)))),
                )


def _other_goods_flavoured(right: Right, listing: Listing, said: str, word: str | None) -> bool:
    """Tell whether the name only gives its taste to goods of another sort (老陈醋风味瓜子)."""
    if word not in ("风味", "口味", "味", "味道") or not said.endswith(word):
        return False
    rest = normalise(head(listing).replace(said, " ")).text
    return bool(right.goods) and not any(normalise(goods).text in rest for goods in right.goods)
