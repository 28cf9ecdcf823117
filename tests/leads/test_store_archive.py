"""The archive is read in stretches: whatever their size, everything once; on every back end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from leads.model import Listing
from leads.sight import Legible, Line, MatchKind, PictureMatch, Sight
from leads.store import Store, open_archive, open_store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
Offered = Callable[..., Listing]


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_stretches_hold_every_listing_once_and_as_it_was_kept(
    store: Store, an_offer: Offered, size: int
) -> None:
    listings = {
        ("taobao", f"{n}'\"\n"): an_offer(f"{n}'\"\n", title=f"白酒 {n}") for n in range(20)
    }
    for listing in listings.values():
        store.see(listing)
    found = [one for part in store.listing_stretches(size) for one in store.listings_in(part)]
    assert len(found) == len(listings)
    assert {key: Listing.model_validate_json(body) for key, body in found} == listings
    assert all("白酒" in body for _, body in found)


def test_stretches_stay_as_they_are_but_for_those_that_grow(
    store: Store, an_offer: Offered
) -> None:
    for number in range(40):
        store.see(an_offer(str(number)))
    before = store.listing_stretches(8)
    store.see(an_offer("40"))
    store.see(an_offer("3", title="改了"))
    after = store.listing_stretches(8)
    assert len(before) >= 5
    assert set(before) <= set(after)


def test_of_a_stretch_only_what_was_seen_since(store: Store, an_offer: Offered) -> None:
    for number in range(5):
        store.see(an_offer(str(number), captured_at=NIGHT + timedelta(days=number)))
    since = NIGHT + timedelta(days=3)
    found = [one for part in store.listing_stretches(2) for one in store.listings_in(part, since)]
    assert sorted(one.key[1] for one in found) == ["3", "4"]


def test_an_empty_archive_has_nothing_to_read(store: Store) -> None:
    assert [one for part in store.listing_stretches(8) for one in store.listings_in(part)] == []
    assert [one for part in store.sight_stretches(8) for one in store.sights_in(part)] == []
    assert store.sellers_showing() == {}


def test_sights_that_tell_something_are_read_and_sellers_of_references_counted(
    store: Store, an_offer: Offered
) -> None:
    dull, lettered, copied = (_sha(name) for name in ("dull", "lettered", "copied"))
    store.keep_sight(_sight(dull))
    store.keep_sight(_sight(lettered, lines=(Line(text="老陈醋", box=(0, 0, 9, 9), score=0.9),)))
    store.keep_sight(_sight(copied, matches=(_copy("photos/a/1.jpg"), _copy("photos/a/2.jpg"))))
    for number, seller in enumerate(["甲", "乙", "乙", None]):
        shop = {"ref": seller} if seller else None
        shown = [{"sha256": copied}, {"sha256": dull}]
        store.see(an_offer(str(number), seller=shop, pictures=shown))
    found = [one for part in store.sight_stretches(2) for one in store.sights_in(part)]
    assert sorted(sight.sha256 for sight in found) == sorted([lettered, copied])
    sellers = {"taobao:甲", "taobao:乙"}
    assert store.sellers_showing() == {"photos/a/1.jpg": sellers, "photos/a/2.jpg": sellers}


def test_an_archive_is_opened_beside_the_store_that_is_written(url: str, an_offer: Offered) -> None:
    with open_store(url) as store:
        store.see(an_offer("1"))
        assert store.totals()["listings"] == 1
        with open_archive(url) as archive:
            (stretch,) = archive.listing_stretches(10)
            assert [key for key, _ in archive.listings_in(stretch)] == [("taobao", "1")]


def _sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _sight(sha256: str, **fields: object) -> Sight:
    return Sight.model_validate({"sha256": sha256, "legible": Legible.OK, **fields})


def _copy(source: str) -> PictureMatch:
    corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    return PictureMatch(
        kind=MatchKind.COPY,
        right="a",
        source=source,
        score=0.9,
        reason="疑似",
        box=(0, 0, 9, 9),
        quad=corners,
        source_quad=corners,
        share=1.0,
        scale=1.0,
        inliers=50,
        certain=True,
    )
