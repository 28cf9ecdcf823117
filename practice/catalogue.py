"""The market and the fair as a function of seed, size and night; an offer is made when asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from random import Random
from typing import TypeVar

from practice import firms
from practice.case import Case, Door
from practice.cases import CASES, PUSHED, STANDS
from practice.firms import NAMED, Firm
from practice.goods import GOODS
from practice.nights import Changes, Course
from practice.offer import Offer, Slot, make
from practice.photos import SHARED
from practice.pictures import Drawing
from practice.refs import Numbers
from practice.truth import FAIR, FILES, MARKET, Need, Truth

DEFAULT_SEED = 20261122
DEFAULT_SIZE = 80
PAGE_SIZE = 20
EXHIBITORS_PER_PAGE = 8
EXHIBITS = 3
"""Exhibits of each exhibitor."""

ROWS = 12
"""Offers on each sheet."""

T = TypeVar("T")

_NAMES = tuple(NAMED)
_COMMON = tuple(key for key, goods in GOODS.items() if goods.common)
_AGAIN = tuple(case for case in CASES.values() if case.again)
_SCENES = 0.06
"""Share of scenes among the offers of a large market, beyond one of each."""
_NEW_SCENES = 0.5
"""Share of scenes among the offers that came later."""


class TakenDown(KeyError):
    """The listing was there once; of every second one that is gone the market says so."""


@dataclass(frozen=True)
class Results:
    """One page of a search."""

    query: str
    offers: tuple[Offer, ...]
    total: int
    page: int
    """From 1."""
    pages: int


@dataclass(frozen=True)
class Exhibitor:
    """A stand at the fair."""

    ref: str
    booth: str
    firm: Firm
    exhibits: tuple[Offer, ...]


class Market:
    """A market of ``size`` listings and a fair of ``exhibitors`` stands, all known from a seed.

    Every case stands once at a place that the seed chooses (a sample of them, if the market is
    smaller); the rest is ordinary, with a case now and then. Nothing is kept but these places and
    what was asked for lately. The fair has a stand for every five listings, but at least twelve.
    On later nights than the first the market is another (:mod:`practice.nights`), the fair is not.
    """

    def __init__(self, seed: int = DEFAULT_SEED, size: int = DEFAULT_SIZE, night: int = 1) -> None:
        if size < 1 or night < 1:
            raise ValueError(f"size and night must be at least 1, not {size} and {night}")
        self.seed = seed
        self.size = size
        self.exhibitors = max(12, size // 5)
        rng = self._rng("plan")
        self._refs = Numbers.seeded(rng, 612)
        self._shops = Numbers.seeded(rng, 274)
        self._exhibits = Numbers.seeded(rng, 508)
        self._stands = Numbers.seeded(rng, 331)
        self._pushed = Numbers.seeded(self._rng("pushed"), 745)
        self._placed: Mapping[int, Case] = _placed(rng, tuple(CASES.values()), size)
        self._stand_plan = _placed(rng, STANDS, self.exhibitors)
        self.offer = lru_cache(maxsize=4096)(self._offer)
        """Offer by its index, there tonight or not."""
        self._course = Course(seed, size)
        self._happened = {later: self._course.step(later) for later in range(2, night + 1)}
        self._there = self._course.there

    def __len__(self) -> int:
        return len(self._there)

    def __iter__(self) -> Iterator[Offer]:
        return map(self.offer, self._there)

    def by_ref(self, ref: str) -> Offer:
        """Return the offer with a number.

        Raises:
            TakenDown: it is gone, and the market says so.
            KeyError: no such offer.
        """
        number = self._refs.index(ref, self._course.total)
        if number in self._course.away:
            raise TakenDown(ref) if number % 2 else KeyError(ref)
        return self.offer(number)

    def touched(self, ref: str) -> int:
        """Return the last night on which something happened to a listing."""
        return self._course.touched.get(self._refs.index(ref, self._course.total), 1)

    def changes(self, night: int) -> Changes:
        """Return what is different on a night, up to this one, from the night before.

        Raises:
            KeyError: the first night, or one that is yet to come.
        """
        happened = self._happened[night]
        refs = {what: frozenset(map(self._refs.ref, them)) for what, them in happened.items()}
        return Changes(**refs)

    def search(self, query: str, page: int) -> Results:
        """Return a page of the offers whose goods the query speaks of; all for an empty query."""
        first = (page - 1) * PAGE_SIZE
        numbers = self._there if not query.strip() else self._finds(query)
        hits = tuple(map(self.offer, numbers[first : first + PAGE_SIZE]))
        return Results(query, hits, len(numbers), page, -(-len(numbers) // PAGE_SIZE))

    def shop(self, ref: str) -> Firm:
        """Return the firm behind a shop's number.

        Raises:
            KeyError: no such shop.
        """
        return self._firm(self._shops.index(ref, len(_NAMES) + self.exhibitors))

    def exhibitor(self, ref: str) -> Exhibitor:
        """Return the exhibitor with a number.

        Raises:
            KeyError: no such exhibitor.
        """
        return self._exhibitor(self._stands.index(ref, self.exhibitors))

    def exhibitor_page(self, page: int) -> tuple[Exhibitor, ...]:
        """Return a page (from 1) of the exhibitor list; empty beyond its end."""
        first = (page - 1) * EXHIBITORS_PER_PAGE
        stop = min(first + EXHIBITORS_PER_PAGE, self.exhibitors)
        return tuple(map(self._exhibitor, range(first, stop)))

    def exhibits(self) -> Iterator[Offer]:
        """Yield every exhibit of the fair."""
        for number in range(self.exhibitors):
            yield from self._exhibitor(number).exhibits

    def guarded(self) -> tuple[Offer, ...]:
        """Return the offers that only a person can open: behind a CAPTCHA or a log-in."""
        walls, away = (Door.CAPTCHA, Door.LOGIN), self._course.away
        numbers = [number for number, case in self._placed.items() if case.door in walls]
        return tuple(self.offer(number) for number in sorted(numbers) if number not in away)

    def pushed(self, sheet: int) -> tuple[Offer, ...]:
        """Return the offers on a sheet (from 0) that the platform ``practice-files`` pushes."""
        cases = [CASES[name] for name in PUSHED[sheet]]
        placed = _placed(self._rng(f"sheet/{sheet}"), cases, ROWS)
        offers = []
        for row in range(ROWS):
            number = sheet * ROWS + row
            rng = self._rng(f"pushed/{number}")
            ref, goods = self._pushed.ref(number), rng.choice(_COMMON)
            offers.append(self._offered(FILES, ref, placed.get(row), goods, rng))
        return tuple(offers)

    def drawing(self, stem: str) -> Drawing:
        """Return what a picture shows, by its file stem: shared/<stem> or <number>_<position>.

        Raises:
            KeyError: no such picture.
        """
        if stem.startswith("shared/"):
            return SHARED[stem.removeprefix("shared/")]
        ref, _, position = stem.partition("_")
        try:
            offer = self.offer(self._refs.index(ref, self._course.total))
        except KeyError:
            number = self._exhibits.index(ref, self.exhibitors * EXHIBITS)
            offer = self._exhibitor(number // EXHIBITS).exhibits[number % EXHIBITS]
        if not position.isdecimal() or int(position) >= len(offer.drawings):
            raise KeyError(stem)
        return offer.drawings[int(position)]

    def truth(self) -> Iterator[Truth]:
        """Yield what is true of every listing, exhibit and pushed row near a watched right.

        Of listings that were taken down it is still true.
        """
        for number in range(self._course.total):
            if self._case(number, self._rng(f"offer/{number}")):
                truth = self.offer(number).truth()
                if truth:
                    yield truth
        for exhibit in self.exhibits():
            truth = exhibit.truth()
            if truth:
                yield truth
        for sheet in range(len(PUSHED)):
            for offer in self.pushed(sheet):
                truth = offer.truth()
                if truth:
                    yield truth._replace(needs=truth.needs | {Need.FILES})

    # ------------------------------------------------------------------------ by index

    def _rng(self, what: str) -> Random:
        return Random(f"{self.seed}/{what}")

    def _case(self, number: int, rng: Random) -> Case | None:
        often = _SCENES if number < self.size else _NEW_SCENES
        again = rng.choice(_AGAIN) if rng.random() < often else None
        return self._placed.get(number, again)

    def _offer(self, number: int) -> Offer:
        rng = self._rng(f"offer/{number}")
        case, goods = self._case(number, rng), rng.choice(_COMMON)
        offer = self._offered(MARKET, self._refs.ref(number), case, goods, rng)
        return self._course.aged(number, offer)

    def _offered(self, site: str, ref: str, case: Case | None, goods: str, rng: Random) -> Offer:
        """Make the offer of a shop: the one that the case names, else any."""
        shop = rng.randrange(self.exhibitors) + len(_NAMES)
        if case and case.firm:
            shop = _NAMES.index(case.firm)
        seller_ref = self._shops.ref(shop)
        slot = Slot(
            site,
            ref,
            "offer",
            seller_ref,
            f"/market/shop/{seller_ref}",
            "/market/img/",
        )
        return make(case, goods, slot, self._firm(shop), rng)

    def _firm(self, number: int) -> Firm:
        if number < len(_NAMES):
            return NAMED[_NAMES[number]]
        return firms.ordinary(self._rng(f"firm/{number}"), number)

    def _exhibitor(self, number: int) -> Exhibitor:
        rng = self._rng(f"stand/{number}")
        again = rng.choice(STANDS) if rng.random() < _SCENES else (None,) * EXHIBITS
        cases = [CASES[name] if name else None for name in self._stand_plan.get(number, again)]
        firm_name = next((case.firm for case in cases if case and case.firm), None)
        firm = NAMED[firm_name] if firm_name else self._firm(len(_NAMES) + number)
        firm = replace(firm, licensed=True)
        ref = self._stands.ref(number)
        exhibits = []
        for position, case in enumerate(cases):
            slot = Slot(
                FAIR,
                self._exhibits.ref(number * EXHIBITS + position),
                "exhibit",
                ref,
                f"/fair/exhibitor/{ref}",
                "/fair/img/",
            )
            exhibits.append(make(case, rng.choice(_COMMON), slot, firm, rng))
        booth = f"{rng.choice('ABCD')}{number // 40 + 1}-{number % 40 + 1:02d}"
        return Exhibitor(ref, booth, firm, tuple(exhibits))

    # ------------------------------------------------------------------------ search

    @cached_property
    def _by_goods(self) -> Mapping[str, list[int]]:
        """Indices by sort of goods; made when the first search with words comes."""
        found: dict[str, list[int]] = {key: [] for key in GOODS}
        for number in self._there:
            rng = self._rng(f"offer/{number}")
            case, goods = self._case(number, rng), rng.choice(_COMMON)
            found[case.goods if case else goods].append(number)
        return found

    def _finds(self, query: str) -> list[int]:
        sorts = [k for k, goods in GOODS.items() if any(word in query for word in goods.words)]
        return sorted(number for key in sorts for number in self._by_goods[key])


def _placed(rng: Random, things: Sequence[T], count: int) -> dict[int, T]:
    """Give each thing an index below ``count``; a sample of the things, if they are too many."""
    chosen = rng.sample(things, min(len(things), count))
    return dict(zip(rng.sample(range(count), len(chosen)), chosen, strict=True))
