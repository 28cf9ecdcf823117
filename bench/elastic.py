"""Bulk writing beside the client's own ``parallel_bulk``, and searches on both back ends.

Run ``python -m bench.elastic [--leads N] [--engine URL] [--json FILE]``; without URL a core node is
started as for the tests. The same documents go to fresh indices in turns, ours and theirs; the same
leads are then searched in SQLite and in Elasticsearch.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk

from bench.many_leads import many
from bench.store import searches
from leads.store import Part, open_store
from leads.store.elastic import bulk
from leads.store.elastic.documents import Decided, lead_document
from leads.store.elastic.indices import Indices, bureau_of
from leads.store.elastic.upkeep import sizes

LAUNCH = Path(__file__).parent.parent / "tests" / "engine" / "launch.py"
ROUNDS = 3
WANTED = 0.7
"""Of the throughput of ``parallel_bulk``."""

Made = tuple[str, str, dict[str, Any]]
"""Bureau, id and document."""


@contextmanager
def engine() -> Iterator[str]:
    """Start a node; its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(LAUNCH), "--folder", folder, "--heap", "1g"]
        with subprocess.Popen(  # noqa: S603  # our own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as node:
            said = (node.stdout.readline() if node.stdout else "").split()
            if not said:
                raise click.ClickException("no engine: see above")
            click.echo(f"Elasticsearch {said[0]}, core node")
            yield f"http://127.0.0.1:{said[1]}"
            node.terminate()


def ours(client: Elasticsearch, indices: Indices, made: Sequence[Made]) -> None:
    """Write with our own bulk."""
    outcome = bulk.send(
        client,
        (
            bulk.Action("create", indices.alias(Part.LEADS, bureau), key, document)
            for bureau, key, document in made
        ),
    )
    if outcome.refused or outcome.conflicts:
        raise click.ClickException(f"refused: {outcome}")


def theirs(client: Elasticsearch, indices: Indices, made: Sequence[Made]) -> None:
    """Write with the client's own helper, as it comes."""
    actions = (
        {
            "_op_type": "create",
            "_index": indices.alias(Part.LEADS, bureau),
            "_id": key,
            "_source": document,
        }
        for bureau, key, document in made
    )
    for done, told in parallel_bulk(client, actions):
        if not done:
            raise click.ClickException(f"refused: {told}")


def bulks(url: str, made: Sequence[Made]) -> dict[str, list[float]]:
    """Return documents a second, round by round, of both."""
    rates: dict[str, list[float]] = {"ours": [], "parallel_bulk": []}
    with Elasticsearch(url, request_timeout=60) as client:
        for number in range(2 * ROUNDS):
            name = ("ours", "parallel_bulk")[number % 2]
            indices = Indices(client, f"bench-{secrets.token_hex(4)}")
            for bureau in sorted({bureau for bureau, _, _ in made}):
                indices.ensure(Part.LEADS, bureau)
            start = time.perf_counter()
            (ours if name == "ours" else theirs)(client, indices, made)
            rates[name].append(len(made) / (time.perf_counter() - start))
            _remove(client, indices.prefix)
    return rates


def put(url: str, count: int) -> float:
    """Fill a store; return leads a second."""
    start = time.perf_counter()
    with open_store(url) as store:
        store.put(many(count))
    return count / (time.perf_counter() - start)


def _remove(client: Elasticsearch, prefix: str) -> None:
    client.indices.delete(index=list(client.indices.get(index=f"{prefix}-*", features="aliases")))
    client.indices.delete_index_template(name=f"{prefix}-*")
    client.cluster.delete_component_template(name=f"{prefix}-*")


def _documents(count: int) -> list[Made]:
    return [
        (
            bureau_of(tuple(route.bureau for route in lead.routes)),
            lead.id,
            lead_document(lead, Decided()),
        )
        for lead in many(count)
    ]


@click.command()
@click.option("--leads", "count", type=click.IntRange(1000), default=10_000, show_default=True)
@click.option("--engine", "url", help="An Elasticsearch to use; indices of ours are removed.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write everything there.")
def main(count: int, url: str | None, to: Path | None) -> None:
    """Measure the store of a team."""
    if url is None:
        with engine() as started:
            result = measure(started, count)
    else:
        result = measure(url, count)
    if to:
        to.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")
    raise SystemExit(result["bulk"]["share"] < WANTED)


def measure(url: str, count: int) -> dict[str, Any]:
    """Measure everything on one engine and tell it."""
    start = time.perf_counter()
    made = _documents(count)
    making = count / (time.perf_counter() - start)
    rates = bulks(url, made)
    best = {name: max(found) for name, found in rates.items()}
    share = best["ours"] / best["parallel_bulk"]
    click.echo(f"documents made, a second{making:32.0f}")
    for name, found in rates.items():
        click.echo(f"bulk of {count} documents, a second, {name:<14}{best[name]:8.0f}  {found}")
    click.echo(f"ours by theirs{share:42.2f}  (wanted: {WANTED})")
    result: dict[str, Any] = {"leads": count, "bulk": {**rates, "share": share, "made": making}}
    prefix = f"bench-{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MARKWATCH_SPOOL"] = folder
        stores = {"SQLite": f"sqlite:///{folder}/bench.db", "Elasticsearch": f"{url}/{prefix}"}
        for name, address in stores.items():
            rate = put(address, count)
            with open_store(address) as store:
                spread = searches(store, count)
            click.echo(f"{name}: {rate:.0f} leads/s put; search with facets, ms: median, p95, max")
            for kind, times in spread.items():
                click.echo(f"  {kind:<40}" + "".join(f"{ms:10.1f}" for ms in times.values()))
            result[name] = {"leads/s": rate, "searching": spread}
    with Elasticsearch(url, request_timeout=120) as client:
        indices = Indices(client, prefix)
        indices.load()
        client.indices.forcemerge(index=f"{prefix}-leads", max_num_segments=1)
        size = sum(size for _, size in sizes(client, indices).values()) / count
        click.echo(f"bytes a lead, merged{size:36.0f}")
        result["bytes a lead"] = size
        _remove(client, prefix)
    return result


if __name__ == "__main__":
    main()
