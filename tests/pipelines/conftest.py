"""An archive to match again, and what the engine finds in it listing by listing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from leads.model import Lead, Listing, Picture
from leads.query import parse
from leads.registry import Registry
from leads.sight import Legible, Line, MatchKind, PictureMatch, Sight
from leads.sighting import Known, listing_id
from leads.store import Entry, Part, open_store
from matchers.engine import Engine
from pipelines.crowds import Crowds
from practice.cases import CASES
from practice.catalogue import Market

CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)
FOUND = datetime(2026, 11, 22, tzinfo=UTC)
READ = ("山西老陈醋", "阿迪达斯 运动鞋", "adidos shoes", "净含量 500ml", "地理标志产品")
COPIED = ("gi-pingyao-niurou", "brand-adidas", "gi-qinzhouhuang-xiaomi")
QUAD = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))

Plain = Mapping[str, str]
"""Leads by id, as JSON without the moment they were found at."""


@pytest.fixture(scope="session")
def few(watched: Registry) -> Registry:
    """The real config with fewer rights, so that an engine is soon made: those of the market."""
    meant = {right for case in CASES.values() for right, _ in case.misuse}
    meant |= {*COPIED, "brand-anta", "sign-olympics", "sign-hangzhou-asian-games"}
    others = set(list(watched.rights)[::9])
    kept = {key: right for key, right in watched.rights.items() if key in meant | others}
    return watched.model_copy(update={"rights": kept})


@pytest.fixture(scope="session")
def archived() -> Sequence[Listing]:
    """Listings of the practice market, each with two pictures of its own."""
    offers = [offer.listing for offer in Market(size=238)]
    for number, title in enumerate(("奥林匹克五环纪念T恤", "卢沟桥牌老白干 亚运会纪念酒")):
        offers.append(offers[0].model_copy(update={"ref": f"sign{number}", "title": title}))
    return [
        listing.model_copy(
            update={
                "captured_at": CAPTURED + timedelta(hours=number),
                "pictures": tuple(Picture(sha256=_sha(f"{number} {n}")) for n in range(2)),
            }
        )
        for number, listing in enumerate(offers)
    ]


@pytest.fixture(scope="session")
def seen(archived: Sequence[Listing]) -> Mapping[str, Sight]:
    """What the pictures show: a logo at every second shop, copies, seals, words, or nothing."""
    rng = Random(8)  # noqa: S311  # no secret
    digests = [p.sha256 for listing in archived for p in listing.pictures if p.sha256]
    return {digest: _sight(digest, rng) for digest in digests}


@pytest.fixture
def an_archive(
    archived: Sequence[Listing], seen: Mapping[str, Sight], tmp_path: Path
) -> Callable[[], str]:
    """``an_archive()``: address of a new store that holds all of it, without leads."""
    made = iter(range(100))

    def make() -> str:
        url = f"sqlite:///{tmp_path}/archive{next(made)}.db"
        with open_store(url) as store:
            store.write(Part.LISTINGS, map(_entry, archived))
            store.write(Part.SIGHTS, (Entry(sight.sha256, sight) for sight in seen.values()))
        return url

    return make


@pytest.fixture(scope="session")
def expected(
    few: Registry, archived: Sequence[Listing], seen: Mapping[str, Sight]
) -> Mapping[str, Lead]:
    """What the engine finds one by one, once it is known at how many sellers what is shown."""
    engine, crowds = Engine(few), Crowds()
    for listing in archived:
        crowds.weighed(listing, _own(listing, seen))
    assert crowds.crowded == ("logos/brand-anta/1.png",)
    found = [
        lead
        for listing in archived
        for lead in engine.leads(listing, FOUND, crowds.weighed(listing, _own(listing, seen)))
    ]
    assert len(found) > 90
    assert len({lead.right for lead in found}) > 15
    return {lead.id: lead for lead in found}


@pytest.fixture(scope="session")
def plain() -> Callable[[Mapping[str, Lead]], Plain]:
    """``plain(leads)``: leads as they are compared."""
    return lambda leads: {key: _plain(lead) for key, lead in leads.items()}


@pytest.fixture(scope="session")
def leads_in() -> Callable[[str], Plain]:
    """``leads_in(url)``: the leads of a store."""

    def read(url: str) -> Plain:
        with open_store(url) as store:
            return {s.lead.id: _plain(s.lead) for s in store.find(parse(""))}

    return read


def _plain(lead: Lead) -> str:
    return lead.model_dump_json(exclude={"found_at"})


def _entry(listing: Listing) -> Entry:
    at = listing.captured_at or CAPTURED
    known = Known(listing=listing, first_seen=at, last_seen=at)
    return Entry(listing_id(*listing.key), known)


def _own(listing: Listing, seen: Mapping[str, Sight]) -> Mapping[str, Sight]:
    return {p.sha256: seen[p.sha256] for p in listing.pictures if p.sha256}


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sight(digest: str, rng: Random) -> Sight:
    fields: dict[str, object] = {}
    match rng.choices(("logo", "copy", "seal", "words", "nothing"), (40, 2, 3, 15, 40))[0]:
        case "logo":
            fields["matches"] = (_match(MatchKind.LOGO, "brand-anta", "logos/brand-anta/1.png"),)
        case "copy":
            right = rng.choice(COPIED)
            fields["matches"] = (_match(MatchKind.COPY, right, f"photos/{right}/1.jpg"),)
        case "seal":
            fields["matches"] = (_match(MatchKind.SEAL, "gi-sign", "logos/gi-sign/1.png"),)
        case "words":
            fields["lines"] = (Line(text=rng.choice(READ), box=(0, 0, 9, 9), score=0.9),)
    return Sight.model_validate({"sha256": digest, "legible": Legible.OK, "read": True, **fields})


def _match(kind: MatchKind, right: str, source: str) -> PictureMatch:
    return PictureMatch(
        kind=kind,
        right=right,
        source=source,
        score=0.9,
        reason="疑似同一图片。",
        box=(0, 0, 9, 9),
        quad=QUAD,
        source_quad=QUAD,
        share=1.0,
        scale=1.0,
        inliers=50,
        certain=True,
    )
