"""The closing report of a campaign says what the store says, number by number."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from leads.beijing import BEIJING
from leads.campaign import Campaign
from leads.closing import OUTCOME, Closing, closing, leads_of, told
from leads.model import Finding, Judgement, Lead, Listing, Route, State, Triage
from leads.outcomes import Outcome, outcome
from leads.query import parse
from leads.registry import Registry
from leads.season import Window
from leads.seasonal import sites_of
from leads.store import Store
from leads.tree import All

WINDOW = Window(date(2026, 11, 1), date(2026, 11, 30))
BEFORE, FIRST, LAST, AFTER = (
    datetime.fromisoformat(moment)
    for moment in (
        "2026-10-31T23:59:59+08:00",
        "2026-11-01T00:00:00+08:00",
        "2026-11-30T23:59:59+08:00",
        "2026-12-01T00:00:00+08:00",
    )
)
SITES = ("taobao", "jd")
CAMPAIGN = Campaign.model_validate(
    {
        "id": "some",
        "name": "某专项",
        "owner": "某处",
        "source": "某通知",
        "season": {"months": [11, 11]},
        "rights": ["gi-a", "gi-b"],
    }
)


@pytest.fixture
def filled(store: Store, a_lead: Callable[..., Lead]) -> Store:
    """A store with leads of each site, right and time; some were judged, some listings left."""
    cases = product((*SITES, "pdd"), ("gi-a", "gi-b", "gi-c"), (BEFORE, FIRST, LAST, AFTER))
    leads = []
    for number, (site, right, at) in enumerate(cases):
        findings = (Finding.GI_NAME, Finding.GI_ORIGIN)[: 1 + number % 2]
        lead = a_lead(
            f"{number}",
            bureau="" if number % 5 == 0 else "140100",
            listing={"site": site, "captured_at": at},
            right=right,
            found_at=at,
            triage=(Triage.LEAD, Triage.REVIEW)[number % 2],
        )
        routes = (*lead.routes, Route(bureau="140700", reason="发货地")) if number % 7 == 0 else ()
        hits = tuple(lead.hits[0].model_copy(update={"finding": one}) for one in findings)
        leads.append(lead.model_copy(update={"hits": hits, "routes": routes or lead.routes}))
        store.see(lead.listing)
    store.put(leads)
    moves = (State.PENDING, State.APPROVAL, State.TRANSFERRED, State.SIGNED, State.FED_BACK)
    inside = [lead for lead in leads if lead.listing.site in SITES and lead.found_at == FIRST]
    for number, lead in enumerate(inside):
        for step, state in enumerate(moves[: number + 1]):
            at = AFTER + timedelta(hours=step)
            store.judge(Judgement(lead=lead.id, state=state, reason="理由", by="甲", at=at))
    return store


def of(store: Store, **changes: Any) -> Closing:
    campaign = CAMPAIGN.model_copy(update=changes)
    return closing(campaign, WINDOW, SITES, store, AFTER)


def test_every_number_is_what_an_independent_count_over_the_store_gives(filled: Store) -> None:
    for regions in ((), ("140700",)):
        report = of(filled, regions=regions)
        ours = [
            one
            for one in filled.find(All())
            if one.lead.listing.site in SITES
            and one.lead.right in ("gi-a", "gi-b")
            and BEFORE < one.lead.found_at < AFTER
            and (not regions or {r.bureau for r in one.lead.routes} & set(regions))
        ]
        expected = Counter[tuple[str, str]]()
        for lead, state in ours:
            expected["right", lead.right] += 1
            expected["site", lead.listing.site or ""] += 1
            expected["triage", lead.triage] += 1
            expected["state", state] += 1
            expected[OUTCOME, outcome(filled.judgements(lead.id))] += 1
            for finding in {hit.finding for hit in lead.hits}:
                expected["finding", finding] += 1
            for bureau in {route.bureau for route in lead.routes} or {""}:
                expected["city", bureau] += 1
        assert report.leads == len(ours) > 0
        assert {(c.what, c.value): c.leads for c in report.counts} == expected


def test_every_number_is_found_again_by_the_query_beside_it(filled: Store) -> None:
    report = of(filled)
    assert filled.count(parse(report.query)) == report.leads
    narrowed = [count for count in report.counts if count.query is not None]
    assert {count.what for count in report.counts} - {c.what for c in narrowed} == {OUTCOME}
    assert ("city", "") in {(count.what, count.value) for count in narrowed}
    for count in narrowed:
        assert filled.count(parse(count.query or "")) == count.leads > 0, count
    for what in ("right", "site", "triage", "state", OUTCOME):  # those that exclude each other
        assert sum(c.leads for c in report.counts if c.what == what) == report.leads


def test_listings_count_for_the_days_on_which_they_were_there(
    store: Store, an_offer: Callable[..., Listing]
) -> None:
    def seen(ref: str, *moments: datetime, site: str = "taobao") -> None:
        for moment in moments:
            store.see(an_offer(ref, site=site, captured_at=moment))

    seen("gone before", BEFORE)
    seen("there all along", BEFORE, AFTER)
    seen("new on the first day", FIRST)
    seen("new on the last day", LAST, AFTER)
    seen("came later", AFTER)
    seen("elsewhere", FIRST, site="pdd")
    noon = datetime(2026, 11, 9, 4, tzinfo=UTC)
    for hour in range(4):  # vanished, back, vanished again: one listing
        store.missed("taobao", ["new on the first day"], noon + timedelta(hours=hour))
        if hour == 1:
            seen("new on the first day", noon + timedelta(hours=1, minutes=30))
    for day in (1, 2):
        store.missed("taobao", ["came later"], AFTER + timedelta(days=day))
    report = of(store)
    assert report.sites["taobao"].model_dump() == {
        "offered": 3,
        "new": 2,
        "vanished": 1,
        "relisted": 1,
    }
    assert set(report.sites["jd"].model_dump().values()) == {0}
    assert report.sites.keys() == set(SITES)


def test_what_is_typed_means_the_query_that_is_run(watched: Registry) -> None:
    for campaign in watched.campaigns.values():
        sites = [site.id for site in sites_of(campaign, watched)]
        assert parse(told(campaign, WINDOW, sites)) == leads_of(campaign, WINDOW, sites)


S = State


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], Outcome.UNSEEN),
        ([S.PENDING], Outcome.WEIGHED),
        ([S.PENDING, S.EXCLUDED], Outcome.EXCLUDED),
        ([S.EXCLUDED, S.PENDING], Outcome.WEIGHED),
        ([S.APPROVAL, S.TRANSFERRED, S.SIGNED, S.CHECKING], Outcome.HANDLED),
        ([S.CHECKING, S.FILED], Outcome.FILED),
        ([S.CHECKING, S.FILED, S.CLOSED, S.FED_BACK, S.ARCHIVED], Outcome.FILED),
        ([S.CHECKING, S.NOT_FILED, S.FED_BACK], Outcome.NOT_FILED),
        ([S.FILED, S.TO_POLICE, S.CLOSED], Outcome.TO_POLICE),
        ([S.TRANSFERRED, S.SIGNED, S.FED_BACK], Outcome.ANSWERED),
        ([S.FILED, S.CLOSED, S.FED_BACK, S.PENDING, S.EXCLUDED], Outcome.EXCLUDED),
    ],
)
def test_what_came_of_a_lead_is_what_was_decided_last(
    states: list[State], expected: Outcome
) -> None:
    at = datetime(2026, 11, 22, tzinfo=BEIJING)
    history = [Judgement(lead="L1", state=s, reason="理由", by="甲", at=at) for s in states]
    assert outcome(history) is expected
