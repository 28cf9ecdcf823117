"""Dashboards: whole, pushed as Kibana wants them, and answered by a real engine."""

import base64
import itertools
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from console.boards.bundle import VERSIONS, bundle, ndjson
from console.boards.doc import markdown
from console.boards.meanings import check, types, words
from console.boards.push import Kibana, KibanaError
from console.boards.source import GRID, Filtered, Sources, load
from console.kibana import kibana
from leads.faults import ConfigError
from leads.model import Judgement, State
from leads.registry import Registry
from leads.sight import Legible, Sight
from leads.store import Part, open_store

ROOT = Path(__file__).parent.parent.parent
Json = dict[str, Any]


@pytest.fixture(scope="module")
def sources() -> Sources:
    return load(ROOT / "config")


@pytest.fixture(scope="module")
def objects(sources: Sources, watched: Registry) -> list[Json]:
    return bundle(sources, "markwatch", types(sources.views.values()), words(watched))


# ---------------------------------------------------------------------------- whole


def test_there_is_a_dashboard_for_each_question_officers_have(sources: Sources) -> None:
    titles = [board.title for board in sources.boards]
    assert titles == [
        "今夜线索", "平台与店铺", "地理标志", "傍名牌", "展会", "办理进度与时限", "线索质量",
        "采集健康",
    ]  # fmt: skip


def test_every_reference_resolves_and_is_named_once(objects: list[Json]) -> None:
    there = {(one["type"], one["id"]) for one in objects}
    assert len(there) == len(objects)
    for one in objects:
        names = [reference["name"] for reference in one["references"]]
        assert len(set(names)) == len(names)
        assert {(r["type"], r["id"]) for r in one["references"]} <= there


def test_what_kibana_reads_as_text_is_json(objects: list[Json]) -> None:
    texts = [text for one in objects for text in _texts(one["attributes"])]
    assert len(texts) > len(objects)
    for text in texts:
        json.loads(text)


def _texts(attributes: Json) -> Iterator[str]:
    for key, value in attributes.items():
        if isinstance(value, dict):
            yield from _texts(value)
        elif key.endswith("JSON") or key in ("fieldFormatMap", "fields", "sourceFilters"):
            yield value


def test_panels_fill_the_grid_without_overlap_and_refer_to_what_they_show(
    objects: list[Json],
) -> None:
    for board in (one for one in objects if one["type"] == "dashboard"):
        taken: set[tuple[int, int]] = set()
        references = {r["name"]: r["id"] for r in board["references"]}
        for panel in json.loads(board["attributes"]["panelsJSON"]):
            grid = panel["gridData"]
            cells = {
                (x, y)
                for x in range(grid["x"], grid["x"] + grid["w"])
                for y in range(grid["y"], grid["y"] + grid["h"])
            }
            assert not cells & taken
            assert max(x for x, _ in cells) < GRID
            taken |= cells
            assert references[f"{panel['panelIndex']}:{panel['panelRefName']}"]


def test_only_kinds_of_objects_with_a_known_oldest_version_are_written(
    objects: list[Json],
) -> None:
    assert {one["type"] for one in objects} == set(VERSIONS)
    assert all(one["typeMigrationVersion"] == VERSIONS[one["type"]] for one in objects)


def test_the_only_links_are_our_own(objects: list[Json]) -> None:
    for view in (one for one in objects if one["type"] == "index-pattern"):
        formats = json.loads(view["attributes"]["fieldFormatMap"])
        links = {field for field, how in formats.items() if how["id"] == "url"}
        assert links <= {"console_url"}
        assert {how["id"] for how in formats.values()} <= {"url", "static_lookup"}


def test_the_same_sources_give_the_same_file(
    sources: Sources, watched: Registry, objects: list[Json]
) -> None:
    again = bundle(sources, "markwatch", types(sources.views.values()), words(watched))
    assert ndjson(again) == ndjson(objects)


def test_the_docs_show_every_panel(sources: Sources) -> None:
    page = (ROOT / "docs/kibana.md").read_text(encoding="utf-8")
    assert page == "\n".join(markdown(sources)) + "\n", "run python -m console.boards.doc"


def test_kql_says_what_is_wanted_and_what_is_not() -> None:
    some = Filtered(where={"a": ("x", "y"), "b": ("*",)}, unless={"c": ("z",)})
    assert some.kql == 'a: ("x" or "y") and b: * and not c: "z"'


