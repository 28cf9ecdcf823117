"""How long an archive takes to match again: for one new right, for all, here and on Dask.

Run ``python -m bench.rematch [--listings N] [--workers N] [--json FILE]``. The archive is invented
listings with attributes and three pictures, one in 500 naming a right that is asked about. Whole
commands are timed as a user waits for them, on a small archive as well: that tells the start, which
does not grow, from what each listing costs.
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
SMALL = 5000
MILLION = "a million, s"
SHOWN = ("s", "core s", "leads", "start, s", "core µs each", MILLION)
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
@click.option("--listings", type=click.IntRange(10_000), default=100_000, show_default=True)
@click.option("--workers", type=click.IntRange(2), default=max(2, os.cpu_count() or 2))
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write everything there.")
def main(listings: int, workers: int, to: Path | None) -> None:
    """Measure a rematch."""
    result: dict[str, Any] = {"listings": listings, "workers": workers}
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.db", Path(folder) / "small.db"
        fill(small, SMALL)
        result["written a second"] = fill(large, listings)
        result["bytes a listing"] = large.stat().st_size / listings
        click.echo(f"{listings} listings, {result['bytes a listing']:.0f} bytes each")
        click.echo(f"{'':<40}" + "".join(f"{name:>14}" for name in SHOWN))
        for right in (*RIGHTS, None):
            for name, words in runs(workers):
                asked = ("--right", right, *words) if right else words
                few, many = timed(small, *asked), timed(large, *asked)
                of = f"{right or 'all rights'}, {name}"
                result[of] = _told(of, few, many)
    slowest = max(result[f"{right}, {workers} processes"][MILLION] for right in RIGHTS)
    click.echo(f"a million for one right, {workers} processes: {slowest:.0f} s, wanted {WANTED}")
    if to:
        to.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


def _told(of: str, few: dict[str, float], many: dict[str, float]) -> dict[str, float]:
    """Return what a run costs to start, each listing and a million; say it."""
    listings = many["listings"] - few["listings"]
    each = {what: (many[what] - few[what]) / listings for what in ("s", "core s")}
    start = {what: few[what] - each[what] * few["listings"] for what in each}
    told = {
        **many,
        "start, s": start["s"],
        "core µs each": each["core s"] * 1e6,
        MILLION: start["s"] + each["s"] * 1e6,
    }
    click.echo(f"{of:<40}" + "".join(f"{told[name]:14.1f}" for name in SHOWN))
    return told


if __name__ == "__main__":
    main()
