"""How long an archive takes to match again: for one new right, for all, here and on Dask.

Run ``python -m bench.rematch [--listings N] [--all N] [--workers N] [--json FILE]``. The archive is
invented listings with attributes, three pictures each, one in 500 naming the right that is asked
about. Whole commands are timed as a user waits for them: start, tables, reading, writing.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from bench.many_leads import FIRST_NIGHT, SITES, Words
from leads.model import Listing, Picture, Seller
from leads.sighting import Known, listing_id
from leads.store import Entry, Part, open_store

RIGHTS = ("gi-shanxi-laochencu", "brand-adidas")
"""A long Chinese name, and one in Latin letters besides, whose every word has to be looked at."""
NAMED = ("山西老陈醋", "山西老陳醋", "阿迪达斯", "adidos")
WANTED = 60
"""Seconds for a million listings and one right, on two cores."""
_KEYS = ("品牌", "产地", "规格", "货号", "保质期", "生产厂家")


def invented(count: int) -> Iterator[Entry]:
    """Yield listings, the first so many the same whatever the count."""
    rng, words = random.Random(11), Words()  # noqa: S311  # no secret
    for number in range(count):
        listing = _listing(number, rng, words)
        at = FIRST_NIGHT
        known = Known(listing=listing, first_seen=at, last_seen=at + timedelta(seconds=number))
        yield Entry(listing_id(*listing.key), known)


def _listing(number: int, rng: random.Random, words: Words) -> Listing:
    say = lambda count: "".join(words.some(rng, count))  # noqa: E731
    named = f"{rng.choice(NAMED)} " if number % 500 == 0 else ""
    seller = number % 5000
    return Listing(
        site=SITES[seller % len(SITES)],
        ref=str(10_000_000 + number),
        url=f"https://shop.test/item/{number}.html",
        title=f"{named}{say(12)} {rng.randrange(100, 1000)}ml",
        description=say(40) if number % 2 == 0 else None,
        attributes=tuple((key, say(2)) for key in _KEYS),
        seller=Seller(ref=str(seller), name=say(2) + "专营店", location="山西 太原"),
        origin="山西太原",
        category=("食品", "调味品"),
        pictures=tuple(_picture(number, place) for place in range(3)),
        captured_at=FIRST_NIGHT + timedelta(seconds=number),
    )


def _picture(number: int, place: int) -> Picture:
    digest = hashlib.sha256(f"{number}.{place}".encode()).hexdigest()
    return Picture(url=f"https://img.test/{number}/{place}.jpg", sha256=digest)


def fill(file: Path, count: int) -> float:
    """Write an archive; return listings a second."""
    start = time.perf_counter()
    with open_store(f"sqlite:///{file}") as store:
        store.write(Part.LISTINGS, invented(count))
    return count / (time.perf_counter() - start)


def timed(file: Path, *words: str) -> dict[str, float]:
    """Run the command; return seconds of wall clock and of processors, and what it found."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(  # noqa: S603  # our own
        [sys.executable, "-m", "console.cli", "rematch", "--store", f"sqlite:///{file}", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - start
    if done.returncode:
        raise click.ClickException(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    counted = re.search(r"重新比对 (\d+) 条商品.*：(\d+) 条线索", done.stdout)
    seen, found = counted.groups() if counted else (0, 0)
    processors = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"s": wall, "core s": processors, "listings": int(seen), "leads": int(found)}


def runs(workers: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield name and options of what is timed for each question."""
    yield "1 process", ("--workers", "1")
    yield f"{workers} processes", ("--workers", str(workers))
    yield f"Dask, {workers} workers", ("--engine", "dask", "--workers", str(workers))


@click.command()
@click.option("--listings", type=click.IntRange(5000), default=100_000, show_default=True)
@click.option(
    "--all", "whole", type=click.IntRange(0), default=20_000, show_default=True,
    help="Listings that are matched with every right.",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(2), default=max(2, os.cpu_count() or 2))
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write everything there.")
def main(listings: int, whole: int, workers: int, to: Path | None) -> None:
    """Measure a rematch."""
    result: dict[str, Any] = {"listings": listings, "workers": workers}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "archive.db"
        result["written a second"] = fill(file, listings)
        result["bytes a listing"] = file.stat().st_size / listings
        click.echo(f"{listings} listings, {result['bytes a listing']:.0f} bytes each")
        head = ("s", "core s", "leads", "µs each", "million, s")
        click.echo(f"{'':<44}" + "".join(f"{name:>12}" for name in head))
        for right in RIGHTS:
            for name, words in runs(workers):
                told = _told(f"{right}, {name}", timed(file, "--right", right, *words), listings)
                result[f"{right}, {name}"] = told
        if whole:
            some = Path(folder) / "some.db"
            fill(some, whole)
            for name, words in runs(workers):
                result[f"all, {name}"] = _told(f"all rights, {name}", timed(some, *words), whole)
    slowest = max(result[f"{right}, {workers} processes"]["million, s"] for right in RIGHTS)
    click.echo(f"a million for one right, {workers} processes: {slowest:.0f} s, wanted {WANTED}")
    if to:
        to.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


def _told(name: str, run: dict[str, float], count: int) -> dict[str, float]:
    """Add the cost of each listing and of a million, starts and all, and say it."""
    run["µs each"] = run["core s"] / count * 1e6
    run["million, s"] = run["s"] / count * 1e6
    shown = ("s", "core s", "leads", "µs each", "million, s")
    click.echo(f"{name:<44}" + "".join(f"{run[key]:12.1f}" for key in shown))
    return run


if __name__ == "__main__":
    main()
