"""The contract of every store on counts, sellers, orders and pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.fields import FACETS, Field
from leads.model import Judgement, Lead, State, Triage
from leads.query import parse
from leads.store import Overtaken, Sort, Store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)

Make = Callable[..., Lead]


def judge(store: Store, lead: Lead, state: State, expected: State | None = None) -> None:
    store.judge(Judgement(lead=lead.id, state=state, reason="核对", by="甲", at=NIGHT), expected)


def test_facets_count_the_leads_that_fit_by_each_value(store: Store, a_lead: Make) -> None:
    leads = [
        a_lead("1", listing={"site": "jd"}),
        a_lead("2", finding="gi.origin", bureau="140700"),
        a_lead("3", finding="gi.origin", bureau=""),
        a_lead("4", right="tm-x", triage=Triage.REVIEW),
    ]
    store.put(leads)
    judge(store, leads[1], State.EXCLUDED)
    total, exact, counts = store.facets(parse(""), FACETS)
    assert (total, exact) == (4, True)
    assert counts[Field.STATE] == {"新发现": 3, "排除": 1}
    assert counts[Field.SITE] == {"taobao": 3, "jd": 1}
    assert counts[Field.FINDING] == {"gi.name": 2, "gi.origin": 2}
    assert counts[Field.BUREAU] == {"140100": 2, "140700": 1}
    assert counts[Field.RIGHT_ID] == {"gi-vinegar": 3, "tm-x": 1}
    assert counts[Field.TRIAGE] == {"lead": 3, "review": 1}
    some = store.facets(parse("发现:gi.origin"), [Field.STATE, Field.BUREAU])
    assert some == (2, True, {Field.STATE: {"排除": 1, "新发现": 1}, Field.BUREAU: {"140700": 1}})
    assert store.facets(parse("平台:none"), [Field.SITE]) == (0, True, {Field.SITE: {}})
    assert list(counts) == list(FACETS)


def test_only_the_most_frequent_values_are_told(store: Store, a_lead: Make) -> None:
    store.put(
        a_lead(f"{site}{n}", listing={"site": site})
        for site in "abc"
        for n in range(ord(site) - 96)
    )
    assert store.facets(parse(""), [Field.SITE], most=2).counts == {Field.SITE: {"c": 3, "b": 2}}
    assert store.facets(parse("商品"), [Field.SITE], most=1).counts == {Field.SITE: {"c": 3}}


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["put", "judge", "drop"]),
        st.integers(0, 3),
        st.sampled_from(["gi.name", "gi.origin", "sign.special"]),
        st.sampled_from(["140100", "140700", ""]),
        st.sampled_from(list(State)[:4]),
    ),
    max_size=12,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(CHANGES)
def test_counts_of_everything_are_those_of_what_is_there(
    store: Store, a_lead: Make, changes: list[tuple[Any, ...]]
) -> None:
    for what, number, finding, bureau, state in changes:
        lead = a_lead(str(number), finding=finding, bureau=bureau)
        if what == "put":
            store.put([lead])
        elif what == "drop":
            store.drop([("taobao", str(number))], keep=[], rights=None)
        elif store.get(lead.id):
            judge(store, lead, state)
    kept = store.facets(parse(""), FACETS)
    counted = store.facets(parse("平台:taobao"), FACETS)  # of a query these are counted afresh
    assert kept == counted
    assert kept.total == store.count(parse(""))


def test_sellers_come_by_their_strongest_lead(store: Store, a_lead: Make) -> None:
    def of(shop: str | None, ref: str, score: float) -> Lead:
        return a_lead(ref, score=score, listing={"seller": {"name": shop} if shop else None})

    leads = [of("甲", "1", 0.5), of("乙", "2", 0.9), of("甲", "3", 0.95), of(None, "4", 1.0)]
    store.put(leads)
    groups = store.groups(parse(""))
    assert [(g.seller, g.leads) for g in groups] == [("taobao:甲", 2), ("taobao:乙", 1)]
    assert [g.strongest.lead for g in groups] == [leads[2], leads[1]]
    assert store.count(parse('卖家:"taobao:甲"')) == 2
    assert [g.seller for g in store.groups(parse(""), limit=1, offset=1)] == ["taobao:乙"]
    assert [(g.seller, g.leads) for g in store.groups(parse("分数 < 0.9"))] == [("taobao:甲", 1)]
    assert list(store.groups(parse("平台:none"))) == []


def refs(leads: Iterable[Any]) -> str:
    return "".join(standing.lead.listing.ref for standing in leads)


def test_leads_come_in_each_order_whole_and_by_pages(store: Store, a_lead: Make) -> None:
    def of(ref: str, price: str | None, day: int) -> Lead:
        asked = {"min": price, "max": price} if price else None
        return a_lead(ref, listing={"price": asked}, found_at=NIGHT + timedelta(days=day))

    leads = [
        of("1", "20", 3),
        of("2", None, 1),
        of("3", "5.5", 2),
        of("4", "20", 3),
        of("5", None, 5),
    ]
    store.put(leads)
    by_id = {lead.listing.ref: lead.id for lead in leads}
    same = "".join(sorted("14", key=lambda ref: by_id[ref]))
    none = "".join(sorted("25", key=lambda ref: by_id[ref]))
    orders = {
        Sort.NEWEST: f"5{same}32",
        Sort.OLDEST: f"23{same}5",
        Sort.CHEAPEST: f"3{same}{none}",
        Sort.DEAREST: f"{same}3{none}",
    }
    for sort, order in orders.items():
        assert refs(store.find(parse(""), sort)) == order
        assert refs(store.find(parse(""), sort, limit=3)) == order[:3]
        paged, after = "", None
        while page := store.search(parse("平台:taobao"), sort, after, limit=1):
            paged += refs(page.leads)
            after = page.after
            if after is None:
                break
        assert paged == order


@pytest.mark.parametrize(
    "after", ["", "{}", "[1]", "[]", "[[1], 2, 3]", "no", json.dumps([None] * 3)]
)
def test_a_place_that_is_none_is_refused(store: Store, a_lead: Make, after: str) -> None:
    store.put([a_lead("1")])
    if not after:
        assert store.search(parse(""), after=after).leads
    else:
        with pytest.raises(ValueError, match=r"."):
            store.search(parse(""), after=after)


def test_a_judgement_upon_a_state_that_has_passed_is_refused(store: Store, a_lead: Make) -> None:
    lead = a_lead("1")
    store.put([lead])
    judge(store, lead, State.PENDING, expected=State.NEW)
    with pytest.raises(Overtaken, match=f"{lead.id} 现为“待研判”"):
        judge(store, lead, State.EXCLUDED, expected=State.NEW)
    assert [j.state for j in store.judgements(lead.id)] == [State.PENDING]
    judge(store, lead, State.EXCLUDED, expected=State.PENDING)
    assert store.facets(parse(""), [Field.STATE]).counts == {Field.STATE: {"排除": 1}}
