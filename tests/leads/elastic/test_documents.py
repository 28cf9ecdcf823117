"""Documents hold nothing that the mapping does not know, and nothing that becomes a link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from leads.exclusions import Scope, lifted, made
from leads.fields import KINDS, Kind
from leads.model import Judgement, Picture, Price, Route, Seller, State, Verdict, Visit
from leads.query import parse
from leads.sight import Legible, Line, MatchKind, PictureMatch, Sight
from leads.sighting import Change, Known, Sighting
from leads.store import Part
from leads.store.elastic import documents as docs
from leads.store.elastic.condition import condition
from leads.store.elastic.mapping import component, fields

SHA = "ab" * 32
QUAD = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.fixture
def every(make_lead: Callable[..., Any]) -> dict[Part, docs.Document]:
    """A document of each part, with every field filled."""
    lead = make_lead(1)
    listing = lead.listing.model_copy(
        update={
            "url": "https://shop.test/1",
            "description": "山里的醋",
            "attributes": (("产地", "江苏"), ("品牌", "某牌")),
            "brand": "某牌",
            "price": Price(min=Decimal("1E+400"), max=Decimal("1E+400")),
            "seller": Seller(ref="7", name="醋坊", company="某公司", uscc="9114", location="太原"),
            "origin": "江苏", "ships_from": "杭州", "factory": "丹阳", "category": ("食品", "醋"),
            "pictures": (Picture(sha256=SHA), Picture(url="https://shop.test/2.jpg")),
        }
    )  # fmt: skip
    hit = lead.hits[0].model_copy(update={"defences": ("疑为正品转售",)})
    lead = type(lead).model_validate(
        {
            **lead.model_dump(),
            "listing": listing,
            "hits": [hit.model_dump()],
            "routes": [Route(bureau="140100", reason="住所")],
        }
    )
    judged = Judgement(lead=lead.id, state=State.EXCLUDED, reason="授权", by="甲", at=lead.found_at)
    match = PictureMatch(
        kind=MatchKind.LOGO, right="gi", source="logos/gi/1.png", score=0.9, reason="疑似",
        box=(0, 0, 1, 1), quad=QUAD, source_quad=QUAD, share=1, scale=1, inliers=9, certain=True,
    )  # fmt: skip
    seen = lead.found_at
    visit = Visit(site="jd", url="https://x.test", verdict=Verdict.BLOCKED, reason="码", at=seen)
    return {
        Part.LEADS: docs.lead_document(lead, docs.decided_by(judged, 0)),
        Part.LISTINGS: docs.known_document(
            Known(listing=listing, first_seen=seen, last_seen=seen, misses=1, missed_at=seen)
        ),
        Part.SIGHTINGS: docs.sighting_document(
            Sighting(site="jd", ref="1", at=seen, change=Change.TITLE, before="甲", after="乙")
        ),
        Part.JUDGEMENTS: docs.judgement_document(judged, 0),
        Part.VISITS: docs.visit_document(visit),
        Part.SIGHTS: docs.sight_document(
            Sight(
                sha256=SHA, legible=Legible.TRUNCATED, reason="截断", width=1, height=1,
                phash="0" * 16, pdq="0" * 64, quality=9, bank="1", allowed="a", matches=(match,),
                lines=(Line(text="老陈醋", box=(0, 0, 1, 1), score=1),), read=True,
            )
        ),
        Part.EXCLUSIONS: docs.exclusion_document(
            lifted(
                made(
                    Scope.PHRASE, "老陈记", right="gi", matcher="names", code="误识别",
                    reason="店名", by="甲", second="乙", at=seen, until=seen.date(),
                ),
                by="丙", reason="有误", at=seen,
            )
        ),
    }  # fmt: skip


@pytest.mark.parametrize("part", Part)
def test_a_full_document_has_exactly_the_fields_that_are_mapped(
    every: dict[Part, docs.Document], part: Part
) -> None:
    assert every[part].keys() == fields(part).keys() - {"anywhere"}


def test_every_field_that_can_be_asked_for_is_mapped_as_it_is_asked() -> None:
    mapped = fields(Part.LEADS)
    types = {Kind.TERM: "keyword", Kind.NUMBER: "double", Kind.TIME: "date"}
    for field, kind in KINDS.items():
        if kind is Kind.TEXT:
            assert mapped[f"words.{field.value}"]["copy_to"] == "anywhere"
        else:
            assert mapped[field.value]["type"] == types[kind]


def test_the_engine_folds_by_the_very_table_that_words_are_folded_by() -> None:
    _, body = component("x")
    rules = body["template"]["settings"]["analysis"]["char_filter"]["t2s"]["mappings"]
    assert "驢 => 驴" in rules
    assert all(len(rule) == 6 for rule in rules)


URLS = [
    ("https://shop.test/item?id=1", "hxxps://shop[.]test/item?id=1"),
    ("HTTP://a.b:80/c.html", "hxxp://a[.]b:80/c.html"),
    ("javascript:alert(1)", "javascript[:]alert(1)"),
    ("data:text/html,<b>", "data[:]text/html,<b>"),
    ("//evil.test/x", "//evil[.]test/x"),
    ("http://[::1", "http[:]//[[:][:]1"),
    (None, None),
]


@pytest.mark.parametrize(("url", "shown"), URLS)
def test_an_address_from_outside_is_no_link_any_more(url: str | None, shown: str | None) -> None:
    assert docs.defanged(url) == shown


TITLES = [
    ("正宗山西老陈醋 500ml", {"正宗", "山西", "老陈醋", "500ml"}),
    ("山西老陳醋", {"山西", "老陈醋"}),
    ("ＮＩＫＥ 运动鞋 2024", {"nike", "运动鞋"}),
    ("，。！", set()),
]


@pytest.mark.parametrize(("title", "terms"), TITLES)
def test_a_title_is_cut_into_terms_that_a_cloud_may_show(title: str, terms: set[str]) -> None:
    assert set(docs.terms(title)) == terms


def test_moments_keep_their_microseconds_where_they_are_compared(
    make_lead: Callable[..., Any],
) -> None:
    lead = make_lead(1)
    later = lead.model_copy(update={"found_at": lead.found_at + timedelta(microseconds=1)})
    first, second = (docs.lead_document(one, docs.Decided()) for one in (lead, later))
    assert second["found_us"] - first["found_us"] == 1
    assert second["found_at"] == first["found_at"]


def depth(clause: Any) -> int:
    if isinstance(clause, dict):
        return ("bool" in clause) + max(map(depth, clause.values()), default=0)
    return max(map(depth, clause), default=0) if isinstance(clause, list) else 0


def test_no_query_that_may_be_typed_nests_deeper_than_the_engine_takes() -> None:
    deepest = ["(醋 OR 酒 AND " * 20 + "醋" + ")" * 20, "NOT (醋 OR 酒 AND " * 10 + "醋" + ")" * 10]
    deepest += ["NOT " * 20 + "醋", "NOT (酒 " * 10 + "醋" + ")" * 10]
    assert all(depth(condition(parse(query))) < 30 for query in deepest)
