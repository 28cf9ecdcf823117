"""The watched names, found in folded text in one pass for all matchers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby, product

from leads.model import Right, RightKind
from leads.registry import Registry
from matchers.text.fields import Offer, Text
from matchers.text.likeness import readings
from matchers.text.normalise import Plain, normalise, visible
from matchers.text.pool import Found, Pool
from matchers.text.windows import Windows
from matchers.text.words import TOWNS, stands_alone


@dataclass(frozen=True, eq=False)
class Name:
    """One name of a right; ``latin`` names need a word border on both sides."""

    right: Right
    plain: Plain
    latin: bool
    spelled: bool = False
    """Partly or wholly in pinyin, as a disguise."""


Place = tuple[Name, int, int]
"""A name and the folded characters ``[start, end)`` that are it."""

PROTECTED = 500
"""Trade marks, in the order of the watch list, that are looked for everywhere and in every form.

Measured on real titles, loose comparison with tens of thousands of marks is mostly false alarms;
marks beyond these are compared exactly, and only where a listing states its brand.
"""
_MOST_TRIED = 5000
"""Places that are looked at in one text; more is stuffing."""


class _Watched:
    """What the matchers of one engine share: made once, for it is long."""

    def __init__(self, registry: Registry) -> None:
        rights = registry.rights.values()
        marks = [right for right in rights if right.kind is RightKind.TRADEMARK]
        rest = [right for right in rights if right.kind is not RightKind.TRADEMARK]
        self.protected = (*marks[:PROTECTED], *rest)
        self.others = marks[PROTECTED:]
        self.pool = Pool()

    @cached_property
    def other_names(self) -> tuple[Name, ...]:
        return names_of(self.others)

    @cached_property
    def known(self) -> Mapping[str, str]:
        names = (*self.other_names, *names_of(self.protected))
        return {name.plain.text: name.right.id for name in names}

    @cached_property
    def windows(self) -> Windows:
        marks = _by_text(self.protected, RightKind.TRADEMARK)
        gis = _by_text(self.protected, RightKind.GI)
        return Windows(marks, gis.keys() - marks.keys(), self.pool)


_kept: tuple[Registry | None, _Watched | None] = (None, None)


def _watched(registry: Registry) -> _Watched:
    global _kept  # the matchers of one engine are made in a row
    known, watched = _kept
    if known is not registry or watched is None:
        watched = _Watched(registry)
        _kept = (registry, watched)
    return watched


def protected(registry: Registry, *kinds: RightKind) -> tuple[Right, ...]:
    """Return the rights of these kinds that are looked for everywhere."""
    return tuple(right for right in _watched(registry).protected if right.kind in kinds)


def near_names(registry: Registry, *kinds: RightKind) -> dict[str, list[Name]]:
    """Return the Chinese names that are compared loosely, by folded text.

    A GI of two characters is left out: as a rule it is also a word or a place.
    """
    return _by_text(protected(registry, *kinds), *kinds)


def _by_text(rights: Iterable[Right], *kinds: RightKind) -> dict[str, list[Name]]:
    table: dict[str, list[Name]] = {}
    for name in names_of(right for right in rights if right.kind in kinds):
        text = name.plain.text
        least = 3 if name.right.kind is RightKind.GI else 2
        if len(text) >= least and all("一" <= char <= "鿿" for char in text):
            table.setdefault(text, []).append(name)
    return table


def near_windows(registry: Registry) -> Windows:
    """Return the windows near any mark or GI name, made once for all matchers."""
    return _watched(registry).windows


def other_names(registry: Registry) -> tuple[Name, ...]:
    """Return the names of the trade marks that are compared exactly, where the brand is stated."""
    return _watched(registry).other_names


def known_names(registry: Registry) -> Mapping[str, str]:
    """Return the right of every watched name, by folded text."""
    return _watched(registry).known


def pool_of(registry: Registry) -> Pool:
    """Return the pool of all that the matchers of this registry look for."""
    return _watched(registry).pool


def names_of(rights: Iterable[Right]) -> tuple[Name, ...]:
    """Return every watched name of these rights; a GI translated is a matter of evocation."""
    return tuple(
        Name(right, plain, plain.text.isascii())
        for right in rights
        for text in dict.fromkeys((*right.names, *_other_languages(right)))
        if len((plain := normalise(text)).text) >= 2
    )


def _other_languages(right: Right) -> tuple[str, ...]:
    return () if right.kind is RightKind.GI else right.translations


def spelled(names: Sequence[Name]) -> Iterator[Name]:
    """Yield Chinese names with some characters put in pinyin, of three syllables all of them."""
    known = {name.plain.text for name in names}
    for name in names:
        for text in dict.fromkeys(_spellings(name.plain.text)):
            if text not in known:
                yield Name(name.right, normalise(text), text.isascii(), spelled=True)


def _spellings(text: str) -> Iterator[str]:
    sounds = [readings().get(char, ("",))[0] for char in text]
    if not all(sounds) or len(text) > 5:
        return
    for choice in product((False, True), repeat=len(text)):
        if any(choice) and (len(text) > 2 or not all(choice)):
            yield "".join(s if c else t for s, t, c in zip(sounds, text, choice, strict=True))


class Watch:
    """Many names, found in one pass; ``naive`` is the plain scan it must agree with."""

    def __init__(self, names: Iterable[Name], pool: Pool | None = None) -> None:
        self._names: dict[str, list[Name]] = {}
        for name in names:
            self._names.setdefault(name.plain.text, []).append(name)
        self._pool = pool or Pool()
        self._number = self._pool.add(self._names)

    def find(self, plain: Plain) -> Iterator[Place]:
        """Yield every place where a name stands in a text, as folded ``[start, end)``."""
        return self._places(self._pool.find(plain.text, self._number))

    def meets(self, said: Offer) -> bool:
        """Tell whether any name stands anywhere in a listing."""
        return bool(self._pool.find(said.folded, self._number))

    def places(self, said: Offer) -> Iterator[tuple[Text, Iterator[Place]]]:
        """Yield each text of a listing where a name stands, with what :meth:`find` yields."""
        if found := self._pool.find(said.folded, self._number):
            for text, own in said.split(found):
                yield text, self._places(own)

    def within(self, said: Offer, day: date) -> Iterator[tuple[Text, Place]]:
        """Yield what :meth:`standing` yields for each text of a listing."""
        if self.meets(said):
            for text, places in self.places(said):
                for place in _standing(text.plain, places, day):
                    yield text, place

    def standing(self, plain: Plain, day: date) -> Iterator[Place]:
        """Yield the places that are the name of a right in force, and lie in no longer one."""
        return _standing(plain, self.find(plain), day)

    def _places(self, found: Sequence[Found]) -> Iterator[Place]:
        for start, end, text in found[:_MOST_TRIED]:
            for name in self._names[text]:
                yield name, start, end


def _standing(plain: Plain, places: Iterable[Place], day: date) -> Iterator[Place]:
    return uncovered(
        [
            (name, start, end)
            for name, start, end in places
            if name.right.in_force(day)
            and (stands(plain, start, end, name) or _in_town(plain, start, end))
        ]
    )


def _in_town(plain: Plain, start: int, end: int) -> bool:
    """Tell whether a name stands in that of a town (茅台镇); a defence will say so."""
    town = plain.text[end : end + 1] in TOWNS and not any(plain.gaps(start, end + 1))
    return town and stands_alone(plain, start, end + 1)


def naive(plain: Plain, names: Sequence[Name]) -> Iterator[Place]:
    """Yield every place of every name by plain search; the oracle of the tests."""
    for name in names:
        start = plain.text.find(name.plain.text)
        while start >= 0:
            yield name, start, start + len(name.plain.text)
            start = plain.text.find(name.plain.text, start + 1)


def uncovered(places: Sequence[Place]) -> Iterator[Place]:
    """Yield the places that lie in no longer one."""
    reach = -1
    for _, group in groupby(sorted(places, key=lambda p: p[1]), key=lambda p: p[1]):
        same = list(group)
        furthest = max(end for _, _, end in same)
        if furthest > reach:
            yield from (place for place in same if place[2] == furthest)
            reach = furthest


_LONGEST_GAP = 3
_PHRASE_ENDS = set("，。；！？、｜|/,;!?\n\r\t")


def stands(plain: Plain, start: int, end: int, name: Name) -> bool:
    """Tell whether ``[start, end)`` is the name, and not unrelated neighbours that happen to meet.

    Folding drops what stands between characters, so 康·师 傅 is found, but so would be 临汾·酒.
    What was dropped may part a name if

    - no gap holds more than three visible characters, and
    - marks that end a phrase (，。；、｜/ …) stand between *all* its characters (康/师/傅), and
    - no word of the dictionary reaches over its start or end, where there is a gap or the name has
      two characters only.

    A Latin name must not go on in Latin letters or digits on either side.
    """
    first, last = plain.span(start, end)
    if name.latin:
        return not (_latin(plain.raw[first - 1 : first]) or _latin(plain.raw[last : last + 1]))
    gaps = plain.gaps(start, end)
    if not any(gaps):
        return end - start > 2 or stands_alone(plain, start, end)
    own = name.plain.gaps(0, len(name.plain.text))
    if any(len(visible(gap)) > _LONGEST_GAP for gap in gaps):
        return False
    ended = [bool(_PHRASE_ENDS & set(gap)) for gap in gaps]
    if any(ended) and not all(ended) and gaps != own:
        return False
    if (any(map(visible, gaps)) and gaps != own) or end - start == 2:
        return stands_alone(plain, start, end)
    return True


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
