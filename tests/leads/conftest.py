"""Stores of each back end, empty, and listings and leads to put in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from leads.model import Finding, Hit, Lead, Listing, Route, Triage, lead_id
from leads.store import Store, open_store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "elastic"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty store of each back end."""
    if request.param == "elastic":
        return str(request.getfixturevalue("elastic"))
    return f"sqlite:///{tmp_path}/some/folder/markwatch.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def an_offer() -> Callable[..., Listing]:
    """``an_offer(ref, **fields)``: a listing of taobao, captured on the night."""

    def make(ref: str, **fields: Any) -> Listing:
        return Listing.model_validate(
            {"site": "taobao", "ref": ref, "title": f"商品 {ref}", "captured_at": NIGHT, **fields}
        )

    return make


@pytest.fixture
def a_lead(an_offer: Callable[..., Listing]) -> Callable[..., Lead]:
    """``a_lead(ref, finding="gi.name", bureau="140100", listing={}, **fields)``."""

    def make(
        ref: str,
        finding: str = "gi.name",
        bureau: str = "140100",
        listing: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Lead:
        of = an_offer(ref, **(listing or {}))
        right = fields.pop("right", "gi-vinegar")
        hit = Hit(
            right=right,
            name="某老陈醋",
            finding=Finding(finding),
            matcher="names",
            score=0.9,
            reason="疑似使用地理标志名称",
        )
        site, number = of.key
        known = {
            "id": lead_id(site, number, right),
            "right": right,
            "right_name": "某老陈醋",
            "listing": of,
            "triage": Triage.LEAD,
            "score": 0.9,
            "hits": (hit,),
            "routes": (Route(bureau=bureau, reason="企业住所在本市"),) if bureau else (),
            "law_day": date(2026, 11, 22),
            "found_at": NIGHT,
        }
        return Lead.model_validate({**known, **fields})

    return make
