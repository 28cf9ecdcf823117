"""The protected name itself, plain or disguised, in what a listing says about its goods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from leads.model import Area, Defence, DefenceCode, Finding, Hit, Listing, RightKind, Span, Triage
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.defences import Case, imitation_word, town_of
from matchers.text.fields import Text, head, in_words, offer, offer_texts
from matchers.text.goods import Fit
from matchers.text.label import checklist
from matchers.text.normalise import disguises, forms
from matchers.text.places import Where, origins, protected_area, where
from matchers.text.watch import (
    Name,
    Watch,
    names_of,
    other_names,
    pool_of,
    protected,
    spelled,
    stands,
)

_MOST_SPANS = 10
"""Places of one right that are looked into and shown."""


class _Found(NamedTuple):
    """One place where a name stands, and how it was disguised there."""

    case: Case
    how: tuple[str, ...]


class Names(Matcher):
    """Finds watched names exactly, after folding, and says how a name was disguised."""

    name = "names"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        names = names_of(protected(registry, RightKind.GI, RightKind.TRADEMARK))
        self._everywhere = Watch((*names, *spelled(names)), pool_of(registry))
        self._as_brand: dict[str, list[Name]] = {}
        for name in other_names(registry):
            self._as_brand.setdefault(name.plain.text, []).append(name)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``gi.name`` and ``gi.origin``, or ``brand.identical``, once for each right."""
        by_right: dict[str, list[_Found]] = {}
        for found in self._found(listing, day):
            places = by_right.setdefault(found.case.right.id, [])
            if len(places) < _MOST_SPANS:
                places.append(found)
        for places in by_right.values():
            if places[0].case.right.kind is RightKind.GI:
                yield self._gi_name(places)
                yield from self._gi_origin(places)
            else:
                yield self._brand(places)

    def explain(self, listing: Listing, day: date) -> Iterator[str]:
        """Yield every name that was met, and whether it stands."""
        for text in offer_texts(listing):
            standing = set(self._everywhere.standing(text.plain, day))
            for place in self._everywhere.find(text.plain):
                name, start, end = place
                said = text.cut(start, end).text
                verdict = (
                    "成立" if place in standing else "不成立（词语边界、分隔、更长名称或已失效）"
                )
                yield f"{in_words(text)}“{said}” = {name.right.name}“{name.plain.raw}”：{verdict}"

    def _found(self, listing: Listing, day: date) -> Iterator[_Found]:
        said = offer(listing)
        for text, (name, start, end) in self._everywhere.within(said, day):
            yield self._one(listing, text, day, name, start, end)
        for text in said.brands:
            end = len(text.plain.text)
            for name in self._as_brand.get(text.plain.text, ()):
                if name.right.in_force(day) and stands(text.plain, 0, end, name):
                    found = self._one(listing, text, day, name, 0, end)
                    if found.case.disguised:
                        yield found

    def _one(
        self, listing: Listing, text: Text, day: date, name: Name, start: int, end: int
    ) -> _Found:
        how = disguises(text.plain, start, end, name.plain)
        disguised = _singled_out(text, start, end, how)
        if name.spelled:
            how, disguised = (*how, "以拼音书写"), True
        users = self.registry.users.get(name.right.id, ())
        return _Found(Case(listing, name.right, users, day, text, start, end, disguised), how)

    def _strongest(self, places: Sequence[_Found]) -> _Found:
        """Return the place that says most against the listing: fewest defences, then disguise."""
        allowed = self.registry.scoring.defences
        order = (Triage.LEAD, Triage.REVIEW, Triage.NONE)

        def excuse(found: _Found) -> tuple[int, bool, bool]:
            lowered = [order.index(allowed.get(d.code, Triage.REVIEW)) for d in found.case.defences]
            in_town = bool(town_of(found.case))
            return max(lowered, default=0), not found.case.disguised, in_town

        return min(places, key=excuse)

    def _brand(self, places: Sequence[_Found]) -> Hit:
        best = self._strongest(places)
        case, right = best.case, best.case.right
        fake = imitation_word(case.listing)
        named = f"{in_words(case.text)}中的“{_said(best)}”与注册商标“{right.name}”相同"
        if case.disguised:
            score, why = (
                0.92,
                f"{named}，书写经过变形（{'、'.join(best.how)}），涉嫌规避识别、使用他人商标",
            )
        elif fake:
            score, why = 0.85, f"{named}，且标题有“{fake}”字样，涉嫌销售仿冒商品"
        else:
            score, why = 0.5 if case.goods is Fit.SAME else 0.4, f"{named}，是否获得许可待核"
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.BRAND_IDENTICAL,
            matcher=self.name,
            score=score,
            reason=f"{why}。未核实授权和商标注册状态。",
            spans=_spans(places),
            defences=case.defences,
        )

    def _gi_name(self, places: Sequence[_Found]) -> Hit:
        best = self._strongest(places)
        right, answers = best.case.right, best.case.defences
        how = f"（{'、'.join(best.how)}）" if best.how else ""
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.GI_NAME,
            matcher=self.name,
            score=0.75 if best.case.disguised else 0.55,
            reason=f"{in_words(best.case.text)}使用地理标志名称“{_said(best)}”{how}，"
            f"{_standing(best.case, answers)}。{checklist(best.case)}",
            spans=_spans(places),
            defences=answers,
        )

    def _gi_origin(self, places: Sequence[_Found]) -> Iterator[Hit]:
        best = self._strongest(places)
        right, listing = best.case.right, best.case.listing
        area = protected_area(right)
        judged = [(field, text, where(text, area)) for field, text in origins(listing)]
        judged += _origins_in_title(listing, area)
        outside = [(field, text) for field, text, place in judged if place is Where.OUTSIDE]
        if not outside:
            return
        answers = best.case.defences
        authorised = any(d.code is DefenceCode.AUTHORISED_USER for d in answers)
        disputed = any(place is Where.INSIDE for _, _, place in judged)
        stated_as = "、".join(dict.fromkeys(text for _, text in outside))
        note = "；另有信息称产自保护区域内，互相矛盾" if disputed else ""
        note += "；卖家为已登记的授权使用人，须核实货源" if authorised else ""
        yield Hit(
            right=right.id,
            name=right.name,
            finding=Finding.GI_ORIGIN,
            matcher=self.name,
            score=0.5 if authorised else 0.7 if disputed else 0.9,
            reason=f"使用地理标志名称“{_said(best)}”，而标注的产地“{stated_as}”不在保护区域内，"
            f"标明真实产地亦不能免责{note}。涉嫌冒用，保护区域以公告为准。"
            f"{checklist(best.case)}",
            spans=(*_spans(places), *_origin_spans(listing, outside)),
            defences=tuple(d for d in answers if d.code is not DefenceCode.AUTHORISED_USER),
        )


