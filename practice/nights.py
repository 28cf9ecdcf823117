"""What happens on the practice market from night to night, known from seed and size alone.

The first night is the market as it was made. On each later one some prices and titles change, some
listings go (of three, one is back the next night, one the night after, one never), some come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from practice.offer import Offer

SHARE = 20
"""One listing of so many changes in each way in a night, but at least three."""
STEP = Decimal("1.07")
_TAILS = ("现货速发", "新包装", "整箱装")


@dataclass(frozen=True)
class Changes:
    """What is different from the night before; each a set of the market's numbers.

    Prices and titles are held against those when the listing was last there.
    """

    new: frozenset[str] = frozenset()
    repriced: frozenset[str] = frozenset()
    retitled: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    """There the night before, not tonight."""
    vanished: frozenset[str] = frozenset()
    """Not there for the second night."""
    back: frozenset[str] = frozenset()
    """There again after one night."""
    relisted: frozenset[str] = frozenset()
    """There again after two."""


@dataclass
class Course:
    """How it stands with the listings, by index, on a night; night 1 is the beginning."""

    seed: int
    size: int
    total: int = field(init=False)
    """Listings there ever were."""
    away: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Those that are gone: since which night, until which."""
    repriced: Counter[int] = field(default_factory=Counter)
    retitled: Counter[int] = field(default_factory=Counter)
    touched: dict[int, int] = field(default_factory=dict)
    """The last night on which something happened to a listing."""

    def __post_init__(self) -> None:
        self.total = self.size

    @property
    def there(self) -> Sequence[int]:
        """The listings that are on the market."""
        if not self.away:
            return range(self.total)
        return [number for number in range(self.total) if number not in self.away]

    def step(self, night: int) -> dict[str, list[int]]:
        """Let ``night`` come after the one before; return the indices by field of Changes."""
        rng = Random(f"{self.seed}/night/{night}")
        count = max(3, self.size // SHARE)
        present = self.there
        chosen = rng.sample(present, min(3 * count, len(present) // 2))
        repriced, retitled, left = chosen[::3], chosen[1::3], chosen[2::3]
        returning = [number for number, (_, until) in self.away.items() if until == night]
        back = [number for number in returning if self.away[number][0] == night - 1]
        relisted = [number for number in returning if number not in back]
        for number in returning:
            del self.away[number]
        vanished = [number for number, (since, _) in self.away.items() if since == night - 1]
        for place, number in enumerate(left):
            self.away[number] = night, night + (1, 2, 10**9)[place % 3]
        repriced = [*repriced, *relisted[::2]]
        retitled = [*retitled, *repriced[:1]]
        self.repriced.update(repriced)
        self.retitled.update(retitled)
        new = list(range(self.total, self.total + count))
        self.total += count
        for number in (*repriced, *retitled, *returning, *new):
            self.touched[number] = night
        return {
            "new": new,
            "repriced": repriced,
            "retitled": retitled,
            "left": left,
            "vanished": vanished,
            "back": back,
            "relisted": relisted,
        }

    def aged(self, number: int, offer: Offer) -> Offer:
        """Return the offer of the first night with its price and title of tonight."""
        listing, times = offer.listing, self.repriced[number]
        if times and listing.price:
            low, high = listing.price.min, listing.price.max
            grown = {"min": _grown(low, times), "max": _grown(high, times)}
            listing = listing.model_copy(update={"price": listing.price.model_copy(update=grown)})
        if times := self.retitled[number]:
            title = f"{listing.title} {_TAILS[times % len(_TAILS)]}"
            listing = listing.model_copy(update={"title": title})
        return replace(offer, listing=listing)


def _grown(price: Decimal, times: int) -> Decimal:
    return (price * STEP**times).quantize(Decimal("0.01"))
