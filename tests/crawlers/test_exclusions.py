"""A crawl matches under the exclusions of its store."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leads.exclusions import Scope, made
from leads.query import All
from leads.store import open_store

pytestmark = pytest.mark.night


def vinegar(market: Any, ref: str) -> None:
    """Answer ``/market/ref`` with vinegar of a wrong origin."""
    product = {
        "@type": "Product",
        "name": "山西老陈醋 500ml",
        "sku": ref,
        "offers": {
            "@type": "Offer",
            "price": "12.50",
            "priceCurrency": "CNY",
            "seller": {"name": "演练店"},
        },
        "additionalProperty": [{"@type": "PropertyValue", "name": "产地", "value": "江苏镇江"}],
    }
    script = f'<script type="application/ld+json">{json.dumps(product)}</script>'
    market.page(f"/market/{ref}", f"<html><head>{script}</head><body>{ref}</body></html>")


def test_a_crawl_makes_no_lead_of_what_is_excluded(
    loopback: Callable[[], Any], crawl: Callable[..., Any], tmp_path: Path
) -> None:
    market, refs = loopback(), ("r1", "r2")
    for ref in refs:
        vinegar(market, ref)
    market.results(*refs)
    url = f"sqlite:///{tmp_path}/markwatch.db"
    with open_store(url) as store:
        store.exclude(
            made(
                Scope.LISTING,
                "practice-market r1",
                code="误识别",
                reason="已核对",
                by="张三",
                at=datetime.now(UTC),
            )
        )
    done = crawl(market, folder=tmp_path)
    assert done.code == 0, done.stderr
    assert done.listings.keys() == set(refs)
    with open_store(url) as store:
        assert [standing.lead.listing.ref for standing in store.find(All())] == ["r2"]
