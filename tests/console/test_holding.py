"""What a flood made goes to review, all of it, and comes back when a person lets it through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.night.holding import hold_back
from leads import registry
from leads.exclusions import lifted
from leads.flood import FloodLimits
from leads.model import DefenceCode, Lead, Listing, Triage
from leads.query import All
from leads.store import Store, open_store
from matchers.engine import Engine

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
BEGAN = AT - timedelta(hours=1)
LIMITS = FloodLimits(rule=5, times=3, picture=4, days=10)
RIGHT = "brand-kangshifu"


@pytest.fixture
def limited(watched: registry.Registry) -> registry.Registry:
    """The real config with limits that a few leads break."""
    schedule = watched.schedule.model_copy(update={"floods": LIMITS})
    return watched.model_copy(update={"schedule": schedule})


@pytest.fixture(params=["sqlite", "elastic"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    sqlite = f"sqlite:///{tmp_path / 'm.db'}"
    place = sqlite if request.param == "sqlite" else request.getfixturevalue("elastic")
    with open_store(place) as opened:
        yield opened


def fill(store: Store, engine: Engine) -> None:
    """Match again all that the store holds, as a rematch does."""
    for listing in store.listings():
        store.put(engine.leads(listing, AT))


def found(store: Store) -> dict[str, Lead]:
    return {lead.id: lead for lead, _ in store.find(All())}


def test_a_flood_goes_to_review_and_comes_back_when_a_person_lifts_it(
    store: Store, limited: registry.Registry
):
    titles = [f"康帅傅红烧牛肉面 {number}袋整箱" for number in range(8)]
    titles += ["老干娘豆豉辣酱 280g"]
    for number, title in enumerate(titles):
        store.see(Listing(site="jd", ref=str(number), title=title, captured_at=AT))
    fill(store, Engine(limited))
    before = found(store)
    assert {lead.triage for lead in before.values()} == {Triage.LEAD}

    flooded, new = hold_back(store, limited, [], BEGAN, AT)
    assert [(one.subject, one.right, one.leads) for one in flooded] == [("imitation", RIGHT, 8)]
    assert new.rules[f"imitation {RIGHT}"] == 8
    held = found(store)
    assert held.keys() == before.keys()
    for lead in held.values():
        if lead.right == RIGHT:
            assert lead.triage is Triage.REVIEW
            (said,) = [d for d in lead.hits[0].defences if d.code is DefenceCode.QUARANTINED]
            assert "一夜新增 8 条线索" in said.detail
        else:
            assert lead == before[lead.id]

    fill(store, Engine(limited, store.exclusions()))
    assert found(store) == held, "a rematch says the same"
    assert hold_back(store, limited, [], BEGAN, AT)[0] == (), "what is held back floods no more"

    (made,) = store.exclusions()
    store.exclude(lifted(made, by="甲", reason="规则无误", at=AT))
    fill(store, Engine(limited, store.exclusions()))
    assert found(store) == before
    assert hold_back(store, limited, [], BEGAN, AT)[0] == (), "that person's word stands"
    assert found(store) == before
