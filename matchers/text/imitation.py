"""Imitations of Chinese marks: like in sound, shape, meaning, or by a step examiners know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from leads.model import Defence, DefenceCode, Finding, Hit, Listing, Right, RightKind
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.defences import Case
from matchers.text.fields import Text, brand_of, in_words, naming_texts, opens
from matchers.text.goods import Fit
from matchers.text.normalise import folded, normalise
from matchers.text.watch import known_names, near_names, near_windows, stands
from matchers.text.windows import Kind, Near
from matchers.text.words import is_word, stands_alone, tokens

_FIT_ZH = {Fit.SAME: "相同或类似", Fit.OTHER: "不同", Fit.UNKNOWN: "未能判断"}
_MOST = 10
"""Places of one text that are looked into."""


class _Seen(NamedTuple):
    """A place near a mark that context has been asked about."""

    case: Case
    near: Near
    score: float


class Imitation(Matcher):
    """Finds what comes near a watched mark without being it."""

    name = "imitation"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._names = near_names(registry, RightKind.TRADEMARK)
        self._windows = near_windows(registry)
        self._marks = known_names(registry)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``brand.imitation`` once for each right that a text comes near."""
        best: dict[str, list[_Seen]] = {}
        for text in naming_texts(listing):
            for seen in self._seen(listing, text, day):
                best.setdefault(seen.case.right.id, []).append(seen)
        for places in best.values():
            yield self._hit(sorted(places, key=lambda seen: -seen.score))

    def explain(self, listing: Listing, day: date) -> Iterator[str]:
        """Yield every window near a mark, and what context made of it."""
        for text in naming_texts(listing):
            for near in self._windows.find(text.plain.text):
                if near.mark not in self._names:
                    continue
                said = text.cut(near.start, near.end).text
                line = f"{in_words(text)}“{said}” ~ “{near.mark}”：{near.kind} {near.score:.2f}"
                if self._is_a_mark(text, near):
                    yield f"{line}；属于已知商标，不计"
                    continue
                for name in self._names[near.mark]:
                    if not stands(text.plain, near.start, near.end, name):
                        yield f"{line}；被分隔或处于词语之中，不计"
                        continue
                    case = Case(listing, name.right, (), day, text, near.start, near.end, True)
                    yield f"{line}；商品 {_FIT_ZH[case.goods]}；结合上下文 {weigh(case, near):.2f}"

    def _seen(self, listing: Listing, text: Text, day: date) -> Iterator[_Seen]:
        taken: set[int] = set()
        least = self.registry.scoring.review
        nears = [n for n in self._windows.find(text.plain.text) if n.mark in self._names]
        for near in nears[:_MOST]:
            share, more = place(listing, text, near)
            within = range(near.start, near.end)
            if near.score * share + more < least or taken.intersection(within):
                continue
            share *= _as_words(text.plain.text[near.start : near.end])
            if round(near.score * share + more, 4) < least:  # cheap, and most end here
                continue
            if self._is_a_mark(text, near):
                continue
            for name in self._names[near.mark]:
                if not name.right.in_force(day) or not stands(
                    text.plain, near.start, near.end, name
                ):
                    continue
                users = self.registry.users.get(name.right.id, ())
                case = Case(listing, name.right, users, day, text, near.start, near.end, True)
                score = weigh(case, near)
                if score >= least:
                    taken.update(within)
                    yield _Seen(case, near, score)

    def _is_a_mark(self, text: Text, near: Near) -> bool:
        """Tell whether the window is, lies in, or holds a known mark, so that it is that mark's."""
        plain, reach = text.plain.text, 3
        window = plain[near.start : near.end]
        own = {name.right.id for name in self._names[near.mark]}
        for first in range(max(0, near.start - reach), near.end - 1):
            for last in range(first + 2, min(len(plain), near.end + reach) + 1):
                known = plain[first:last]
                if known not in self._marks:
                    continue
                if first <= near.start and last >= near.end:
                    return True
                if known in window and near.kind is not Kind.ADDED:
                    same = any(name.right.id in own for name in self._names.get(known, ()))
                    if same or len(known) > 2:
                        return True
        return False

    def _hit(self, places: Sequence[_Seen]) -> Hit:
        case, near, score = places[0]
        right = case.right
        said = case.text.cut(near.start, near.end).text
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.BRAND_IMITATION,
            matcher=self.name,
            score=score,
            reason=f"{in_words(case.text)}中的“{said}”与注册商标“{right.name}”近似"
            f"（{near.kind}），涉嫌攀附；是否容易导致混淆、是否另有注册待核。",
            spans=tuple(
                seen.case.text.cut(seen.near.start, seen.near.end) for seen in places[:_MOST]
            ),
            defences=tuple(_answers(case, near)),
        )


