"""Every store against the oracle: a plain reading of the query's tree over the records."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import values
from leads.fields import FACETS, KINDS, Field, Kind
from leads.model import Judgement, Lead, State, Triage
from leads.store import Sort, Standing, Store, open_store
from leads.tree import All, And, Compare, Exists, Not, Or, Query, Term, Words
from leads.words import words

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

# ---------------------------------------------------------------------------- the oracle


def fits(query: Query, standing: Standing) -> bool:
    """Tell whether a lead fits a query, as ``leads.query`` says what it means."""
    match query:
        case All():
            return True
        case And(parts):
            return all(fits(part, standing) for part in parts)
        case Or(parts):
            return any(fits(part, standing) for part in parts)
        case Not(part):
            return not fits(part, standing)
        case Words(field, sought, prefix):
            texts = values.texts(standing.lead)
            chosen = texts.values() if field is None else [texts[field]]
            return any(follow(words(one), sought, prefix) for all_ in chosen for one in all_)
        case Term(field, value, prefix):
            wanted = value.translate(LOWER)
            held = [code.translate(LOWER) for code in codes(standing, field)]
            return any(c.startswith(wanted) if prefix else c == wanted for c in held)
        case Compare(field, operator, value):
            measured: Any = {**values.numbers(standing.lead), **values.times(standing.lead)}[field]
            if measured is None:
                return False
            lower, same = measured < value, measured == value
            return {
                "<": lower, "<=": lower or same, "=": same,
                ">=": not lower, ">": not (lower or same),
            }[operator]  # fmt: skip
        case Exists(field):
            if KINDS[field] is Kind.TEXT:
                return any(words(text) for text in values.texts(standing.lead)[field])
            if KINDS[field] is Kind.TERM:
                return any(codes(standing, field))
            measured = {**values.numbers(standing.lead), **values.times(standing.lead)}[field]
            return measured is not None


def follow(held: Sequence[str], sought: Sequence[str], prefix: bool) -> bool:
    """Tell whether words follow one another; with ``prefix`` the last may go on."""
    for start in range(len(held) - len(sought) + 1):
        found = held[start : start + len(sought)]
        if tuple(found[:-1]) == tuple(sought[:-1]):
            last = found[-1]
            if last == sought[-1] or (prefix and last.startswith(sought[-1])):
                return True
    return False


def codes(standing: Standing, field: Field) -> tuple[str, ...]:
    state = {Field.STATE: (standing.state.value,)}
    return {**values.codes(standing.lead), **state}[field]


def ordered(found: list[Standing], sort: Sort) -> list[str]:
    """Return the ids in order."""

    def price(one: Standing, missing: float) -> float:
        asked = values.numbers(one.lead)[Field.PRICE]
        return missing if asked is None else asked

    ranks = list(Triage)
    keys: dict[Sort, Callable[[Standing], Any]] = {
        Sort.STRENGTH: lambda s: (ranks.index(s.lead.triage), -s.lead.score),
        Sort.NEWEST: lambda s: -s.lead.found_at.timestamp(),
        Sort.OLDEST: lambda s: s.lead.found_at,
        Sort.CHEAPEST: lambda s: price(s, float("inf")),
        Sort.DEAREST: lambda s: -price(s, float("-inf")),
    }
    key = keys[sort]
    return [one.lead.id for one in sorted(found, key=lambda s: (key(s), s.lead.id))]


# ---------------------------------------------------------------------------- what is asked

PIECES = [
    "老",
    "陈",
    "醋",
    "老陈醋",
    "陳",
    "师傅",
    "康",
    "nike",
    "NIKE",
    "ni",
    "5l",
    "が",
    "·",
    " ",
    "-",
]
SITES = ["jd", "JD", "taobao", "tao"]
SHOPS = [None, {"name": "醋坊", "ref": "s7"}, {"name": "康师傅", "uscc": "91A"}, {"ref": "S7"}]


def some_leads(a_lead: Callable[..., Lead], count: int = 40) -> list[Lead]:
    """Return leads that hold few different things, so that most queries fit some of them."""
    rng = random.Random(11)  # noqa: S311  # no secret

    def text() -> str:
        return "".join(rng.choices(PIECES, k=rng.randrange(7)))

    def one(number: int) -> Lead:
        price = rng.choice([None, "1", "2.5", "100"])
        return a_lead(
            str(number),
            finding=rng.choice(["gi.name", "gi.origin", "brand.identical"]),
            bureau=rng.choice(["140100", "140700", ""]),
            right=rng.choice(["gi-x", "tm-y"]),
            right_name=text() or "某",
            score=rng.choice([0.0, 0.25, 0.5, 1.0]),
            triage=rng.choice(list(Triage)),
            found_at=NIGHT + timedelta(seconds=rng.randrange(3)),
            listing={
                "site": rng.choice(SITES),
                "title": text(),
                "description": rng.choice([None, text()]),
                "category": (text(), text()),
                "attributes": ((text(), text()),),
                "seller": rng.choice(SHOPS),
                "price": {"min": price, "max": price} if price else None,
                "captured_at": rng.choice([None, NIGHT]),
            },
        )

    return [one(number) for number in range(count)]


def phrase() -> st.SearchStrategy[Query]:
    cut = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join).map(words)
    fields = st.sampled_from([None, *(f for f, kind in KINDS.items() if kind is Kind.TEXT)])
    return st.builds(Words, fields, cut.filter(bool), st.booleans())


TERMS = st.one_of(
    st.builds(Term, st.just(Field.SITE), st.sampled_from([*SITES, "%", "j"]), st.booleans()),
    st.builds(
        Term, st.just(Field.FINDING), st.sampled_from(["gi.name", "gi.", "GI"]), st.booleans()
    ),
    st.builds(Term, st.just(Field.BUREAU), st.sampled_from(["140100", "14"]), st.booleans()),
    st.builds(Term, st.just(Field.RIGHT_ID), st.sampled_from(["gi-x", "TM-Y"]), st.booleans()),
    st.builds(Term, st.just(Field.SELLER_REF), st.sampled_from(["s7", "S"]), st.booleans()),
    st.builds(Term, st.just(Field.STATE), st.sampled_from([s.value for s in State][:4])),
    st.builds(Term, st.just(Field.TRIAGE), st.sampled_from([t.value for t in Triage])),
    st.builds(Term, st.just(Field.REF), st.sampled_from(["1", "12"]), st.booleans()),
)
COMPARED = st.one_of(
    st.builds(
        Compare,
        st.sampled_from([Field.SCORE, Field.PRICE]),
        st.sampled_from(["<", "<=", ">", ">=", "="]),
        st.sampled_from([-5.0, 0.0, 0.25, 1.0, 2.5, 1e300]),
    ),
    st.builds(
        Compare,
        st.sampled_from([Field.FOUND_AT, Field.CAPTURED_AT]),
        st.sampled_from(["<", "<=", ">", ">=", "="]),
        st.sampled_from([NIGHT, NIGHT + timedelta(seconds=1)]),
    ),
)


def several(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[tuple[Query, ...]]:
    return st.lists(parts, min_size=2, max_size=4).map(tuple)


QUERIES: st.SearchStrategy[Query] = st.recursive(
    st.one_of(phrase(), TERMS, COMPARED, st.builds(Exists, st.sampled_from(Field)), st.just(All())),
    lambda parts: st.one_of(
        st.builds(And, several(parts)), st.builds(Or, several(parts)), st.builds(Not, parts)
    ),
    max_leaves=8,
)


def filled(store: Store, leads: list[Lead]) -> Store:
    store.put(leads)
    for number, lead in enumerate(leads[::3]):
        state = list(State)[number % 4]
        store.judge(Judgement(lead=lead.id, state=state, reason="核对", by="甲", at=NIGHT))
    return store


@pytest.fixture
def full(store: Store, a_lead: Callable[..., Lead]) -> Store:
    """A store of forty leads, some judged."""
    return filled(store, some_leads(a_lead))


@pytest.fixture
def crowded(
    tmp_path: Path, a_lead: Callable[..., Lead], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """An embedded store that thinks forty leads are many, and goes the ways of a large one."""
    monkeypatch.setattr("leads.store.sqlite.planning.FEW", 3)
    monkeypatch.setattr("leads.store.sqlite.planning._DENSE", 3)
    with open_store(f"sqlite:///{tmp_path}/crowded.db") as opened:
        yield filled(opened, some_leads(a_lead))


asked = given(query=QUERIES, sort=st.sampled_from(Sort), size=st.integers(1, 7))
often = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


@often
@asked
def test_a_store_finds_what_a_plain_reading_of_the_query_finds(
    full: Store, query: Query, sort: Sort, size: int
) -> None:
    agrees(full, query, sort, size)


@often
@asked
def test_a_crowded_store_finds_it_too(crowded: Store, query: Query, sort: Sort, size: int) -> None:
    agrees(crowded, query, sort, size)


def agrees(full: Store, query: Query, sort: Sort, size: int) -> None:
    """Hold every way of asking against the oracle."""
    fitting = [one for one in full.find(All()) if fits(query, one)]
    order = ordered(fitting, sort)
    assert [one.lead.id for one in full.find(query, sort)] == order
    assert full.count(query) == len(order)
    page = full.search(query, sort, limit=size)
    paged = [one.lead.id for one in page.leads]
    while page.after:
        page = full.search(query, sort, page.after, size)
        paged += [one.lead.id for one in page.leads]
    assert paged == order
    facets = full.facets(query, FACETS)
    assert (facets.total, facets.exact) == (len(order), True)
    for field, counts in facets.counts.items():
        held = [code for one in fitting for code in codes(one, field)]
        assert counts == {code: held.count(code) for code in set(held)}
    sellers = [one.seller for one in full.groups(query)]
    assert sorted(sellers) == sorted(
        {codes(s, Field.SELLER)[0] for s in fitting if codes(s, Field.SELLER)}
    )


# ---------------------------------------------------------------------------- estimates


def test_of_many_leads_an_even_sample_is_counted_and_said_to_be_one(
    tmp_path: Path, a_lead: Callable[..., Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.store.sqlite.planning.FEW", 100)
    monkeypatch.setattr("leads.store.sqlite.counting.SAMPLE", 800)
    sites = ["jd"] * 3 + ["pdd"]
    leads = [
        a_lead(str(n), listing={"site": sites[n % 4], "title": "陈醋" if n % 2 else "白酒"})
        for n in range(4000)
    ]
    with open_store(f"sqlite:///{tmp_path}/many.db") as store:
        store.put(leads)
        for query, total, pdd in (
            (Words(Field.TITLE, ("陈", "醋")), 2000, 1000),
            (Not(Words(Field.TITLE, ("陈", "醋"))), 2000, 0),
            (Term(Field.STATE, "新发现"), 4000, 1000),
        ):
            found = store.facets(query, [Field.SITE])
            assert not found.exact
            assert found.total == pytest.approx(total, rel=0.15)
            assert found.counts[Field.SITE].get("pdd", 0) == pytest.approx(pdd, rel=0.2)
            assert store.count(query) == total
        assert store.facets(All(), [Field.SITE]) == (
            4000,
            True,
            {Field.SITE: {"jd": 3000, "pdd": 1000}},
        )
