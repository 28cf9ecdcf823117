"""Leads by the million for benchmarks of stores: invented, even in spread, the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from leads.model import (
    Defence,
    DefenceCode,
    Finding,
    Hit,
    Lead,
    Listing,
    Price,
    Route,
    Seller,
    Triage,
    lead_id,
)

FIRST_NIGHT = datetime(2026, 1, 1, 17, 30, tzinfo=UTC)
NIGHTS = 300
SITES = ("taobao", "tmall", "jd", "pdd", "alibaba", "douyin", "kuaishou", "fair")
BUREAUS = tuple(f"14{city:02d}00" for city in range(1, 12))
RIGHTS = 2000

_FINDINGS = tuple(Finding)
_MATCHERS = ("names", "origin", "evocation", "imitation", "shop_names", "signs", "copies", "logos")
_TRIAGES = (Triage.LEAD, Triage.REVIEW, Triage.NONE)
_HAN = "".join(map(chr, range(0x4E00, 0x4E00 + 3500)))


class Words:
    """20,000 invented words of one to four characters, as uneven as those of a language."""

    def __init__(self, seed: int = 7) -> None:
        rng = random.Random(seed)  # noqa: S311  # no secret
        self.all = tuple(
            "".join(rng.choices(_HAN, k=rng.choices((1, 2, 3, 4), (2, 7, 2, 1))[0]))
            for _ in range(20_000)
        )
        self._weights = tuple(accumulate(1 / (rank + 10) for rank in range(len(self.all))))

    def some(self, rng: random.Random, count: int) -> list[str]:
        """Return words drawn by how frequent they are (Zipf)."""
        return rng.choices(self.all, cum_weights=self._weights, k=count)


def many(count: int, seed: int = 7) -> Iterator[Lead]:
    """Yield leads; the first so many are the same whatever the count."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    words = Words(seed)
    for number in range(count):
        yield _lead(number, rng, words)


def right_name(number: int, words: Words) -> str:
    """Return the name of one of the :data:`RIGHTS`."""
    return words.all[500 + number] + words.all[5000 + number]


def _lead(number: int, rng: random.Random, words: Words) -> Lead:
    right = min(int(rng.paretovariate(0.7)), RIGHTS) - 1
    name = right_name(right, words)
    listing = _listing(number, rng, words, name)
    hits = tuple(_hit(rng, f"gi-{right}", name) for _ in range(rng.choices((1, 2), (4, 1))[0]))
    site, ref = listing.key
    found_at = FIRST_NIGHT + timedelta(days=number * NIGHTS // 1_000_000, seconds=number % 9000)
    return Lead(
        id=lead_id(site, ref, f"gi-{right}"),
        right=f"gi-{right}",
        right_name=name,
        listing=listing,
        triage=rng.choices(_TRIAGES, (3, 6, 1))[0],
        score=round(rng.random(), 3),
        hits=hits,
        routes=tuple(
            Route(bureau=bureau, reason="企业住所在本市")
            for bureau in rng.sample(BUREAUS, rng.choices((1, 2), (3, 1))[0])
        ),
        law_day=found_at.date(),
        found_at=found_at,
    )


def _listing(number: int, rng: random.Random, words: Words, name: str) -> Listing:
    seller = min(int(rng.paretovariate(0.6)), 60_000)
    places = words.all[300:400]
    price = Decimal(rng.randrange(100, 100_000)) / 100
    title: Sequence[str] = [*words.some(rng, rng.randrange(6, 14)), name]
    return Listing(
        site=SITES[seller % len(SITES)],
        ref=str(10_000_000 + number),
        url=f"https://shop.test/item/{number}",
        title="".join(rng.sample(title, len(title))) + f" {rng.randrange(100, 1000)}ml",
        description="，".join(words.some(rng, 30)) if number % 4 == 0 else None,
        attributes=tuple((key, "".join(words.some(rng, 2))) for key in ("品牌", "规格", "货号")),
        price=Price(min=price, max=price),
        seller=Seller(
            ref=str(seller),
            name="".join(words.all[seller % 9000 : seller % 9000 + 2]) + "旗舰店",
            company=words.all[seller % 7000] + "商贸有限公司" if seller % 3 == 0 else None,
        ),
        origin=rng.choice(places),
        ships_from=rng.choice(places),
        category=("食品", words.all[400 + seller % 50]),
        captured_at=FIRST_NIGHT + timedelta(seconds=number),
    )


def _hit(rng: random.Random, right: str, name: str) -> Hit:
    return Hit(
        right=right,
        name=name,
        finding=rng.choice(_FINDINGS),
        matcher=rng.choice(_MATCHERS),
        score=0.8,
        reason=f"标题中的“{name}”与受保护的名称相同，所称产地疑似不在保护范围内，是否获得授权须核对",
        defences=(Defence(code=DefenceCode.HONEST_RESALE),) if rng.random() < 0.3 else (),
    )
