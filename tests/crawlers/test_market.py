"""The market spider asks what the site's entry says, whatever braces stand in it."""

import asyncio
from typing import Any, cast

import pytest

from crawlers.sites.market import MarketSpider, once
from leads.ledger import Plan
from leads.model import Listing
from leads.site import Site


@pytest.mark.parametrize(
    ("search", "asked"),
    [
        ("search?q={query}", "https://shop.example/a/search?q=%E9%86%8B%26"),
        (
            "/find/{query}?f={x}&page={}",
            "https://shop.example/find/%E9%86%8B%26?f=%7Bx%7D&page=%7B%7D",
        ),
    ],
)
def test_a_query_stands_where_the_entry_says(search: str, asked: str) -> None:
    site = Site.model_validate(
        {
            "id": "shop",
            "name": "某市场",
            "kind": "market",
            "spider": "market",
            "url": "https://shop.example/a/",
            "search": search,
        }
    )

    async def first() -> str:
        plan = Plan(site="shop", queries=("醋&",))
        return (await anext(MarketSpider(site, cast(Any, None), plan).start())).url

    assert asyncio.run(first()) == asked


def test_a_listing_that_is_advertised_too_is_asked_for_once_at_its_own_address() -> None:
    advertised = Listing(site="m", ref="1", title="醋", url="https://m.example/1?clk=9")
    plain = Listing(site="m", ref="1", title="醋", url="https://m.example/1")
    other = Listing(site="m", ref="2", title="醋", url="https://m.example/2")
    bare = Listing(site="m", ref="1", title="醋")
    for listed in (
        [advertised, other, plain, bare],
        [plain, other, advertised],
        [bare, other, plain],
    ):
        assert list(once(listed)) == [plain, other]
