"""Which exclusions meet which hits: pure, the same whatever the order they were made in."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from leads.exclusions import AUTHORISED, SCOPE_ZH, Exclusion, Scope, defence, listing_subject
from leads.model import Box, Finding, Hit, Listing, Span, Triage
from leads.sight import Sight

SAMPLE = 20
"""Of so many excluded listings one is shown again (research, workflow 4.3: 5 %)."""

_PARTS = (Scope.PHRASE, Scope.PICTURE)
"""Scopes that speak of one place of a hit; the others speak of the whole hit."""
_WHENCE = re.compile(r"产地|原产|产区|省份|城市|址|来源")
"""Attributes that say where goods are from."""


class InForce:
    """The exclusions that hold on a day, found by what they are about."""

    def __init__(self, made: Iterable[Exclusion], day: date) -> None:
        self._about: dict[tuple[Scope, str], list[Exclusion]] = {}
        self._phrases: dict[str | None, list[Exclusion]] = {}
        for one in sorted(made, key=lambda each: (each.at, each.id)):
            if not one.in_force(day):
                continue
            if one.scope is Scope.PHRASE:
                self._phrases.setdefault(one.right, []).append(one)
            else:
                self._about.setdefault((one.scope, one.subject), []).append(one)

    def on(self, hit: Hit, listing: Listing, sights: Mapping[str, Sight]) -> tuple[Exclusion, ...]:
        """Return those that meet a hit, as :func:`meeting` finds them among all."""
        if not (self._about or self._phrases):
            return ()
        return meeting(self._perhaps(hit, listing, sights), hit, listing, sights)

    def _perhaps(
        self, hit: Hit, listing: Listing, sights: Mapping[str, Sight]
    ) -> Iterator[Exclusion]:
        """Yield those about the listing, its seller, the matcher, its pictures or the right."""
        subjects = [
            *((scope, subject) for scope, subject in _whole(hit, listing).items() if subject),
            *(
                (Scope.PICTURE, subject)
                for subject in {s for box in hit.boxes for s in _pictured(box, hit, sights)}
            ),
        ]
        for about in subjects:
            yield from self._about.get(about, ())
        yield from self._phrases.get(hit.right, ())
        yield from self._phrases.get(None, ())


def meeting(
    exclusions: Iterable[Exclusion], hit: Hit, listing: Listing, sights: Mapping[str, Sight]
) -> tuple[Exclusion, ...]:
    """Return the exclusions that meet a hit: those of all of it, then those of its places.

    One of a listing, seller or rule meets the whole hit. Those of phrases and pictures meet it only
    if together they account for every place it rests on, so that what else it shows stays a hit.
    """
    meant = sorted(
        (
            one
            for one in exclusions
            if one.right in (None, hit.right) and one.matcher in (None, hit.matcher)
        ),
        key=lambda one: (one.at, one.id),
    )
    whole = _whole(hit, listing)
    found = [one for one in meant if whole.get(one.scope) == one.subject and _speaks(one, hit)]
    for effect in (Triage.NONE, Triage.REVIEW):
        parts = [one for one in meant if one.scope in _PARTS and one.effect is effect]
        found += _together(parts, hit, listing, sights)
    return tuple(found)


def answered(hit: Hit, exclusions: Sequence[Exclusion]) -> Hit:
    """Return a hit with the exclusions that meet it among its defences."""
    if not exclusions:
        return hit
    return hit.model_copy(update={"defences": (*hit.defences, *map(defence, exclusions))})


def places(hit: Hit, listing: Listing) -> list[Span | Box]:
    """Return where a hit finds the right: not what it cites besides, as a stated origin."""
    named = [span for span in hit.spans if not _cited(span, hit, listing)]
    return [*(named or hit.spans), *hit.boxes]


def _cited(span: Span, hit: Hit, listing: Listing) -> bool:
    if hit.finding is not Finding.GI_ORIGIN:
        return False
    name, _, number = span.field.partition(".")
    if name == "attributes" and int(number) < len(listing.attributes):
        return bool(_WHENCE.search(listing.attributes[int(number)][0]))
    return name in ("origin", "factory")


def _speaks(one: Exclusion, hit: Hit) -> bool:
    """Tell whether an exclusion answers such a hit: who may use a GI must still keep its origin."""
    return not (one.code == AUTHORISED and hit.finding is Finding.GI_ORIGIN)


def _whole(hit: Hit, listing: Listing) -> dict[Scope, str | None]:
    own = listing_subject(listing) if listing.site and (listing.ref or listing.url) else None
    return {Scope.LISTING: own, Scope.SELLER: listing.seller_key, Scope.RULE: hit.matcher}


def _together(
    parts: Sequence[Exclusion], hit: Hit, listing: Listing, sights: Mapping[str, Sight]
) -> list[Exclusion]:
    """Return the exclusions of parts, if each place of the hit is met by one of them."""
    met = [
        [one for one in parts if _meets(one, place, hit, listing, sights)]
        for place in places(hit, listing)
    ]
    return [one for one in parts if any(one in each for each in met)] if all(met) else []


def _meets(
    one: Exclusion, place: Span | Box, hit: Hit, listing: Listing, sights: Mapping[str, Sight]
) -> bool:
    if isinstance(place, Span):
        return one.scope is Scope.PHRASE and _inside(place, one.subject, listing)
    return one.scope is Scope.PICTURE and one.subject in _pictured(place, hit, sights)


def _inside(span: Span, phrase: str, listing: Listing) -> bool:
    """Tell whether a span lies within the phrase where it stands: 老陈 within 老陈记面馆."""
    text = text_of(listing, span.field)
    start = text.find(phrase, max(0, span.end - len(phrase)))
    return 0 <= start <= span.start


def text_of(listing: Listing, field: str) -> str:
    """Return the text a span counts in, empty where the listing has none; see ``Span.field``."""
    name, _, rest = field.partition(".")
    if name == "seller":
        found = getattr(listing.seller, rest, None)
    elif name == "attributes":
        found = listing.attributes[int(rest)][1] if int(rest) < len(listing.attributes) else None
    elif name == "category":
        found = listing.category[int(rest)] if int(rest) < len(listing.category) else None
    else:
        found = getattr(listing, name)
    return found or ""


def _pictured(box: Box, hit: Hit, sights: Mapping[str, Sight]) -> set[str]:
    """Return what a place in a picture may be excluded by: the picture, and the references met."""
    sight = sights.get(box.picture)
    here = [match for match in sight.matches if match.box == box.box] if sight else []
    own = [match for match in here if match.right == hit.right]
    return {box.picture, *(match.source for match in own or here)}  # a seal is of no one right


def sampled(listing: Listing, day: date) -> bool:
    """Tell whether a listing is among the one in :data:`SAMPLE` to be looked at again this month.

    Which ones is the same for everybody all month, and others the next.
    """
    said = f"{listing_subject(listing)}\x1f{day:%Y-%m}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:4]) % SAMPLE == 0


def excessive(
    counts: Mapping[str, int], exclusions: Iterable[Exclusion], most: int
) -> Iterator[str]:
    """Yield a line in Chinese for each exclusion that hid hits on more than ``most`` listings.

    What is only quarantined is shown, and meant to be much.
    """
    known = {one.id: one for one in exclusions if one.effect is Triage.NONE}
    for key, met in Counter(counts).most_common():
        if met > most and key in known:
            one = known[key]
            people = "、".join(filter(None, (one.by, one.second)))
            yield (
                f"{SCOPE_ZH[one.scope]}“{one.subject[:60]}”的决定 {key}（{people}，{one.code}）"
                f"涉及 {met} 条商品，超过 {most} 条，请核对是否过宽"
            )