def _standing(case: Case, answers: Sequence[Defence]) -> str:
    if any(answer.code is DefenceCode.AUTHORISED_USER for answer in answers):
        return "卖家为已登记的授权使用人"
    if not case.users:
        return "尚无该地理标志的授权使用人名单，是否获准使用待核"
    return "卖家不在已登记的授权使用人之列，疑似未经授权使用，须核对使用资格"


def _said(found: _Found) -> str:
    return found.case.text.cut(found.case.start, found.case.end).text


def _spans(places: Sequence[_Found]) -> tuple[Span, ...]:
    cases = [found.case for found in places]
    return tuple(case.text.cut(case.start, case.end) for case in cases)


def _singled_out(text: Text, start: int, end: int, how: tuple[str, ...]) -> bool:
    """Tell whether a disguise singles the name out; a text all in traditional script does not."""
    scripts = ("繁体字", "全角字符", "兼容字形")
    if not how or not all(form.startswith(scripts) for form in how):
        return bool(how)
    first, last = text.plain.span(start, end)
    return not forms(text.plain.raw[max(0, first - 30) : first] + text.plain.raw[last : last + 30])


_MADE_IN = re.compile(
    r"(?P<not>非)?(?P<place>[一-龥]{2,8}?)(?:出产|原产|生产|产)(?![地品区量业妇后自销能权])"
    r"|产自(?P<from>[一-龥]{2,8})"
)


def _origins_in_title(listing: Listing, area: Sequence[Area]) -> list[tuple[str, str, Where]]:
    """Read 河北产, 产自河北 and 非太谷产 in the title."""
    judged = []
    for said in _MADE_IN.finditer(head(listing)):
        place = where(said["from"] or said["place"], area)
        if said["not"] and place is Where.INSIDE:
            place = Where.OUTSIDE
        judged.append(("title", said.group(), place))
    return judged


def _origin_spans(listing: Listing, stated: Sequence[tuple[str, str]]) -> Iterator[Span]:
    for field, text in stated:
        start = listing.title.find(text) if field == "title" else 0
        yield Span(field=field, start=start, end=start + len(text), text=text)
