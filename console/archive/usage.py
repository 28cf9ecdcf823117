"""How the GI special mark is used through a year by those who may: what was seen of each of them.

A listing counts in every month from the day it was first seen to the day it was last seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from leads.beijing import BEIJING
from leads.model import AuthorisedUser, Listing, Right
from leads.registry import Registry
from leads.sight import MatchKind
from leads.sighting import Known
from leads.store import Part, Store
from matchers.text.normalise import normalise


class Span(NamedTuple):
    """A year in Beijing: its first moment, and the first after it."""

    began: datetime
    ended: datetime


def span(year: int) -> Span:
    """Return when a year begins and when it is over."""
    return Span(datetime(year, 1, 1, tzinfo=BEIJING), datetime(year + 1, 1, 1, tzinfo=BEIJING))


@dataclass
class UserYear:
    """What was seen of one authorised user in a year; all but the shops are listings."""

    user: AuthorisedUser
    listings: int = 0
    named: int = 0
    """With a name of the right in the title."""
    shown: int = 0
    """With the special mark in a picture."""
    alike: int = 0
    """With something only like it, or unreadable."""
    shops: set[str] = field(default_factory=set)
    months: Counter[int] = field(default_factory=Counter)
    """Those with the special mark, by month."""


class Usage(NamedTuple):
    """What was seen of all authorised users in a year, by right, and when it was counted."""

    at: datetime
    users: Mapping[str, Sequence[UserYear]]


def users_seen(
    store: Store, registry: Registry, year: int, right: str | None = None
) -> dict[str, list[UserYear]]:
    """Return what was seen of every authorised user, by right; goes through all listings once."""
    seen = {
        id: [UserYear(user) for user in users]
        for id, users in registry.users.items()
        if right in (None, id)
    }
    firms = _firms(seen)
    when = span(year)
    for entry in store.read(Part.LISTINGS):
        known = entry.record
        if not isinstance(known, Known):
            continue
        if known.first_seen < when.ended and known.last_seen >= when.began:
            for id, one in _sellers(known, firms):
                _count(one, registry.rights[id], known, store, when)
    return seen


_Firms = Mapping[tuple[str, str], Sequence[tuple[str, UserYear]]]


def _firms(seen: Mapping[str, list[UserYear]]) -> _Firms:
    """Return the users by each name that :func:`matchers.text.defences.authorised` asks for."""
    found: dict[tuple[str, str], list[tuple[str, UserYear]]] = defaultdict(list)
    for id, users in seen.items():
        for one in users:
            user = one.user
            names = [("uscc", user.uscc), ("company", user.company)]
            names += [("shop", shop) for shop in user.shops]
            for kind, name in names:
                if name:
                    found[kind, _plain(name)].append((id, one))
    return found


def _sellers(known: Known, firms: _Firms) -> Iterator[tuple[str, UserYear]]:
    """Yield once each the authorised users who offer a listing, with the right, while they may."""
    seller = known.listing.seller
    if seller is None:
        return
    day = known.last_seen.astimezone(BEIJING).date()
    names = (("uscc", seller.uscc), ("company", seller.company), ("shop", seller.name))
    told: list[UserYear] = []
    for kind, name in names:
        for right, one in firms.get((kind, _plain(name)), ()) if name else ():
            if one.user.in_force(day) and not any(one is other for other in told):
                told.append(one)
                yield right, one


def _count(one: UserYear, right: Right, known: Known, store: Store, when: Span) -> None:
    listing = known.listing
    one.listings += 1
    one.shops.add(_shop(listing))
    title = _plain(listing.title)
    one.named += any(_plain(name) in title for name in right.names)
    digests = [picture.sha256 for picture in listing.pictures if picture.sha256]
    kinds = {match.kind for sight in store.sights(digests).values() for match in sight.matches}
    if MatchKind.SEAL in kinds:
        one.shown += 1
        one.months.update(_months(known, when))
    elif MatchKind.SEAL_LIKE in kinds:
        one.alike += 1


def _shop(listing: Listing) -> str:
    name = (listing.seller.name or listing.seller.company) if listing.seller else None
    return f"{name or '未知店铺'}（{listing.site}）"


def _months(known: Known, when: Span) -> range:
    """Return the months of the year in which a listing was there."""
    first = max(known.first_seen, when.began).astimezone(BEIJING)
    last = known.last_seen.astimezone(BEIJING)
    return range(first.month, (last.month if last < when.ended else 12) + 1)


@lru_cache(maxsize=50_000)
def _plain(name: str) -> str:
    return normalise(name).text
