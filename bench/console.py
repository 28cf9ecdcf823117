"""How quickly the console answers over many leads: first pages of the queue, pages a second.

Run ``python -m bench.console [--leads N] [--seconds S] [--store URL] [--json FILE]``; without URL
the embedded store is filled in a temporary folder. A real server (uvicorn, one process) is asked
over loopback by a process of its own: first each question about the queue once, one after the
other, then a mix of pages by several clients at once. What is told is what a client waits for, so
the time of the server is less.
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import quote, urlencode

import click

from bench.store import fill, questions
from leads.store import open_store

CLIENTS = 4
FIRST_PAGE_MS, PAGES_A_SECOND = 100, 50
"""What is promised: the 95th percentile of a first page, and pages a second on two cores."""
MIX = {"queue": 6, "filter": 3, "lead": 6, "sellers": 1, "seller": 1, "transfers": 1, "rights": 1}
"""How often each kind of page is asked for among the others."""


class Client:
    """One browser that keeps its connection."""

    def __init__(self, port: int) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = ""

    def get(self, path: str, **query: str) -> str:
        """Return a page.

        Raises:
            RuntimeError: the console does not answer 200.
        """
        address = f"{path}?{urlencode(query)}" if query else path
        self._link.request("GET", address, headers={"cookie": self._cookie})
        answer = self._link.getresponse()
        body = answer.read().decode()
        self._cookie = (answer.getheader("set-cookie") or self._cookie).partition(";")[0]
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status} {body[-300:]}")
        return body


@contextmanager
def served(store: str, folder: Path) -> Iterator[int]:
    """Serve the console over a store from a process of its own; yields the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [
        sys.executable, "-m", "console.cli", "console", "--port", str(port), "--store", store,
        "--books", str(folder / "books"), "--vault", str(folder / "vault"),
        "--packets", str(folder / "packets"), "--config", str(Path(__file__).parents[1] / "config"),
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:  # noqa: S603  # our own
        try:
            _wait(port, server)
            yield port
        finally:
            server.terminate()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if server.poll() is not None:
                raise click.ClickException("the console did not start") from None
            time.sleep(0.1)
        else:
            return
    raise click.ClickException("the console does not answer")


def first_pages(port: int, count: int) -> dict[str, dict[str, float]]:
    """Ask for the queue's first page by each question once; return milliseconds by kind."""
    client = Client(port)
    client.get("/")
    took: dict[str, list[float]] = {}
    asked = [("as it opens", None)] * 20 + [(kind, text) for kind, text in questions(count)]
    random.Random(3).shuffle(asked)  # noqa: S311  # no secret
    for kind, text in asked:
        query = {} if text is None else {"q": text}
        start = time.perf_counter()
        client.get("/", **query)
        took.setdefault(kind, []).append((time.perf_counter() - start) * 1000)
    every = list(itertools.chain.from_iterable(took.values()))
    return {"all": _spread(every), **{kind: _spread(took[kind]) for kind in sorted(took)}}


def _spread(times: list[float]) -> dict[str, float]:
    p95 = quantiles(times, n=20, method="inclusive")[-1]
    return {"median": median(times), "p95": p95, "max": max(times)}


def addresses(port: int, count: int) -> dict[str, list[str]]:
    """Return addresses of pages by kind."""
    client = Client(port)
    queries = [text for _, text in itertools.islice(questions(count), 40)]
    queues = [client.get("/", q=text) for text in queries[:10]]
    leads = [found for body in queues for found in re.findall(r'data-lead="(L\w+)"', body)]
    sellers = re.findall(r'href="(/seller\?key=[^"]+)"', client.get("/sellers"))
    return {
        "queue": ["/"],
        "filter": [f"/?q={quote(text)}" for text in queries],
        "lead": [f"/leads/{lead}" for lead in dict.fromkeys(leads)],
        "sellers": ["/sellers"],
        "seller": [unescape(seller) for seller in dict.fromkeys(sellers)],
        "transfers": ["/transfers"],
        "rights": ["/rights"],
    }


def throughput(port: int, pages: dict[str, list[str]], seconds: float) -> dict[str, Any]:
    """Ask for a mix of pages with several clients at once; return pages a second, and waits."""
    took: list[float] = []
    asked: Counter[str] = Counter()
    kinds, weights = list(MIX), list(MIX.values())
    end = time.perf_counter() + seconds
    failed: list[str] = []

    def browse(number: int) -> None:
        rng, client = random.Random(number), Client(port)  # noqa: S311  # no secret
        try:
            while time.perf_counter() < end:
                (kind,) = rng.choices(kinds, weights)
                start = time.perf_counter()
                client.get(rng.choice(pages[kind]))
                took.append((time.perf_counter() - start) * 1000)
                asked[kind] += 1
        except (RuntimeError, OSError) as wrong:
            failed.append(str(wrong))

    start = time.perf_counter()
    threads = [threading.Thread(target=browse, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise click.ClickException(failed[0])
    lasted = time.perf_counter() - start
    return {"pages/s": len(took) / lasted, "ms": _spread(took), "pages": dict(asked)}


@click.command()
@click.option("--leads", "count", type=click.IntRange(1000), default=200_000, show_default=True)
@click.option("--seconds", type=click.FloatRange(1), default=20.0, show_default=True)
@click.option("--store", "url", help="A store that is full already.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write everything there.")
def main(count: int, seconds: float, url: str | None, to: Path | None) -> None:
    """Measure the console."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = url or f"sqlite:///{folder / 'bench.db'}"
        if url is None:
            with open_store(place) as store:
                fill(store, count)
        with served(place, folder) as port:
            first = first_pages(port, count)
            mixed = throughput(port, addresses(port, count), seconds)
    click.echo(f"{'first page of the queue, ms':<44}{'median':>10}{'p95':>10}{'max':>10}")
    for kind, spread in first.items():
        click.echo(f"{kind:<44}" + "".join(f"{value:10.1f}" for value in spread.values()))
    click.echo(f"{f'{CLIENTS} clients at once, pages/s':<44}{mixed['pages/s']:10.1f}")
    click.echo(
        f"{'what each waits, ms':<44}" + "".join(f"{value:10.1f}" for value in mixed["ms"].values())
    )
    kept = first["all"]["p95"] < FIRST_PAGE_MS and mixed["pages/s"] >= PAGES_A_SECOND
    told = f"promised: p95 under {FIRST_PAGE_MS} ms, {PAGES_A_SECOND} pages/s"
    click.echo(f"{told:<54}{'kept' if kept else 'NOT kept':>10}")
    if to:
        result = {"leads": count, "first page": first, "mix": mixed, "kept": kept}
        to.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
