"""Indices are built anew while others read and write them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from leads.exclusions import Scope, made
from leads.model import Judgement, State
from leads.query import All, parse
from leads.store import Part, Store, StoreError, open_store
from leads.store.elastic import moving
from leads.store.elastic.indices import Indices

ROOT = Path(__file__).parents[3]


@pytest.fixture
def client(elastic: str) -> Iterator[Elasticsearch]:
    with Elasticsearch(elastic.rpartition("/")[0]) as opened:
        yield opened


@pytest.fixture
def filled(elastic: str, make_lead: Callable[..., Any]) -> str:
    """A store of 30 leads, the first of them excluded."""
    with open_store(elastic) as store:
        for number in range(30):
            store.see(make_lead(number).listing)
        store.put([make_lead(number) for number in range(30)])
        judge(store, make_lead(0))
    return elastic


def judge(store: Store, lead: Any) -> None:
    store.judge(
        Judgement(lead=lead.id, state=State.EXCLUDED, reason="授权", by="甲", at=lead.found_at)
    )


def indices_of(address: str, client: Elasticsearch) -> Indices:
    indices = Indices(client, address.rpartition("/")[2])
    indices.load()
    return indices


def test_what_is_written_judged_and_dropped_while_an_index_is_rebuilt_is_in_the_new_one(
    filled: str, client: Elasticsearch, make_lead: Callable[..., Any]
) -> None:
    indices = indices_of(filled, client)
    (old,) = indices.of(Part.LEADS)
    with open_store(filled) as store:

        def meanwhile(*_: object) -> None:
            store.put([make_lead(99), make_lead(1, score=0.4)])
            judge(store, make_lead(2))
            assert store.drop([("taobao", "3")], keep=[], rights=None) == 1
            assert store.count(All()) == 30

        assert moving.rebuild(client, indices, old, meanwhile) == 30
        assert store.count(All()) == 30
        assert {s.lead.listing.ref for s in store.find(parse("状态:排除"))} == {"0", "2"}
        assert [s.lead.listing.ref for s in store.find(parse("分数 < 0.5"))] == ["1"]
        assert store.count(parse("商品编号:99")) == 1
        store.put([make_lead(100)])
        judge(store, make_lead(99))
        assert store.count(parse("状态:排除")) == 3
    assert [index.name for index in indices.of(Part.LEADS)] == [f"{old.alias}-v2"]
    assert moving.tidy(client, indices) == [old.name]


def test_a_rebuild_that_fails_leaves_everything_as_it_was(
    filled: str, client: Elasticsearch, make_lead: Callable[..., Any]
) -> None:
    indices = indices_of(filled, client)
    (old,) = indices.of(Part.LISTINGS)

    def fails(*_: object) -> None:
        raise StoreError("中断")

    with pytest.raises(StoreError, match="中断"):
        moving.rebuild(client, indices, old, fails)
    with open_store(filled) as store:
        store.see(make_lead(99).listing)
        assert store.totals()[Part.LISTINGS] == 31
    assert [index.name for index in indices_of(filled, client).of(Part.LISTINGS)] == [old.name]


def test_an_older_structure_is_migrated_by_the_command(filled: str, client: Elasticsearch) -> None:
    (old,) = indices_of(filled, client).of(Part.LEADS)
    client.indices.put_mapping(index=old.name, meta={"part": "leads", "version": 0})
    assert run("status", filled).returncode == 1
    migrated = run("migrate", filled, "--tidy")
    assert migrated.returncode == 0, migrated.stderr
    assert f"已重建 {old.alias}：30 条" in migrated.stdout
    assert f"已删除旧索引 {old.name}" in migrated.stdout
    assert run("status", filled).returncode == 0
    with open_store(filled) as store:
        assert store.count(parse("状态:排除")) == 1


def test_setup_makes_every_index_and_says_what_the_cluster_lacks(elastic: str) -> None:
    done = run("setup", elastic, "--bureau", "140100")
    assert done.returncode == 0, done.stderr
    listed = run("status", elastic).stdout
    for part in Part:
        assert f"-{part.value}-" in listed
    assert "-leads-140100-v1" in listed


def run(command: str, store: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "console.cli", "elastic", command, "--store", store, *more],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


def test_a_part_that_an_older_program_did_not_know_gets_its_template(
    filled: str, client: Elasticsearch
) -> None:
    prefix = filled.rpartition("/")[2]
    client.indices.delete_index_template(name=f"{prefix}-exclusions")
    with open_store(filled) as store:
        store.exclude(
            made(Scope.LISTING, "t 1", code="误识别", reason="核对", by="甲", at=datetime.now(UTC))
        )
        assert store.totals()["exclusions"] == 1
    (index,) = indices_of(filled, client).of(Part.EXCLUSIONS)
    mapped = client.indices.get_mapping(index=index.name)[index.name]["mappings"]
    assert mapped["dynamic"] == "strict"
