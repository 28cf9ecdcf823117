"""Why a listing may lawfully show a right's picture, mark or seal: the questions asked of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from leads.model import AuthorisedUser, Box, Defence, Listing, Right, RightKind
from leads.registry import Registry
from leads.sight import MatchKind, PictureMatch, Sight
from matchers.text.defences import Case, authorised, honest_resale, other_goods, own_mark
from matchers.text.fields import Text, brand_of
from matchers.text.normalise import normalise

Shown = tuple[Sight, PictureMatch]
"""A picture of the listing and what it was found to show."""


class Touched(NamedTuple):
    """A right that pictures touch, and everything of it they show, the clearest first."""

    right: Right
    users: Sequence[AuthorisedUser]
    shown: Sequence[Shown]


def touched(
    registry: Registry, listing: Listing, day: date, sights: Sequence[Sight], kind: MatchKind
) -> Iterator[Touched]:
    """Yield each right in force that the pictures touch in this way, unless the seller may."""
    for right_id, shown in by_right(sights, kind).items():
        right = registry.rights.get(right_id)
        users = registry.users.get(right_id, ())
        if right and right.in_force(day) and not lawful(listing, right, users, day):
            yield Touched(right, users, shown)


def lawful(listing: Listing, right: Right, users: Sequence[AuthorisedUser], day: date) -> bool:
    """Tell whether the seller is the holder or an authorised user, who may show what it likes."""
    return authorised(_case(listing, right, users, day)) is not None


def answers(
    listing: Listing, right: Right, users: Sequence[AuthorisedUser], day: date, *, any_goods: bool
) -> tuple[Defence, ...]:
    """Return the defences that the listing suggests.

    Whoever sells the genuine goods names them, so honest resale is thought of only where the
    listing does. With ``any_goods`` it does not matter whether the right protects such goods.
    """
    case = _case(listing, right, users, day)
    asked = [own_mark(case)]
    if not any_goods:
        asked.append(other_goods(case))
    if right.kind is RightKind.TRADEMARK and _named(listing, right):
        asked.append(honest_resale(case))
    return tuple(defence for defence in asked if defence)


def _case(listing: Listing, right: Right, users: Sequence[AuthorisedUser], day: date) -> Case:
    """Return a case without a name in a text: only questions about seller and goods suit it."""
    return Case(listing, right, users, day, Text("title", "", normalise(listing.title)), 0, 0)


def _named(listing: Listing, right: Right) -> bool:
    said = normalise(f"{listing.title}\n{brand_of(listing)}").text
    return any(normalise(name).text in said for name in right.names)


def boxes(shown: Sequence[Shown]) -> tuple[Box, ...]:
    """Return where all of it lies."""
    return tuple(Box(picture=sight.sha256, box=match.box) for sight, match in shown)


def by_right(sights: Sequence[Sight], *kinds: str) -> dict[str, list[Shown]]:
    """Return what of these kinds the pictures show, by right, strongest first."""
    found: dict[str, list[Shown]] = {}
    for sight in sights:
        for match in sight.matches:
            if match.kind in kinds:
                found.setdefault(match.right, []).append((sight, match))
    for shown in found.values():
        shown.sort(key=lambda one: (not one[1].certain, -one[1].score, one[1].source))
    return found
