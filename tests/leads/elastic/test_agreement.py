"""A practice night on Elasticsearch: found as on SQLite, and every question answered alike."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import values
from leads.fields import FACETS, KINDS, Field, Kind
from leads.query import All
from leads.store import Part, Sort, Store, open_store
from leads.tree import And, Compare, Exists, Not, Or, Query, Term, Words
from leads.words import words

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.night


class Both(NamedTuple):
    """The same night in both back ends, and a strategy that asks about it."""

    sqlite: Store
    elastic: Store
    questions: st.SearchStrategy[Query]


@pytest.fixture(scope="module")
def both(
    elastic_stores: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("night")
    url = elastic_stores()
    night = subprocess.run(
        [
            *(sys.executable, "-m", "console.cli", "practice", "night"),
            *("--size", "60", "--folder", str(folder / "night")),
        ],
        env={**os.environ, "MARKWATCH_STORE": url, "MARKWATCH_CHROMIUM": ""},  # no browser here
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert night.returncode == 0, night.stdout + night.stderr
    assert "漏掉 0，误报 0" in night.stdout
    with open_store(url) as elastic, open_store(f"sqlite:///{folder}/copy.db") as sqlite:
        for part in Part:
            sqlite.write(part, elastic.read(part))
        yield Both(sqlite, elastic, _questions(elastic))


def _questions(store: Store) -> st.SearchStrategy[Query]:
    """Return a strategy over queries made of what the leads hold, and of what they do not."""
    leads = [standing.lead for standing in store.find(All())]
    texts = [(f, words(t)) for one in leads for f, ts in values.texts(one).items() for t in ts]
    codes = sorted({(f, c) for one in leads for f, cs in values.codes(one).items() for c in cs})
    numbers = sorted({(f, n) for one in leads for f, n in values.numbers(one).items() if n})
    times = sorted({(f, t) for one in leads for f, t in values.times(one).items() if t})
    operators = st.sampled_from(["<", "<=", ">", ">=", "="])

    @st.composite
    def phrase(draw: st.DrawFn) -> Query:
        field, cut = draw(st.sampled_from([(f, cut) for f, cut in texts if cut]))
        start = draw(st.integers(0, len(cut) - 1))
        found = cut[start : start + draw(st.integers(1, 4))]
        prefix = draw(st.booleans())
        if prefix:
            found = (*found[:-1], found[-1][: draw(st.integers(1, len(found[-1])))])
        return Words(draw(st.sampled_from([field, None])), found, prefix)

    @st.composite
    def term(draw: st.DrawFn) -> Query:
        field, code = draw(st.sampled_from(codes))
        prefix = draw(st.booleans())
        code = code[: draw(st.integers(1, len(code)))] if prefix else code
        return Term(field, draw(st.sampled_from([code, code.upper(), code.lower()])), prefix)

    @st.composite
    def compared(draw: st.DrawFn) -> Query:
        field, value = draw(st.sampled_from([*numbers, *times]))
        if KINDS[field] is Kind.TIME:
            value += timedelta(microseconds=draw(st.integers(-1, 1)))  # type: ignore[operator]
        return Compare(field, draw(operators), value)

    leaves = st.one_of(phrase(), term(), compared(), st.builds(Exists, st.sampled_from(Field)))

    def several(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[tuple[Query, ...]]:
        return st.lists(parts, min_size=2, max_size=4).map(tuple)

    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.builds(And, several(parts)), st.builds(Or, several(parts)), st.builds(Not, parts)
        ),
        max_leaves=8,
    )


@pytest.mark.parametrize("part", Part)
def test_everything_of_a_night_comes_back_from_the_copy(both: Both, part: Part) -> None:
    assert list(both.sqlite.read(part)) == list(both.elastic.read(part))
    assert both.sqlite.totals() == both.elastic.totals()
    if part in {Part.LISTINGS, Part.LEADS, Part.VISITS}:
        assert both.elastic.totals()[part]


def test_both_back_ends_answer_random_queries_alike(both: Both) -> None:
    @settings(deadline=None, max_examples=80)
    @given(both.questions, st.sampled_from(Sort))
    def alike(query: Query, sort: Sort) -> None:
        found = [standing.lead.id for standing in both.sqlite.find(query, sort)]
        assert [standing.lead.id for standing in both.elastic.find(query, sort)] == found
        assert both.elastic.count(query) == len(found)
        assert both.elastic.facets(query, FACETS, most=5) == both.sqlite.facets(query, FACETS, 5)
        assert both.elastic.groups(query, 4, 1) == both.sqlite.groups(query, 4, 1)

    alike()


@pytest.mark.parametrize("sort", Sort)
def test_pages_come_in_the_same_order(both: Both, sort: Sort) -> None:
    for store in (both.sqlite, both.elastic):
        found, after = [], None
        while True:
            page = store.search(All(), sort, after, limit=7)
            found += [standing.lead.id for standing in page.leads]
            after = page.after
            if after is None:
                break
        assert found == [standing.lead.id for standing in both.sqlite.find(All(), sort)]


def test_listings_and_visits_come_in_the_same_order(both: Both) -> None:
    assert list(both.elastic.listings()) == list(both.sqlite.listings())
    middle = sorted(visit.at for visit in both.sqlite.visits())[10]
    assert [v.at for v in both.elastic.visits(middle)] == [v.at for v in both.sqlite.visits(middle)]
