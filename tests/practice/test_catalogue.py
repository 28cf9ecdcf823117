"""The market is a function of seed and size, and holds what a night is measured by."""

from __future__ import annotations

from collections import Counter

import pytest

from leads.model import DefenceCode, Finding
from leads.registry import Registry
from practice.case import Door, Shape
from practice.cases import CASES, STANDS
from practice.catalogue import EXHIBITS, Market
from practice.refs import Numbers
from practice.truth import FAIR, FILES, MARKET, Need

RULES_WITHOUT_A_RIGHT = {"patent", "tobacco"}


def test_the_same_seed_makes_the_same_market():
    ours, theirs = Market(seed=7), Market(seed=7)
    assert list(ours) == list(theirs)
    assert list(ours.exhibits()) == list(theirs.exhibits())
    assert list(ours.truth()) == list(theirs.truth())


def test_another_seed_makes_another_market():
    ours, theirs = Market(seed=7), Market(seed=8)
    assert not {offer.ref for offer in ours} & {offer.ref for offer in theirs}
    assert [offer.case for offer in ours] != [offer.case for offer in theirs]


@pytest.mark.parametrize("size", [1, 11, 60, 61, 500])
def test_a_market_has_as_many_listings_as_asked_for(size: int):
    market = Market(size=size)
    refs = [offer.ref for offer in market]
    assert len(market) == len(refs) == len(set(refs)) == size


def test_a_market_of_none_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Market(size=0)


def test_a_large_market_makes_only_what_is_asked_for():
    market = Market(size=100_000)
    offer = market.offer(99_999)
    assert market.by_ref(offer.ref) is offer
    assert len(market.search("", 5000).offers) == 20
    assert market.offer.cache_info().currsize == 20


def test_a_large_market_has_misuse_but_is_mostly_ordinary():
    market = Market(size=2000)
    near = sum(offer.truth() is not None for offer in market)
    assert 0.04 * 2000 < near < 0.12 * 2000


def test_every_number_leads_back_and_no_other_does():
    market = Market()
    assert [market.by_ref(offer.ref) for offer in market] == list(market)
    for ref in ("", "1", "abc", "²²²²²²²²²²²²", "0" * 12, "9" * 12, market.offer(0).ref + "0"):
        with pytest.raises(KeyError):
            market.by_ref(ref)
    numbers = Numbers(base=612_000_000_000, factor=3, shift=5)
    with pytest.raises(KeyError):
        numbers.index(numbers.ref(60), count=60)


def test_the_default_market_holds_every_case_once():
    assert Counter(id(offer.case) for offer in Market() if offer.case).most_common(1)[0][1] == 1
    assert {id(offer.case) for offer in Market() if offer.case} == set(map(id, CASES.values()))


@pytest.mark.parametrize(
    ("finding", "least"),
    [(Finding.GI_NAME, 6), (Finding.GI_ORIGIN, 4), (Finding.BRAND_IDENTICAL, 8)],
)
def test_the_default_market_holds_enough_of_each_finding(finding: Finding, least: int):
    claims = [
        truth
        for truth in Market().truth()
        if truth.site == MARKET and finding in frozenset().union(*truth.rights.values())
    ]
    assert len(claims) >= least


def test_the_default_market_holds_every_kind_of_decoy():
    decoys = Counter(t.decoy for t in Market().truth() if t.site == MARKET and not t.rights)
    decided = {DefenceCode.EXCLUDED, DefenceCode.QUARANTINED}  # by people, of any listing
    assert set(decoys) == {*DefenceCode, None} - decided
    assert sum(decoys.values()) >= 12


def test_the_default_market_holds_every_shape_and_every_door():
    assert {offer.shape for offer in Market()} == set(Shape)
    assert {offer.door for offer in Market()} == set(Door)


def test_what_later_nights_need_is_already_there():
    needs = Counter(need for truth in Market().truth() for need in truth.needs if truth.rights)
    assert set(needs) == set(Need)


def test_no_misuse_hides_behind_a_page_that_does_not_answer():
    for case in CASES.values():
        assert case.door is Door.OPEN or not case.misuse


def test_a_misuse_that_needs_a_browser_is_not_told_by_the_search_list():
    offers = [offer for offer in Market() if offer.shape is Shape.LIVE]
    assert offers
    for offer in offers:
        assert "味" not in offer.listing.title


def test_honest_and_misused_never_meet_in_one_case():
    for name, case in CASES.items():
        assert not (case.misuse and (case.decoy or case.pseudo)), name
        assert case.why, name


def test_truth_speaks_of_watched_rights(watched: Registry):
    known = watched.rights.keys() | RULES_WITHOUT_A_RIGHT
    assert {right for truth in Market().truth() for right in truth.rights} <= known


def test_the_fair_shows_every_stand_and_grows_with_the_market():
    market = Market()
    shown = [offer.case for offer in market.exhibits() if offer.case]
    assert Counter(map(id, shown)) == Counter(
        id(CASES[name]) for stand in STANDS for name in stand if name
    )
    assert market.exhibitors == 16
    assert sum(1 for _ in Market(size=200).exhibits()) == 40 * EXHIBITS
    assert {truth.site for truth in market.truth()} == {MARKET, FAIR, FILES}
    assert all(exhibit.listing.kind == "exhibit" for exhibit in market.exhibits())


def test_two_listings_share_one_picture_address():
    addresses = Counter(offer.listing.pictures[0].url for offer in Market())
    assert addresses.most_common(1)[0][1] == 2


def test_searching_for_the_watched_names_brings_every_misuse(watched: Registry):
    market = Market()
    found = {
        offer.ref
        for right in watched.rights.values()
        for page in range(1, 4)
        for offer in market.search(right.name, page).offers
    }
    for truth in market.truth():
        if truth.site == MARKET and truth.rights.keys() - RULES_WITHOUT_A_RIGHT:
            assert truth.ref in found, truth.why
