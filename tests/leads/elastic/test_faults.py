"""A cluster that is down, busy, read-only or someone else's: told clearly, and nothing is lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from leads.model import Judgement, State
from leads.query import All
from leads.store import Part, StoreError, open_store
from leads.store.elastic import spool


def excluded(lead: Any) -> Judgement:
    return Judgement(lead=lead.id, state=State.EXCLUDED, reason="授权", by="甲", at=lead.found_at)


@pytest.fixture
def client(elastic: str) -> Iterator[Elasticsearch]:
    with Elasticsearch(elastic.rpartition("/")[0]) as opened:
        yield opened


# ---------------------------------------------------------------------------- down


def test_an_engine_stopped_in_the_middle_loses_nothing_and_the_next_run_completes_it(
    start_engine: Callable[..., Any],
    make_lead: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MARKWATCH_SPOOL", str(tmp_path / "spool"))
    with start_engine(tmp_path / "node") as engine:
        address = f"{engine.url}/stopped"
        port = int(engine.url.rpartition(":")[2])
        store = open_store(address)
        for number in range(600):
            if number == 300:
                engine.process.send_signal(signal.SIGKILL)
                engine.process.wait()
            lead = make_lead(number)
            store.see(lead.listing)
            store.put([lead])
    with pytest.raises(StoreError, match=r"连接不上.*暂存于"):
        store.count(All())
    with pytest.raises(StoreError, match=r"连接不上.*暂存于"):
        store.close()
    with pytest.raises(StoreError, match="连接不上"):
        open_store(address)
    assert spool.waiting(address)
    with start_engine(tmp_path / "node", port):
        with open_store(address) as again:
            assert again.totals()[Part.LEADS] == again.totals()[Part.LISTINGS] == 600
        assert not spool.waiting(address)


# ---------------------------------------------------------------------------- busy, or hanging up

MOODS: list[tuple[str, list[int | str]]] = [
    ("busy twice", [429, 503]),
    ("hangs up before it reads", ["hang up"]),
    ("does it, but the answer is lost", ["lose"]),
    ("all of it", ["lose", 429, "hang up"]),
]


@pytest.mark.parametrize("moods", [m for _, m in MOODS], ids=[name for name, _ in MOODS])
def test_a_bulk_that_fails_on_the_way_is_sent_again_and_nothing_comes_twice(
    moody: Any, make_lead: Callable[..., Any], moods: list[int | str]
) -> None:
    leads = [make_lead(number) for number in range(30)]
    with open_store(moody.url) as store:
        moody.moods.extend(moods)
        for lead in leads:
            store.see(lead.listing)
        store.put(leads)
        assert store.count(All()) == 30
        assert store.totals()[Part.LISTINGS] == 30
        assert list(store.sightings()) == []
    assert not moody.moods


def test_a_cluster_busy_for_long_is_told_and_the_next_run_completes_it(
    moody: Any, make_lead: Callable[..., Any]
) -> None:
    store = open_store(moody.url)
    moody.moods.extend([429] * 50)
    store.put([make_lead(1)])
    with pytest.raises(StoreError, match=r"过忙.*暂存于"):
        store.close()
    moody.moods.clear()
    with open_store(moody.url) as again:
        assert again.count(All()) == 1


def test_a_judgement_whose_answer_is_lost_is_recorded_once(
    moody: Any, make_lead: Callable[..., Any]
) -> None:
    lead = make_lead(1)
    with open_store(moody.url) as store:
        store.put([lead])
        assert store.count(All()) == 1
        moody.where = "/_create/"
        moody.moods.append("lose")
        store.judge(excluded(lead), expected=State.NEW)
        assert list(store.judgements(lead.id)) == [excluded(lead)]
        assert store.find(All()).__next__().state is State.EXCLUDED


def test_a_lead_follows_its_judgement_even_if_the_cluster_failed_in_between(
    moody: Any, make_lead: Callable[..., Any]
) -> None:
    lead = make_lead(1)
    store = open_store(moody.url)
    store.put([lead])
    assert store.count(All()) == 1
    moody.moods.extend([503] * 50)
    with pytest.raises(StoreError, match="暂时不可用"):
        store.judge(excluded(lead))
    with pytest.raises(StoreError):
        store.close()
    moody.moods.clear()
    with open_store(moody.url) as again:
        assert again.get(lead.id) == (lead, State.EXCLUDED)


# ---------------------------------------------------------------------------- refused


def test_a_read_only_index_is_told_and_completed_when_it_is_not(
    elastic: str, client: Elasticsearch, make_lead: Callable[..., Any]
) -> None:
    store = open_store(elastic)
    store.put([make_lead(1)])
    assert store.count(All()) == 1
    index = f"{elastic.rpartition('/')[2]}-leads-other-v1"
    client.indices.add_block(index=index, block="write")
    store.put([make_lead(2)])
    with pytest.raises(StoreError, match=r"只读.*暂存于"):
        store.close()
    client.indices.put_settings(index=index, settings={"index.blocks.write": False})
    with open_store(elastic) as again:
        assert again.count(All()) == 2


def test_an_index_with_another_mapping_refuses_by_name_and_loses_nothing(
    elastic: str, client: Elasticsearch, make_lead: Callable[..., Any]
) -> None:
    prefix = elastic.rpartition("/")[2]
    with open_store(elastic) as store:
        store.put([make_lead(1)])
    index = f"{prefix}-leads-other-v1"
    meta = client.indices.get_mapping(index=index)[index]["mappings"]["_meta"]
    client.indices.delete(index=index)
    client.indices.delete_index_template(name=f"{prefix}-leads")
    client.indices.create(
        index=index,
        mappings={"_meta": meta, "dynamic": "strict", "properties": {"id": {"type": "keyword"}}},
        aliases={f"{prefix}-leads": {}, f"{prefix}-leads-other": {}},
    )
    store = open_store(elastic)
    store.put([make_lead(1)])
    with pytest.raises(StoreError, match=rf"1 条记录被拒绝，如 {prefix}-leads-other 的 L.*strict"):
        store.close()
    client.indices.delete(index=index)
    client.indices.delete_index_template(name=f"{prefix}-*")  # all of them are set anew
    client.cluster.delete_component_template(name=f"{prefix}-*")
    with open_store(elastic) as again:
        assert again.count(All()) == 1


def test_an_index_of_someone_else_under_our_name_is_left_alone(
    elastic: str, client: Elasticsearch
) -> None:
    index = f"{elastic.rpartition('/')[2]}-visits-v1"
    client.indices.create(index=index, mappings={"_meta": {"part": "other"}})
    with pytest.raises(StoreError, match=f"{index} 不是本程序建立的"):
        open_store(elastic)


def test_indices_of_another_version_are_told_with_what_to_do(
    elastic: str, client: Elasticsearch, make_lead: Callable[..., Any]
) -> None:
    with open_store(elastic) as store:
        store.put([make_lead(1)])
    index = f"{elastic.rpartition('/')[2]}-leads-other-v1"
    for version, told in ((0, "markwatch elastic migrate"), (99, "请升级程序")):
        client.indices.put_mapping(index=index, meta={"part": "leads", "version": version})
        with pytest.raises(StoreError, match=told):
            open_store(elastic)


def test_without_create_an_empty_cluster_is_refused(elastic: str) -> None:
    with pytest.raises(StoreError, match="没有线索库"):
        open_store(elastic, create=False)


# ---------------------------------------------------------------------------- not ours at all

WRONG: list[tuple[int, Mapping[str, str], str, str]] = [
    (200, {}, "{}", "不是 Elasticsearch"),
    (
        200,
        {"X-Elastic-Product": "Elasticsearch"},
        '{"version":{"number":"8.19.0"}}',
        "版本 8.19.0 过旧",
    ),
    (406, {}, '{"error":"Content-Type header is not supported"}', "版本过旧"),
    (400, {}, '{"error":{"type":"media_type_header_exception"}}', "版本过旧"),
    (401, {}, '{"error":{"type":"security_exception"}}', "用户名、密码"),
    (403, {}, '{"error":{"type":"security_exception"}}', "没有所需权限"),
    (500, {}, "<html>", "通信出错"),
]


@pytest.mark.parametrize(("status", "headers", "body", "told"), WRONG, ids=[w[3] for w in WRONG])
def test_a_wrong_server_or_password_is_told_without_the_password(
    status: int, headers: Mapping[str, str], body: str, told: str
) -> None:
    class Wrong(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Wrong) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            with pytest.raises(StoreError, match=told) as refused:
                open_store(f"http://officer:secret@127.0.0.1:{server.server_port}/x")
        finally:
            server.shutdown()
            thread.join()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    ["http://", "http://host:port", "http://host/Upper", "http://host/a/b", "http://host/x?y=1"],
)
def test_a_malformed_address_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match=r"地址有误|索引前缀"):
        open_store(address)
