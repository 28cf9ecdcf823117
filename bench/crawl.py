"""What a listing costs: a bare Scrapy spider and ours side by side, in CPU time of the crawler.

=================  ================================================================
bare               Scrapy as it comes, parsel, ten fields by CSS, nothing kept
text               ours: extract, capture, hash, match, store
picture            the same, with one picture a listing
again              saved pages read again, in one process, nothing kept
=================  ================================================================

Pages of 80 kB come compressed from another process. Each crawl is a process of its own; what it
takes to start (loading what is watched) is measured apart, by a small crawl, and taken off. Of
several rounds the cheapest counts: what else runs on the machine only adds.

``--pages 100000`` crawls so many with ours and tells its memory on the way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench import pages
from crawlers.extract import extract
from crawlers.page import Page
from practice.case import STILL
from practice.catalogue import Market
from practice.settle import settle

LEAST = 3 * pages.RESULTS
"""Items of the small crawl that shows what starting takes; enough for all that loads late."""


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    cpu: float
    """Seconds, user and system."""
    peak: int
    """Bytes of memory at its largest."""


def run(command: list[str]) -> Cost:
    """Run a command to its end.

    Raises:
        ClickException: it failed, or brought less than it should.
    """
    peak = 0
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told, env=_environment())  # noqa: S603  # our own
        ended = 0
        while not ended:
            peak = max(peak, memory_of(process.pid))
            time.sleep(0.1)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            raise click.ClickException(f"{' '.join(command)}\n{told.read()[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, peak)


def memory_of(pid: int) -> int:
    """Return the memory (bytes) that a process has now; 0 where there is no /proc to tell.

    What the system tells of a child that was waited for counts what its parent had before.
    """
    try:
        resident = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(resident) * os.sysconf("SC_PAGE_SIZE")


def _environment() -> dict[str, str]:
    return {**os.environ, "MARKWATCH_CHROMIUM": ""}


def bare(stall: pages.Stall) -> list[str]:
    """Return the command of the bare spider."""
    return [sys.executable, "-m", "bench.bare", stall.url, str(stall.size)]


@contextmanager
def ours(stall: pages.Stall) -> Iterator[list[str]]:
    """Make a config, and yield the command of our crawl; too few listings are its failure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = settle(Path("config"), folder / "config", stall.url, market=stall.size, fair=0)
        where = f"--config {config} --store sqlite:///{folder}/m.db --vault {folder}/vault"
        yield [sys.executable, "-m", "console.cli", "crawl", "practice-market", *where.split()]


def per_listing(size: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return the figures of bare, text and picture."""
    found: dict[str, dict[str, float]] = {}
    for variant, picture in (("bare", False), ("text", False), ("picture", True)):
        costs: dict[int, list[Cost]] = {LEAST: [], size: []}
        for count, taken in costs.items():
            with pages.serve(count, picture=picture) as stall:
                for _ in range(rounds):
                    if variant == "bare":
                        taken.append(run(bare(stall)))
                    else:
                        with ours(stall) as command:
                            taken.append(run(command))
        cheapest = {count: min(cost.cpu for cost in taken) for count, taken in costs.items()}
        each = (cheapest[size] - cheapest[LEAST]) / (size - LEAST)
        found[variant] = {
            "ms per listing": 1000 * each,
            "listings per core-second": 1 / each,
            "start, seconds": cheapest[LEAST] - LEAST * each,
            "peak, MB": max(cost.peak for cost in costs[size]) / 1e6,
        }
    return found


def again(size: int) -> dict[str, float]:
    """Return how fast saved pages of four platforms are read again."""
    saved = [pages.heavy(made) for made in Market(size=size) if made.shape in STILL]
    mean = sum(len(page.data) for page in saved) / len(saved)
    begun = time.process_time()
    for page in saved:
        url = "http://127.0.0.1/market/item/1.html"
        reading = extract(Page(page.data, url=url, content_type=page.content_type))
        if not reading.listings:
            raise click.ClickException(f"a page was not read: {reading.reason}")
    each = (time.process_time() - begun) / len(saved)
    return {"ms per page": 1000 * each, "pages per core-second": 1 / each, "bytes": mean}


def memory(count: int) -> dict[str, float]:
    """Return the memory of our crawl (MB) on its way through ``count`` pages."""
    found: dict[str, float] = {}
    with pages.serve(count, picture=False) as stall, ours(stall) as command:
        begun = time.monotonic()
        process = subprocess.Popen(command, env=_environment(), stderr=subprocess.DEVNULL)  # noqa: S603  # our own
        for share in (0.1, 0.25, 0.5, 0.75, 0.99):
            while stall.served.value < count * share and process.poll() is None:
                time.sleep(0.2)
            found[f"at {share:.0%}"] = memory_of(process.pid) / 1e6
            click.echo(
                f"memory at {share:>4.0%} of {count} pages {found[f'at {share:.0%}']:8.0f} MB"
            )
        if process.wait():
            raise click.ClickException("the crawl fell short")
        found["seconds"] = time.monotonic() - begun
    return found


@click.command()
@click.option("--size", default=600, show_default=True, help="Listings of a crawl.")
@click.option("--rounds", default=2, show_default=True)
@click.option("--pages", "long", type=int, help="Crawl so many pages and watch the memory.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write the figures there.")
def main(size: int, rounds: int, long: int | None, to: Path | None) -> None:
    """Measure the crawl."""
    found: dict[str, Any] = per_listing(size, rounds)
    for variant, figures in found.items():
        click.echo(
            f"{variant:<9}{figures['ms per listing']:7.2f} ms per listing"
            f"{figures['listings per core-second']:8.1f} listings per core-second"
            f"{figures['start, seconds']:7.2f} s to start{figures['peak, MB']:7.0f} MB at its peak"
        )
    found["text / bare"] = found["text"]["ms per listing"] / found["bare"]["ms per listing"]
    click.echo(f"text / bare {found['text / bare']:.2f}")
    found["again"] = again(size)
    click.echo(f"again {found['again']['pages per core-second']:8.1f} pages per core-second")
    if long:
        found["memory"] = memory(long)
    if to:
        to.write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main()
