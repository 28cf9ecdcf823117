"""What the ledger costs: the same crawl with Scrapy's schedulers and with ours, in CPU time a URL.

=========  ======================================================================
memory     Scrapy's scheduler and duplicate filter: a kill loses everything
jobdir     the same with a job directory: a kill loses what was in memory
ledger     ours: planned, fetched, stored, settled each second, incremental
=========  ======================================================================

Pages come from no network and hold nothing: what is measured is asking for them. Every result list
names fifty listings. Each crawl is a process of its own; what starting takes is measured by a
small crawl and taken off; of several rounds the cheapest counts.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from crawlers.settings import CONCURRENT_ITEMS
from leads.ledger import Ledger, Plan, Work
from leads.model import Listing, Price, Seller
from leads.schedule import Schedule
from leads.store import open_store

VARIANTS = ("memory", "jobdir", "ledger")
LISTED = 50
"""Listings on a result list."""
LEAST = 500
"""Listings of the small crawl."""
LIMIT = 0.3
"""Milliseconds a URL that the ledger may cost, as promised."""


class Still:
    """Download handler that answers every request at once with an empty page."""

    lazy = False

    async def download_request(self, request: Request) -> Response:
        """Return the page."""
        return Response(request.url, request=request)

    async def close(self) -> None:
        """Nothing to close."""


class Many(Spider):
    """Result lists, and the listings they name; noted in the ledger if there is one."""

    name = "many"

    def __init__(self, size: int, work: Work | None = None) -> None:
        super().__init__()
        self.size = size
        self.work = work

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first list."""
        yield Request("http://shop.example/list/0", self.parse_list, cb_kwargs={"page": 0})

    async def parse_list(self, _: Response, page: int) -> AsyncIterator[Request]:
        """Follow what is not known, and the next list."""
        for number in range(page * LISTED, min((page + 1) * LISTED, self.size)):
            listing = offer(number)
            if self.work and self.work.memory.current(listing):
                continue
            kwargs = {"outline": listing}
            yield Request(listing.url or "", self.parse_item, cb_kwargs=kwargs, priority=1)
        if (page + 1) * LISTED < self.size:
            url = f"http://shop.example/list/{page + 1}"
            yield Request(url, self.parse_list, cb_kwargs={"page": page + 1})

    async def parse_item(self, _: Response, outline: Listing) -> AsyncIterator[Request]:
        """Note the listing, as the pipelines do."""
        if self.work:
            self.work.took(outline, datetime.now(UTC), 0, looked=True)
        for nothing in ():
            yield nothing


def offer(number: int) -> Listing:
    """Return a listing as a result list has it."""
    ref = f"{600_000_000 + number}"
    return Listing(
        site="shop",
        ref=ref,
        url=f"http://shop.example/item/{ref}.html?from=list",
        title=f"演练老陈醋 {number} 号 手工酿造 礼盒装 500ml*6瓶 包邮",
        price=Price.model_validate({"min": "128.00", "max": "128.00"}),
        seller=Seller(ref=f"{number % 97}", name=f"演练食品店{number % 97}", location="山西 太原"),
    )


def crawl(variant: str, size: int, folder: Path) -> None:
    """Crawl so many listings in this process."""
    settings: dict[str, Any] = {
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "DOWNLOAD_HANDLERS": {"http": "bench.ledger.Still"},
        "CONCURRENT_ITEMS": CONCURRENT_ITEMS,
        "DEPTH_STATS_VERBOSE": False,
    }
    if variant != "ledger":
        settings |= {"JOBDIR": str(folder / "job")} if variant == "jobdir" else {}
        process = AsyncCrawlerProcess(settings)
        process.crawl(Many, size=size)
        process.start()
        return
    settings |= {
        "SCHEDULER": "crawlers.frontier.Frontier",
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "EXTENSIONS": {"crawlers.settling.Settling": 600},
    }
    store = f"sqlite:///{folder / 'markwatch.db'}"
    with Ledger(folder / "ledger.db", store) as ledger, open_store(store) as kept:
        ledger.begin("bench", [Plan(site="shop")])
        process = AsyncCrawlerProcess(settings)
        process.crawl(Many, size=size, work=Work(ledger, "bench", "shop", kept, Schedule()))
        process.start()
        stored = ledger.stages("bench", "shop").get("stored", 0)
        if stored != size + -(-size // LISTED):
            raise click.ClickException(f"{stored} requests stored of {size}")


def cost(variant: str, size: int) -> tuple[float, float]:
    """Return the seconds of CPU and of the clock that a crawl takes in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        command = [sys.executable, "-m", "bench.ledger", "--only", variant]
        subprocess.run([*command, "--size", str(size), "--folder", folder], check=True)  # noqa: S603  # our own
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return cpu, time.monotonic() - begun


def per_url(variant: str, size: int, rounds: int) -> dict[str, float]:
    """Return what a URL costs, in milliseconds."""
    urls = size + size // LISTED - LEAST - LEAST // LISTED
    large = [cost(variant, size) for _ in range(rounds)]
    small = [cost(variant, LEAST) for _ in range(rounds)]
    cpu, clock = (min(a) - min(b) for a, b in zip(zip(*large), zip(*small), strict=True))  # noqa: B905  # pairs
    return {"cpu, ms per URL": 1000 * cpu / urls, "clock, ms per URL": 1000 * clock / urls}


@click.command()
@click.option("--size", default=4_000, show_default=True, help="Listings of a crawl.")
@click.option("--rounds", default=2, show_default=True)
@click.option("--only", type=click.Choice(VARIANTS), help="Only crawl, in --folder.")
@click.option("--folder", type=click.Path(path_type=Path))
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write the figures there.")
def main(size: int, rounds: int, only: str | None, folder: Path | None, to: Path | None) -> None:
    """Measure what the ledger costs."""
    if only:
        crawl(only, size, folder or Path())
        return
    found: dict[str, Any] = {variant: per_url(variant, size, rounds) for variant in VARIANTS}
    for variant, figures in found.items():
        click.echo(f"{variant:<8}" + "".join(f"{ms:8.3f} {name}" for name, ms in figures.items()))
    key = "cpu, ms per URL"
    found["ledger costs, ms per URL"] = found["ledger"][key] - found["memory"][key]
    click.echo(f"the ledger costs {found['ledger costs, ms per URL']:.3f} ms per URL")
    if to:
        to.write_text(json.dumps(found, indent=1), "utf-8")
    raise SystemExit(found["ledger costs, ms per URL"] > LIMIT)


if __name__ == "__main__":
    main()
