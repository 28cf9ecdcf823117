"""The console is the same over Elasticsearch: every page that asks the store."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from console.web.app import application
from console.web.office import Place
from leads.copying import carry
from leads.registry import Registry
from leads.store import Part, open_store


@pytest.fixture
def local(place: Place, watched: Registry, elastic: str) -> Iterator[TestClient]:
    """A console over a copy of the leads in Elasticsearch."""
    with open_store(place.store) as embedded, open_store(elastic) as store:
        for part in Part:
            carry(embedded, store, part, lambda: None)
    app = application(replace(place, store=elastic), watched)
    with TestClient(app, follow_redirects=False) as client:
        yield client


def test_what_is_seen_decided_and_taken_back_is_the_same(officer: Any) -> None:
    leads = officer.ids("店铺:甲店")
    assert len(leads) == 2
    assert "该卖家 2 条" in officer.get("/", q="店铺:甲店")
    assert "已记录 2 条" in officer.judge(leads)
    assert "已记录 2 条，已撤销" in officer.told("/undo", back="/")
    for path in ("/sellers?q=", "/seller?key=jd%3As1", "/transfers", "/rights", "/matchers",
                 "/campaigns/national-day?year=2026", "/fairs/canton-140", "/nights",
                 "/complete?q=平", f"/leads/{leads[0]}"):  # fmt: skip
        assert officer.get(path)