def _answers(case: Case, near: Near) -> Iterator[Defence]:
    """Yield the defences; who states the very words as his own brand may own them."""
    yield from case.defences
    right_named = _names_right(case.listing, case.right)
    if right_named:
        yield Defence(code=DefenceCode.HONEST_RESALE, detail=f"另有“{right_named}”字样，或系误写")
    own = normalise(brand_of(case.listing)).text
    if own == case.text.plain.text[near.start : near.end] and _often_by_chance(near):
        yield Defence(code=DefenceCode.OWN_MARK, detail=f"自有品牌“{own}”，是否另有注册待核")


def _often_by_chance(near: Near) -> bool:
    return near.kind in _WEAK or (near.kind is Kind.SOUND and len(near.mark) == 2)


def _names_right(listing: Listing, right: Right) -> str | None:
    said = normalise(listing.title).text + "\n" + normalise(brand_of(listing)).text
    names = right.names
    return next((n for n, text in zip(names, folded(names), strict=True) if text in said), None)


def place(listing: Listing, text: Text, near: Near) -> tuple[float, float]:
    """Return by what to multiply the likeness of a window for its place, and what to add.

    A mark is stated as the brand, opens the title, or is set off on both sides; elsewhere chance
    brings like characters together, two more often than three.
    """
    weak, short = near.kind in _WEAK, len(near.mark) == 2
    first, last = text.plain.span(near.start, near.end)
    share = 0.8 if short and weak else 1.0
    window = text.plain.text[near.start : near.end]
    if text.field == "brand" or window in normalise(brand_of(listing)).text:
        return share, 0.1
    if text.field == "title" and opens(text, first):
        return share, 0.08
    if text.field == "title" and _set_off(text.plain.raw, first, last):
        return share, 0.02
    return share * (0.34 if short else 0.6 if weak else 0.9), 0.0


def weigh(case: Case, near: Near) -> float:
    """Return what a window near a mark is worth in its context, 0 to 1.

    Beside its place it counts whether a word of the language reaches over its borders, whether it
    is itself a word, and whether the goods are those of the mark.
    """
    share, more = place(case.listing, case.text, near)
    if not _alone(case.text, near):
        return 0.0
    share *= _as_words(case.text.plain.text[near.start : near.end])
    if case.goods is not Fit.SAME:
        share *= 0.5 if near.kind in _WEAK or len(near.mark) == 2 else 0.7
    return round(min(near.score * share + more, 0.97), 4)


def _alone(text: Text, near: Near) -> bool:
    """Tell whether no word reaches over the window; with two characters that has been asked."""
    return len(near.mark) == 2 or stands_alone(text.plain, near.start, near.end)


_WEAK = (Kind.MEANING, Kind.ONE_OFF, Kind.DROPPED)
"""Kinds that chance brings about more often."""


def _as_words(window: str) -> float:
    """Return how far a window is no text of the language: 1 if it is made of no words."""
    if is_word(window):
        rare = not is_word(window, common=30)
        return 0.8 if rare and len(window) > 2 else 0.65 if rare else 0.5
    return 0.8 if all(len(token) > 1 for token in tokens(window)) else 1.0


def _set_off(raw: str, first: int, last: int) -> bool:
    """Tell whether no letter touches the window on either side."""
    sides = raw[first - 1 : first] if first else "", raw[last : last + 1]
    return not any(normalise(side).text for side in sides)
