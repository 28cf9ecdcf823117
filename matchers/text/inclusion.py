"""A longer name that holds a whole mark and a word put to it: 新百伦领跑, 老干妈王."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from leads.model import Defence, DefenceCode, Finding, Hit, Listing, RightKind
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.defences import Case
from matchers.text.fields import (
    Offer,
    Text,
    in_words,
    naming_texts,
    offer,
    opens,
    states_brand,
)
from matchers.text.goods import Fit, classes_in
from matchers.text.likeness import DATA
from matchers.text.normalise import Plain
from matchers.text.places import is_place
from matchers.text.watch import Name, Place, Watch, known_names, names_of, pool_of, protected
from matchers.text.windows import Kind
from matchers.text.words import is_word, stands_alone

_LONGEST = 4
"""Characters put to a mark on one side; what is longer says something of the goods."""
_TELLING, _OTHER = 0.72, 0.45
"""Scores of a mark with a word of rank, praise or house, and with anything else."""


@cache
def _words() -> dict[str, frozenset[str]]:
    table = tomllib.loads((DATA / "additions.toml").read_text("utf-8"))
    return {use: frozenset(words.split()) for use, words in table.items()}


class _Longer(NamedTuple):
    """A name ``[start, end)`` of folded text that holds a mark and more, and its score."""

    name: Name
    start: int
    end: int
    score: float


class Inclusion(Matcher):
    """Finds brands that hold a watched Chinese mark whole.

    After 商标审查审理指南（2021）下编第五章, from memory: a mark that holds an earlier known
    one, or adds a word of quality, a generic name or a place to it. A stated brand counts as a
    whole; of a title only its head, for marks of three and more with a word that stands out.
    """

    name = "inclusion"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        names = names_of(protected(registry, RightKind.TRADEMARK))
        chinese = (name for name in names if all(map(_chinese, name.plain.text)))
        self._watch = Watch(chinese, pool_of(registry))
        self._known = known_names(registry)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``brand.imitation`` for the most telling name that holds a right's mark."""
        best: dict[str, Hit] = {}
        for text, found in self._found(offer(listing)):
            if found.name.right.in_force(day) and (hit := self._hit(listing, text, day, found)):
                known = best.setdefault(hit.right, hit)
                best[hit.right] = max(known, hit, key=lambda h: h.score)
        yield from best.values()

    def _found(self, said: Offer) -> Iterator[tuple[Text, _Longer]]:
        if not self._watch.meets(said):
            return
        naming = {text.field: text for text in said.naming}
        for whole, places in self._watch.places(said):
            if text := naming.get(whole.field):
                for found in _longer(text, places):
                    yield text, found

    def explain(self, listing: Listing, day: date) -> Iterator[str]:
        """Yield every longer name around a mark, and whether it counts."""
        for text in naming_texts(listing):
            longer = _longer(text, self._watch.find(text.plain))
            counted = {found.name.right.id: found for found in longer}
            for name, start, end in self._watch.find(text.plain):
                run = _run(text.plain, start, end)
                if run != (start, end):
                    said = text.cut(*run).text
                    found = counted.get(name.right.id)
                    hit = found and self._hit(listing, text, day, found)
                    verdict = f"{Kind.WHOLE} {hit.score:.2f}" if hit else "未构成更长的品牌名，不计"
                    yield f"{in_words(text)}“{said}”含有“{name.plain.raw}”：{verdict}"

    def _hit(self, listing: Listing, text: Text, day: date, found: _Longer) -> Hit | None:
        """Return the hit; None where the name is the right's own, or no such goods are offered."""
        right = found.name.right
        covering = self._covering(text.plain, found)
        if covering and self._known[covering] == right.id:
            return None
        users = self.registry.users.get(right.id, ())
        case = Case(listing, right, users, day, text, found.start, found.end, True)
        if case.goods is not Fit.SAME and not states_brand(text):
            return None
        span = text.cut(found.start, found.end)
        answers = case.defences
        if covering:
            answers = (*answers, Defence(code=DefenceCode.LONGER_NAME, detail=covering))
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.BRAND_IMITATION,
            matcher=self.name,
            score=round(found.score * (1 if case.goods is Fit.SAME else 0.8), 4),
            reason=f"{in_words(text)}中的“{span.text}”包含注册商标“{found.name.plain.raw}”全部文字"
            f"（{Kind.WHOLE}），涉嫌攀附；是否容易导致混淆、是否另有注册待核。",
            spans=(span,),
            defences=answers,
        )

    def _covering(self, plain: Plain, found: _Longer) -> str | None:
        """Return the longest known name that begins or ends with the longer one or the mark."""
        low, high = _run(plain, found.start, found.end)
        size = len(found.name.plain.text)
        within = (
            plain.text[first:last]
            for first in range(low, found.end - size)
            for last in range(first + size + 1, high + 1)
        )
        held = [name for name in within if found.name.plain.text in name and name in self._known]
        return max(held, key=len, default=None)


def _longer(text: Text, places: Iterable[Place]) -> Iterator[_Longer]:
    """Yield the longer names around marks; of a long text only what is compared loosely."""
    around = _in_brand if states_brand(text) else _in_title
    for name, start, end in places:
        if end <= len(text.plain.text) and (longer := around(text, name, start, end)):
            yield longer


def _in_brand(text: Text, name: Name, start: int, end: int) -> _Longer | None:
    first, last = _run(text.plain, start, end)
    score = _score(name, text.plain.text[first:start], text.plain.text[end:last])
    return _Longer(name, first, last, score) if score else None


def _in_title(text: Text, name: Name, start: int, end: int) -> _Longer | None:
    if len(name.plain.text) == 2:
        return None
    plain = text.plain
    low, high = _run(plain, start, end)
    ahead = plain.text[low:start][-1:]
    first = start - (ahead in _words()["before"])
    last = max(
        (n for n in range(end, high + 1) if plain.text[end:n] in _words()["after"]), default=end
    )
    longer = last - first > end - start and opens(text, plain.offsets[first])
    if longer and stands_alone(plain, first, last):
        return _Longer(name, first, last, _TELLING)
    return None


def _score(name: Name, before: str, after: str) -> float:
    """Return what a stated brand is worth that has this before and behind the mark, often 0."""
    if not before + after or max(len(before), len(after)) > _LONGEST:
        return 0.0
    words, size = _words(), len(name.plain.text)
    if size == 2:
        telling = not before and after in words["after"]
        return 0.0 if not telling else _OTHER if is_word(name.plain.text) else _TELLING
    stated = words["in_brands"] | {""}
    if before in words["before"] | stated and after in words["after"] | stated:
        return _TELLING
    return _OTHER if all(_distinct(name, part) for part in (before, after) if part) else 0.0


def _distinct(name: Name, part: str) -> bool:
    """Tell whether a part makes another name: no goods, no shop talk, not the holder's home."""
    if is_place(part):
        return part not in (name.right.holder or "")
    return not (part in _words()["plain"] or is_word(part) or classes_in(part))


def _run(plain: Plain, start: int, end: int) -> tuple[int, int]:
    """Return how far Chinese characters go on without a gap, five at most, on either side."""
    text, offsets = plain.text, plain.offsets
    low, high = start, end
    lowest, highest = max(0, start - _LONGEST - 1), min(len(text), end + _LONGEST + 1)
    while low > lowest and _chinese(text[low - 1]) and offsets[low] - offsets[low - 1] == 1:
        low -= 1
    while high < highest and _chinese(text[high]) and offsets[high] - offsets[high - 1] == 1:
        high += 1
    return low, high


def _chinese(char: str) -> bool:
    return "一" <= char <= "鿿"
