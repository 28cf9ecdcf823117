"""A GI name misspelled: one or two characters put for others of like sound or shape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from leads.model import Defence, DefenceCode, Finding, Hit, Listing, RightKind
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.defences import Case
from matchers.text.fields import LONGEST, Text, in_words, offer_texts
from matchers.text.label import checklist
from matchers.text.places import is_place
from matchers.text.watch import Name, near_names, near_windows, stands
from matchers.text.windows import Kind, Near
from matchers.text.words import is_word

_KINDS = (Kind.SOUND, Kind.SHAPE, Kind.BOTH, Kind.ORDER)
_LEAST = 0.68
"""How alike a window must be; GI names are long, so chance seldom comes this near."""


class GiImitation(Matcher):
    """Finds names of three or more characters that are near a GI name and no place of their own."""

    name = "gi_imitation"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._names = near_names(registry, RightKind.GI)
        self._windows = near_windows(registry)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``gi.name`` once for each right that a text comes near."""
        told: set[str] = set()
        for text in offer_texts(listing):
            for near in self._windows.find(text.plain.text[:LONGEST]):
                names = self._names.get(near.mark)
                if not names or near.kind not in _KINDS or near.score < _LEAST:
                    continue
                if self._own(text, near):
                    continue
                for name in names:
                    known = name.right.id in told or not name.right.in_force(day)
                    if not known and stands(text.plain, near.start, near.end, name):
                        told.add(name.right.id)
                        yield self._hit(listing, text, day, near, name)

    def _own(self, text: Text, near: Near) -> bool:
        """Tell whether the window is a watched name itself, or a word of the language."""
        window = text.plain.text[near.start : near.end]
        return window in self._names or is_word(window)

    def _hit(self, listing: Listing, text: Text, day: date, near: Near, name: Name) -> Hit:
        right = name.right
        users = self.registry.users.get(right.id, ())
        case = Case(listing, right, users, day, text, near.start, near.end, True)
        span = text.cut(near.start, near.end)
        answers = case.defences
        place = _place_of(text.plain.text[near.start : near.end])
        if place and not near.mark.startswith(place):
            answers = (*answers, Defence(code=DefenceCode.OTHER_GI, detail=f"“{place}”另有其地"))
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.GI_NAME,
            matcher=self.name,
            score=round(min(0.9, near.score), 4),
            reason=f"{in_words(text)}中的“{span.text}”与地理标志名称“{right.name}”近似"
            f"（{near.kind}），涉嫌以近似名称误导公众；是否获准使用待核。{checklist(case)}",
            spans=(span,),
            defences=answers,
        )


def _place_of(window: str) -> str | None:
    """Return the division a window begins with, None if it begins with none."""
    return next((window[:n] for n in range(4, 1, -1) if is_place(window[:n])), None)
