"""What a crawl makes of its listings does not hang on when it was interrupted."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.crawler import Crawler
from scrapy.statscollectors import MemoryStatsCollector

from crawlers.run import hardened
from crawlers.sites.market import MarketSpider
from leads.ledger import Ledger, Plan, Work
from leads.model import Lead, Listing, Picture, Seller, Triage
from leads.query import All
from leads.schedule import Schedule
from leads.sight import Legible, PictureMatch, Sight
from leads.site import Site
from leads.store import Store, open_store
from pipelines.crowds import MOST_SELLERS
from pipelines.match import Match

ROOT = Path(__file__).parent.parent.parent
DIGEST = "1" * 64
QUAD = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
COPY = PictureMatch.model_validate(
    {
        "kind": "copy", "right": "gi-shanxi-laochencu", "source": "photos/x/1.jpg", "score": 0.9,
        "reason": "疑似同一图片。", "box": (0, 0, 9, 9), "quad": QUAD, "source_quad": QUAD,
        "share": 1, "scale": 1, "inliers": 60, "certain": True,
    }
)  # fmt: skip
SITE = Site.model_validate(
    {
        "id": "shop", "name": "某市场", "kind": "market", "spider": "market",
        "url": "https://shop.example/", "search": "?q={query}",
    }
)  # fmt: skip
OFFERS = [
    Listing(
        site="shop",
        ref=str(number),
        title="演练摆件",
        seller=Seller(ref=str(number)),
        pictures=(Picture(url="https://shop.example/1.jpg", sha256=DIGEST),),
    )
    for number in range(MOST_SELLERS + 5)
]


@pytest.fixture(autouse=True)
def no_eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the extra be missing: what the picture shows is told by the store."""
    monkeypatch.setitem(sys.modules, "rapidocr", None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that knows what the picture shows."""
    with open_store(f"sqlite:///{tmp_path / 'markwatch.db'}") as store:
        store.keep_sight(Sight(sha256=DIGEST, legible=Legible.OK, matches=(COPY,)))
        yield store


def process(store: Store, folder: Path, offers: Sequence[Listing], *, ends: bool) -> None:
    """Have a process of the run match some listings, and finish or be killed."""
    with Ledger(folder / "ledger.db", "x") as ledger:
        ledger.begin("run", [Plan(site="shop")])
        work = Work(ledger, "run", "shop", store, Schedule())
        settings = hardened()
        settings.setdict({"MARKWATCH_CONFIG": str(ROOT / "config"), "MARKWATCH_VAULT": str(folder)})
        crawler: Any = Crawler(MarketSpider, settings)
        spider = MarketSpider(SITE, work, Plan(site="shop"))
        running = SimpleNamespace(
            settings=settings, spider=spider, stats=MemoryStatsCollector(crawler)
        )
        match = Match(cast(Crawler, running))
        match.open_spider()
        for one in offers:
            match.process_item(one)
        work.write(work.batch([]))
        if ends:
            asyncio.run(match.close_spider())


def found(store: Store) -> dict[str, Lead]:
    return {lead.listing.ref or "": lead for lead, _ in store.find(All())}


@pytest.mark.parametrize("killed_after", [None, 10, MOST_SELLERS + 1])
def test_a_reference_at_too_many_sellers_is_for_review_everywhere(
    store: Store, tmp_path: Path, killed_after: int | None
) -> None:
    process(store, tmp_path, OFFERS[:killed_after], ends=killed_after is None)
    if killed_after:
        process(store, tmp_path, OFFERS[killed_after:], ends=True)
    leads = found(store)
    assert len(leads) == len(OFFERS)
    assert {lead.triage for lead in leads.values()} == {Triage.REVIEW}
    (reason,) = {hit.reason for lead in leads.values() for hit in lead.hits}
    assert f"已见于{len(OFFERS)}家店铺" in reason
