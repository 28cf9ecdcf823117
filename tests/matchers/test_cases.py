"""Every row of the case table comes out as promised."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from leads.model import Listing
from leads.registry import Scoring
from leads.triage import triage
from matchers.engine import Engine

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text("utf-8"))["case"]
EXPECTED = {
    "promise", "triage", "right", "finding", "absent", "span", "reason", "silent", "defence", "day"
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case["promise"] for case in CASES])
def test_case(case: dict[str, Any], engine: Engine, scoring: Scoring, day: date) -> None:
    listing = Listing.model_validate({k: v for k, v in case.items() if k not in EXPECTED})
    hits = engine.hits(listing, case.get("day", day))

    assert triage(hits, scoring).triage == case["triage"]
    found = [h for h in hits if (h.right, h.finding) == (case.get("right"), case.get("finding"))]
    if "right" not in case:
        assert not hits
        return
    assert found, [(h.right, h.finding, h.reason) for h in hits]
    if "span" in case:
        assert case["span"] in [span.text for hit in found for span in hit.spans]
    assert case.get("absent") not in [hit.finding for hit in hits]
    assert not any(case.get("silent", "\0") in hit.reason for hit in hits)
    if "reason" in case:
        assert any(case["reason"] in hit.reason for hit in found), [hit.reason for hit in found]
    if "defence" in case:
        assert case["defence"] in [str(defence) for hit in found for defence in hit.defences]


@pytest.mark.parametrize("case", CASES, ids=[case["promise"] for case in CASES])
def test_every_span_is_exact_in_the_field_as_given(
    case: dict[str, Any], engine: Engine, day: date
) -> None:
    listing = Listing.model_validate({k: v for k, v in case.items() if k not in EXPECTED})
    texts = {
        "title": listing.title,
        "brand": listing.brand,
        "origin": listing.origin,
        "factory": listing.factory,
        "description": listing.description,
        "seller.name": listing.seller and listing.seller.name,
        "seller.company": listing.seller and listing.seller.company,
        **{f"attributes.{n}": value for n, (_, value) in enumerate(listing.attributes)},
        **{f"category.{n}": value for n, value in enumerate(listing.category)},
    }
    for hit in engine.hits(listing, day):
        for span in hit.spans:
            assert (texts[span.field] or "")[span.start : span.end] == span.text
