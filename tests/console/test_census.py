"""What a night is said to have brought is what happened in the store, site by site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from console.night.census import form_of
from console.night.closing import close
from crawlers.run import Result
from leads import registry
from leads.exclusions import Exclusion, Scope, made
from leads.model import Listing, Price, Seller, Verdict, Visit
from leads.nights import FILE, Night
from leads.site import Site
from leads.store import Store, open_store
from matchers.engine import Engine

BEGAN = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
BEFORE = BEGAN - timedelta(days=1)
TONIGHT = BEGAN + timedelta(hours=1)
ENDED = BEGAN + timedelta(hours=2)
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://a.example/market/item/612345.html?spm=1", "/market/item/#.html"),
        ("https://a.example/market/item.htm?id=612345", "/market/item.htm"),
        ("https://a.example/goods/612345", "/goods/#"),
        ("https://a.example/offer/a1b2c3d4-99.html", "/offer/#-#.html"),
        ("https://a.example/i/xq9zK_1", "/i/#_#"),
        ("https://a.example/", "/"),
        ("https://[broken", ""),
        (None, ""),
    ],
)
def test_addresses_of_one_kind_of_page_have_one_form(url: str | None, form: str):
    assert form_of(url) == form


def offer(ref: str, at: datetime, title: str = "米醋", price: str | None = "9.90") -> Listing:
    asked = Price(min=Decimal(price), max=Decimal(price)) if price else None
    return Listing(
        site="jd", ref=ref, url=f"https://shop.example/item/{ref}1.html", title=title, price=asked,
        seller=Seller(name="甲店", company="某公司"), captured_at=at,
    )  # fmt: skip


@pytest.fixture(params=["sqlite", "elastic"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    sqlite = f"sqlite:///{tmp_path / 'm.db'}"
    place = sqlite if request.param == "sqlite" else request.getfixturevalue("elastic")
    with open_store(place) as opened:
        yield opened


def visited(store: Store, url: str, verdict: Verdict, minutes: int, door: str = "http") -> None:
    at = BEGAN + timedelta(minutes=minutes)
    told = {"site": "jd", "url": url, "verdict": verdict, "reason": "因为", "door": door, "at": at}
    store.visit(Visit.model_validate(told))


def closed(
    store: Store, watched: registry.Registry, folder: Path, excluded: dict[str, int]
) -> Night:
    result = Result(
        site=Site(id="jd", name="京东", kind="market", spider="market", url="https://a.example/"),
        listings=0, unchanged=0, leads=0, visits={("http", Verdict.OK): 1}, for_browser=0,
        errors=0, finish="finished", excluded=excluded,
    )  # fmt: skip
    return close(
        [result], store, watched, folder=folder, day=DAY, began=BEGAN, ended=ENDED,
        notices=("期限将到",), shortfalls=("提示：未完成",),
    ).night  # fmt: skip


def test_a_night_counts_what_became_of_each_listing(
    store: Store, watched: registry.Registry, tmp_path: Path
):
    engine = Engine(watched)

    def see(listing: Listing) -> None:
        store.see(listing)
        store.put(engine.leads(listing, listing.captured_at or TONIGHT))

    for ref in ("same", "still", "dearer", "renamed", "gone", "gone-before", "back", "unseen"):
        see(offer(ref, BEFORE))
    store.missed("jd", ["gone-before", "back", "gone"], BEFORE + timedelta(hours=1))
    store.missed("jd", ["gone-before", "back"], BEFORE + timedelta(hours=2))

    see(offer("same", TONIGHT))
    store.still("jd", ["still"], TONIGHT)
    see(offer("dearer", TONIGHT, price="19.90"))
    see(offer("renamed", TONIGHT, title="康帅傅红烧牛肉面 12袋"))
    see(offer("back", TONIGHT, price="8.80"))
    see(offer("new", TONIGHT, price=None))
    see(offer("new", TONIGHT + timedelta(minutes=1), price="5.00"))
    store.missed("jd", ["gone", "gone-before"], TONIGHT)
    visited(store, "https://a.example/1", Verdict.FAILED, 1)
    visited(store, "https://a.example/1", Verdict.OK, 2)
    visited(store, "https://a.example/2", Verdict.BLOCKED, 3)
    visited(store, "saved.html", Verdict.DAMAGED, 4, door="file")
    visited(store, "https://a.example/0", Verdict.BLOCKED, -60)
    store.exclude(decided := exclusion())

    night = closed(store, watched, tmp_path / "nights", {decided.id: 7})
    (site,) = night.sites
    assert (site.listings, site.read) == (6, 5)
    assert (site.new, site.changed, site.relisted, site.unchanged) == (1, 2, 1, 2)
    assert site.vanished == 1
    assert site.visits == {Verdict.OK: 1, Verdict.BLOCKED: 1}
    assert site.fields["title"] == site.fields["price"] == site.fields["company"] == 1.0
    assert site.fields["uscc"] == 0.0
    assert [(kind.form, kind.listings) for kind in site.kinds] == [("/item/#.html", 5)]
    assert (night.found, site.leads, night.matchers) == (1, 1, {"imitation": 1})
    assert [(found.title, found.site_name) for found in night.strongest] == [
        ("康帅傅红烧牛肉面 12袋", "京东")
    ]
    assert (night.waiting, [page.url for page in night.unseen]) == (1, ["https://a.example/2"])
    assert night.excluded == {f"商品“jd 5”（误识别，{decided.id}）": 7}
    assert night.notices == ("期限将到",)
    assert night.shortfalls == ("提示：未完成",)
    kept = json.loads((tmp_path / "nights" / "2026-11-23" / FILE).read_text(encoding="utf-8"))
    assert Night.model_validate(kept) == night


def exclusion() -> Exclusion:
    return made(Scope.LISTING, "jd 5", code="误识别", reason="不是", by="甲", at=BEFORE)


def test_a_night_before_that_cannot_be_read_is_told(
    store: Store, watched: registry.Registry, tmp_path: Path
):
    (tmp_path / "2026-11-22").mkdir()
    (tmp_path / "2026-11-22" / FILE).write_text("{", encoding="utf-8")
    night = closed(store, watched, tmp_path, {})
    assert "2026-11-22" in night.notices[1]
    assert night.shortfalls == (
        "提示：未完成",
        "整夜没有看到一条商品：不能据此认为没有涉嫌侵权的商品",
    )