BROKEN = {
    "unknown view": ('view = "nosuch"\nmeasures = [{ label = "x" }]', "没有这个数据视图"),
    "unknown search": ('search = "nosuch"', "list 要写 search"),
    "no measure": ('view = "leads"', "要写 view 和 measures"),
    "outside": ('view = "leads"\nmeasures = [{ label = "x" }]\nat = [40, 0, 9, 9]', "超出"),
    "unknown field": (
        'view = "leads"\nmeasures = [{ how = "unique", of = "nosuch", label = "x" }]',
        "索引里没有这个字段",
    ),
    "average of a word": (
        'view = "leads"\nmeasures = [{ how = "average", of = "site", label = "x" }]',
        "不是数字",
    ),
}


@pytest.mark.parametrize(("panel", "told"), BROKEN.values(), ids=BROKEN)
def test_a_broken_panel_is_named_with_its_file(tmp_path: Path, panel: str, told: str) -> None:
    folder = tmp_path / "kibana"
    (folder / "boards").mkdir(parents=True)
    (folder / "searches").mkdir()
    views = (ROOT / "config/kibana/views.toml").read_text(encoding="utf-8")
    (folder / "views.toml").write_text(views, encoding="utf-8")
    at = "" if "at =" in panel else "at = [0, 0, 9, 9]"
    text = f'order = 1\ntitle = "t"\ndescription = "d"\n[[panels]]\ntitle = "p"\n{at}\n'
    text += f'question = "?"\nkind = "metric"\n{panel}\n'
    (folder / "boards/broken.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        loaded = load(tmp_path)
        check(loaded, types(loaded.views.values()))
    assert "kibana/boards/broken.toml" in str(refused.value)
    assert told in str(refused.value)


# ---------------------------------------------------------------------------- pushed


class Saved(ThreadingHTTPServer):
    """Answers as Kibana's import and export do; it keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept: list[Json] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: tuple[int, bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Saved

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, dict(self.headers)))
        status, answer = self.server.answer or (200, self._answer(body))
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _answer(self, body: bytes) -> bytes:
        if self.path.endswith("_export"):
            return ndjson(self.server.kept)
        lines = [line for line in body.splitlines() if line.startswith(b'{"type"')]
        self.server.kept = [json.loads(line) for line in lines]
        return json.dumps({"success": True, "successCount": len(lines)}).encode()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def there() -> Iterator[Saved]:
    with Saved() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_push_sends_everything_once_and_the_next_finds_nothing_to_do(
    there: Saved, objects: list[Json]
) -> None:
    client = Kibana(there.url, login="officer:secret", space="ip")
    assert {change.what for change in client.changes(objects)} == {"新增"}
    assert client.push(objects) == len(objects)
    assert there.kept == objects
    path, headers = there.asked[-1]
    assert path == "/s/ip/api/saved_objects/_import?overwrite=true"
    sent = {name.lower(): value for name, value in headers.items()}
    assert sent["kbn-xsrf"]
    assert sent["authorization"] == f"Basic {base64.b64encode(b'officer:secret').decode()}"
    assert {change.what for change in client.changes(objects)} == {"相同"}


def test_what_was_changed_at_home_or_migrated_by_kibana_is_told_apart(
    there: Saved, objects: list[Json]
) -> None:
    client = Kibana(there.url)
    client.push(objects)
    for one in there.kept:
        one["typeMigrationVersion"] = "10.3.0"
    changed = json.loads(json.dumps(objects))
    changed[-1]["attributes"]["description"] = "另一个"
    assert [change.what for change in client.changes(changed)].count("更新") == 1


def test_a_dry_run_changes_nothing(there: Saved) -> None:
    config = str(ROOT / "config")
    run = CliRunner().invoke(
        kibana, ["push", "--url", there.url, "--dry-run", "--config", config],
        catch_exceptions=False,
    )  # fmt: skip
    assert run.exit_code == 0
    assert "新增 仪表板 今夜线索" in run.output
    assert there.kept == []


REFUSALS = {
    "no login": ((401, b"{}"), "要求登录"),
    "no right": ((403, b"{}"), "权限"),
    "another server": ((200, b"<html>"), "不是 Kibana"),
    "broken": ((502, b"bad gateway"), "502"),
    "some refused": (
        (
            200,
            b'{"successCount":1,"errors":[{"type":"lens","id":"x","error":{"type":"conflict"}}]}',
        ),
        "conflict",
    ),
}


@pytest.mark.parametrize(("answer", "told"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_why(
    there: Saved, objects: list[Json], answer: tuple[int, bytes], told: str
) -> None:
    there.answer = answer
    with pytest.raises(KibanaError, match=told):
        Kibana(there.url).push(objects)


def test_a_kibana_that_is_not_there_is_told(objects: list[Json]) -> None:
    with pytest.raises(KibanaError, match="连不上 Kibana"):
        list(Kibana("http://127.0.0.1:9").changes(objects))


# ---------------------------------------------------------------------------- answered


@pytest.fixture
def filled(night: Path, elastic: str) -> str:
    """The practice night in a real engine, some of its leads judged, one listing gone."""
    with open_store(f"sqlite:///{night / 'markwatch.db'}") as old, open_store(elastic) as new:
        for part in Part:
            new.write(part, old.read(part))
        leads = [entry.record for entry in old.read(Part.LEADS)]
        now = datetime.now(UTC)
        states = (State.EXCLUDED, State.APPROVAL, State.ASSIGNED)
        for lead, state in zip(leads[:9], itertools.cycle(states), strict=False):
            new.judge(Judgement(lead=lead.id, state=state, reason="练习", by="甲", at=now))
        site, ref = leads[0].listing.key
        for hours in (30, 60):
            new.missed(site, [ref], now + timedelta(hours=hours))
        new.keep_sight(Sight(sha256="0" * 64, legible=Legible.REFUSED, reason="练习"))
    return elastic


@pytest.mark.night
def test_every_panel_is_answered_by_the_engine(filled: str, watched: Registry) -> None:
    from elasticsearch import Elasticsearch

    base, _, prefix = filled.rpartition("/")
    sources = load(ROOT / "config")
    made = bundle(sources, prefix, types(sources.views.values()), words(watched))
    by_id = {(one["type"], one["id"]): one for one in made}
    silent = []
    with Elasticsearch(base) as client:
        for one in made:
            if one["type"] not in ("lens", "search"):
                continue
            view = next(r for r in one["references"] if r["type"] == "index-pattern")
            index = by_id["index-pattern", view["id"]]["attributes"]["title"]
            if not (_lens_answers if one["type"] == "lens" else _search_answers)(
                client, index, one["attributes"]
            ):
                silent.append(one["attributes"]["title"])
    assert silent == []


def _search_answers(client: Any, index: str, attributes: Json) -> bool:
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    found = client.search(
        index=index,
        query=_query(source["query"]["query"]),
        sort=[{field: order} for field, order in attributes["sort"]],
        size=1,
    )
    return bool(found["hits"]["hits"])


def _lens_answers(client: Any, index: str, attributes: Json) -> bool:
    """Ask as Lens would: buckets inside each other, measures in the innermost."""
    (layer,) = attributes["state"]["datasourceStates"]["formBased"]["layers"].values()
    columns = [layer["columns"][name] for name in layer["columnOrder"]]
    aggs: Json = {
        f"m{place}": _measure(c) for place, c in enumerate(columns) if not c["isBucketed"]
    }
    aggs = {name: agg for name, agg in aggs.items() if agg}
    buckets = [column for column in columns if column["isBucketed"]]
    for column in reversed(buckets):
        aggs = {"bucket": {**_bucket(column), "aggs": aggs}}
    answer = client.search(
        index=index, query=_query(attributes["state"]["query"]["query"]), aggs=aggs, size=0,
        track_total_hits=True,
    )  # fmt: skip
    if not answer["hits"]["total"]["value"]:
        return False
    return _measured(answer["aggregations"] if aggs else {}, len(buckets))


def _measured(found: Json, deep: int) -> bool:
    """Tell whether some innermost bucket has a value for every measure."""
    if deep:
        return any(_measured(bucket, deep - 1) for bucket in found["bucket"]["buckets"])
    measures = [value for name, value in found.items() if name.startswith("m")]
    return all(
        one.get("value") is not None or any(v is not None for v in one.get("values", {}).values())
        for one in measures
    )


def _bucket(column: Json) -> Json:
    if column["operationType"] == "date_histogram":
        return {"date_histogram": {"field": column["sourceField"], "fixed_interval": "30m"}}
    assert column["operationType"] == "terms"
    return {"terms": {"field": column["sourceField"], "size": column["params"]["size"]}}


def _measure(column: Json) -> Json:
    how, field = column["operationType"], column["sourceField"]
    if how == "count":
        return {}
    if how == "median":
        return {"percentiles": {"field": field, "percents": [50]}}
    names = {"unique_count": "cardinality", "average": "avg"}
    return {names.get(how, how): {"field": field}}


def _query(kql: str) -> Json:
    """Compile the little KQL our files can say."""
    inside: dict[str, list[Json]] = {"filter": [], "must_not": []}
    for clause in kql.split(" and ") if kql else ():
        part, field, values = re.fullmatch(r"(not )?([\w.]+): (.+)", clause).groups()  # type: ignore[union-attr]
        wanted = re.findall(r'"([^"]*)"', values)
        how = {"terms": {field: wanted}} if wanted else {"exists": {"field": field}}
        inside["must_not" if part else "filter"].append(how)
    return {"bool": inside}
