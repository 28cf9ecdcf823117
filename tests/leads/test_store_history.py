"""The contract of every store on what becomes of a listing, and on the pictures it shows."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.bands import BANDS, bands, distance
from leads.model import Listing
from leads.sight import Legible, Sight
from leads.sighting import Change, Known, Sighting, missed, seen_again, still
from leads.store import Store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)

Offer = Callable[..., Listing]


def priced(amount: str, day: int = 0, **fields: Any) -> dict[str, Any]:
    return {"price": {"min": amount, "max": amount}, "captured_at": NIGHT + day * DAY, **fields}


def test_a_listing_is_known_from_its_first_day_to_its_last(store: Store, an_offer: Offer) -> None:
    for day in (3, 1, 5, 2):
        store.see(an_offer("1", captured_at=NIGHT + day * DAY))
    known = store.known("taobao", "1")
    assert known is not None
    assert (known.first_seen, known.last_seen) == (NIGHT + DAY, NIGHT + 5 * DAY)
    assert known.listing.captured_at == NIGHT + 5 * DAY
    assert store.known("taobao", "2") is None


def test_a_new_price_and_a_new_title_are_told_with_before_and_after(
    store: Store, an_offer: Offer
) -> None:
    assert list(store.see(an_offer("1", **priced("9.90")))) == []
    assert list(store.see(an_offer("1", **priced("9.90", day=1)))) == []
    changed = store.see(an_offer("1", title="新标题", **priced("19.90", day=2)))
    assert [(c.change, c.before, c.after) for c in changed] == [
        (Change.TITLE, "商品 1", "新标题"),
        (Change.PRICE, "9.90 CNY", "19.90 CNY"),
    ]
    (lost,) = store.see(an_offer("1", title="新标题", captured_at=NIGHT + 3 * DAY))
    assert (lost.change, lost.before, lost.after) == (Change.PRICE, "19.90 CNY", None)
    assert {c.change for c in store.sightings()} == {Change.TITLE, Change.PRICE}
    assert list(store.sightings(since=NIGHT + 3 * DAY)) == [lost]
    assert list(store.sightings(of=("taobao", "2"))) == []


def test_an_older_capture_changes_nothing_but_the_first_day(store: Store, an_offer: Offer) -> None:
    newest = an_offer("1", **priced("9.90", day=1))
    store.see(newest)
    assert list(store.see(an_offer("1", title="旧", **priced("1")))) == []
    assert list(store.listings()) == [newest]
    assert list(store.sightings()) == []


def test_a_listing_missed_twice_has_vanished_and_may_come_back(
    store: Store, an_offer: Offer
) -> None:
    for ref in ("1", "2"):
        store.see(an_offer(ref))
    assert list(store.missed("taobao", ["1", "unknown"], NIGHT + DAY)) == []
    assert list(store.missed("taobao", ["1"], NIGHT + DAY)) == []  # the same miss told twice
    (gone,) = store.missed("taobao", ["1", "2"], NIGHT + 2 * DAY)
    assert (gone.ref, gone.change, gone.at) == ("1", Change.VANISHED, NIGHT + 2 * DAY)
    assert list(store.missed("taobao", ["1"], NIGHT + 3 * DAY)) == []
    vanished = store.known("taobao", "1")
    assert vanished is not None
    assert vanished.vanished
    (back,) = store.see(an_offer("1", captured_at=NIGHT + 4 * DAY))
    assert back.change is Change.RELISTED
    there = store.known("taobao", "1")
    assert there is not None
    assert (there.misses, there.missed_at) == (0, None)
    assert [c.change for c in store.sightings(of=("taobao", "1"))] == [
        Change.VANISHED,
        Change.RELISTED,
    ]


def test_a_listing_seen_between_two_misses_has_not_vanished(store: Store, an_offer: Offer) -> None:
    store.see(an_offer("1"))
    store.missed("taobao", ["1"], NIGHT + DAY)
    assert list(store.see(an_offer("1", captured_at=NIGHT + 2 * DAY))) == []
    assert list(store.missed("taobao", ["1"], NIGHT + 3 * DAY)) == []


def test_a_listing_seen_unchanged_is_there_without_a_new_capture(
    store: Store, an_offer: Offer
) -> None:
    captured = an_offer("1", **priced("9.90"))
    store.see(captured)
    store.missed("taobao", ["1"], NIGHT + DAY)
    assert list(store.still("taobao", ["1", "unknown"], NIGHT + 2 * DAY)) == []
    known = store.known("taobao", "1")
    assert known is not None
    assert (known.listing, known.misses) == (captured, 0)
    assert (known.first_seen, known.last_seen) == (NIGHT, NIGHT + 2 * DAY)
    assert list(store.listings(since=NIGHT + 2 * DAY)) == [captured]
    assert store.known("taobao", "unknown") is None
    assert list(store.missed("taobao", ["1"], NIGHT + 3 * DAY)) == []


def test_a_vanished_listing_seen_unchanged_is_back(store: Store, an_offer: Offer) -> None:
    for ref in ("1", "2"):
        store.see(an_offer(ref))
    for day in (1, 2):
        store.missed("taobao", ["1"], NIGHT + day * DAY)
    assert list(store.still("taobao", ["1"], NIGHT + DAY / 2)) == []  # told late
    (back,) = store.still("taobao", ["1", "2"], NIGHT + 3 * DAY)
    assert (back.ref, back.change, back.at) == ("1", Change.RELISTED, NIGHT + 3 * DAY)
    assert list(store.still("taobao", ["1", "2"], NIGHT + 3 * DAY)) == []
    assert [c.change for c in store.sightings()] == [Change.VANISHED, Change.RELISTED]


TOLD = st.lists(
    st.tuples(
        st.sampled_from(["see", "missed", "still"]), st.sampled_from("ab"), st.integers(0, 4)
    ),
    max_size=9,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15
)
@given(told=TOLD)
def test_whatever_is_told_in_whatever_order_comes_to_what_plain_reading_says(
    store: Store, an_offer: Offer, told: list[tuple[str, str, int]]
) -> None:
    site = secrets.token_hex(8)  # one store for all examples
    expected: dict[str, Known] = {}
    changes: set[Sighting] = set()
    for kind, ref, day in told:
        at = NIGHT + day * DAY
        offer = an_offer(ref, site=site, title=f"{ref}{day % 2}", captured_at=at)
        before = expected.get(ref)
        if kind == "see":
            news = store.see(offer)
            known = Known(listing=offer, first_seen=at, last_seen=at)
            now, own = seen_again(before, offer, at) if before else (known, [])
        else:
            become = missed if kind == "missed" else still
            news = getattr(store, kind)(site, [ref], at)
            if before is None:
                assert list(news) == []
                continue
            now, own = become(before, at)
        assert list(news) == own
        expected[ref] = now
        changes.update(own)
    store.flush()
    assert {ref: store.known(site, ref) for ref in expected} == expected
    assert {one for one in store.sightings() if one.site == site} == changes


def test_a_miss_from_before_the_last_capture_says_nothing(store: Store, an_offer: Offer) -> None:
    store.see(an_offer("1"))
    for day in (1, 2):
        assert list(store.missed("taobao", ["1"], NIGHT - day * DAY)) == []
    known = store.known("taobao", "1")
    assert known is not None
    assert known.misses == 0


# ---------------------------------------------------------------------------- pictures


def sight(name: str, pdq: int | None) -> Sight:
    shown = f"{pdq:064x}" if pdq is not None else None
    return Sight(sha256=name * 64, legible=Legible.OK, pdq=shown)


def test_a_picture_is_found_wherever_else_it_was_seen(store: Store, an_offer: Offer) -> None:
    near = sum(1 << (16 * band) for band in range(BANDS - 1))  # one bit in all bands but one
    for name, pdq in (("a", 0), ("b", near), ("c", (1 << 40) - 1), ("d", None)):
        store.keep_sight(sight(name, pdq))
    shops = {"1": "a", "2": "ab", "3": "c", "4": "a", "5": "d"}
    for ref, names in shops.items():
        store.see(an_offer(ref, pictures=[{"sha256": name * 64} for name in names]))
    store.see(an_offer("4", pictures=[{"url": "https://x.test/"}], captured_at=NIGHT + DAY))

    def seen(name: str, bits: int = 0) -> list[tuple[str | None, str, int]]:
        found = store.appearances(name * 64, bits)
        return [(one.listing.ref, one.sha256[0], one.distance) for one in found]

    assert seen("a") == [("1", "a", 0), ("2", "a", 0)]
    assert seen("a", 31) == [("1", "a", 0), ("2", "a", 0), ("2", "b", BANDS - 1)]
    assert seen("a", BANDS - 2) == [("1", "a", 0), ("2", "a", 0)]
    assert seen("d", 31) == [("5", "d", 0)]
    assert seen("e", 31) == []


def test_a_new_fingerprint_of_a_picture_replaces_the_old_one(store: Store, an_offer: Offer) -> None:
    for name in "ab":
        store.see(an_offer(name, pictures=[{"sha256": name * 64}]))
    store.keep_sight(sight("a", 0))
    store.keep_sight(sight("b", 1))
    assert len(store.appearances("a" * 64, 5)) == 2
    store.keep_sight(sight("b", (1 << 256) - 1))
    assert len(store.appearances("a" * 64, 5)) == 1


def test_pictures_closer_than_there_are_bands_share_one() -> None:
    one = 0x1234_5678 << 100
    for far in range(BANDS):
        other = one ^ sum(1 << (17 * bit) for bit in range(far))
        prints = f"{one:064x}", f"{other:064x}"
        assert distance(*prints) == far
        assert set(bands(prints[0])) & set(bands(prints[1]))
