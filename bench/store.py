"""How quickly a store takes leads in and answers searches with facets, by kind of question.

Run ``python -m bench.store [--leads N] [--store URL] [--json FILE]``; without URL the embedded
store in a temporary folder. A search is one page of 50 with the facets of every field, as an
officer's screen asks for; each question is asked once.
"""

from __future__ import annotations

import itertools
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import click

from bench.many_leads import BUREAUS, FIRST_NIGHT, RIGHTS, SITES, Words, many, right_name
from leads.beijing import BEIJING
from leads.fields import FACETS
from leads.model import Judgement, State
from leads.query import parse
from leads.store import Sort, Store, open_store

BATCH = 5000
ASKED = 12
"""Questions of each kind."""


def fill(store: Store, count: int) -> dict[str, float]:
    """Write leads and judge one in fifty; return leads a second, of a quarter each and of all."""
    leads = many(count)
    took: list[float] = []
    while batch := list(itertools.islice(leads, BATCH)):
        start = time.perf_counter()
        store.put(batch)
        took.append(time.perf_counter() - start)
    quarter = max(1, len(took) // 4)
    rates = {
        f"leads/s, part {part + 1} of 4": BATCH * quarter / sum(took[part * quarter :][:quarter])
        for part in range(4)
        if took[part * quarter :]
    }
    judged = [lead.id for lead in itertools.islice(many(min(count, 100_000)), 0, None, 50)]
    start = time.perf_counter()
    for number, lead in enumerate(judged):
        state = (State.EXCLUDED, State.PENDING, State.ASSIGNED)[number % 3]
        store.judge(Judgement(lead=lead, state=state, reason="核对", by="甲", at=FIRST_NIGHT))
    judging = len(judged) / (time.perf_counter() - start)
    return {**rates, "leads/s": count / sum(took), "judgements/s": judging}


def questions(count: int) -> Iterator[tuple[str, str]]:
    """Yield kind and text of each question."""
    rng = random.Random(1)  # noqa: S311  # no secret
    words = Words()
    often = [word for word in words.all[:60] if len(word) > 1]
    seldom = [word for word in words.all[8000:] if len(word) > 1]
    nights = count * 300 // 1_000_000
    for _ in range(ASKED):
        name, common, rare = (
            right_name(rng.randrange(RIGHTS), words),
            rng.choice(often),
            rng.choice(seldom),
        )
        site, bureau = rng.choice(SITES), rng.choice(BUREAUS)
        night = (FIRST_NIGHT + timedelta(days=rng.randrange(nights + 1))).astimezone(BEIJING).date()
        yield "everything", ""
        yield "name of a right", f"标题:{name}"
        yield "rare word anywhere", rare
        yield "frequent word in the title", f"标题:{common}"
        yield "frequent word anywhere", common
        yield "one character", rng.choice(often)[0]
        yield "two frequent words", f"{common} {rng.choice(often)}"
        yield "frequent word, city, not excluded", f"标题:{common} 城市:{bureau} NOT 状态:排除"
        yield "rare or rare", f"{rare} OR 标题:{rng.choice(seldom)}"
        yield "one platform", f"平台:{site}"
        yield "one state", "状态:新发现"
        yield "judged ones of a city", f"城市:{bureau} NOT 状态:新发现"
        yield "everything but one state", "NOT 状态:排除"
        yield "found on one night", f"发现时间:{night}"
        yield "prices in a narrow range", f"价格 >= {common and rng.randrange(900)} 价格 < 905"
        yield "high score on a platform", f"分数 >= 0.9 平台:{site} 分级:优先核查"
        yield "finding in a city", f"发现:gi.origin 城市:{bureau}"
        yield "one right", f"权利:gi-{rng.randrange(RIGHTS)}"
        yield "beginning of a shop's name", f"店铺:{rng.choice(often)}*"
        yield "text but not text", f"标题:{common} NOT {rng.choice(often)}"


def searches(store: Store, count: int) -> dict[str, Any]:
    """Ask every question; return milliseconds by kind and over all."""
    took: dict[str, list[float]] = {}
    for kind, text in questions(count):
        query = parse(text)
        start = time.perf_counter()
        store.search(query)
        store.facets(query, FACETS)
        took.setdefault(kind, []).append((time.perf_counter() - start) * 1000)
    every = [one for kind in took.values() for one in kind]
    return {"all": _spread(every), **{kind: _spread(times) for kind, times in took.items()}}


def others(store: Store) -> dict[str, float]:
    """Return milliseconds of other things that a screen or a command asks."""
    found: dict[str, float] = {}
    word = Words().all[0]
    for name, ask in {
        "count, frequent word": lambda: store.count(parse(f"标题:{word}")),
        "groups by seller, everything": lambda: store.groups(parse("")),
        "groups by seller, frequent word": lambda: store.groups(parse(f"标题:{word}")),
        "newest first, frequent word": lambda: store.search(parse(word), Sort.NEWEST),
        "cheapest first, frequent word": lambda: store.search(parse(word), Sort.CHEAPEST),
        "first 10,000 of all, streamed": lambda: sum(
            1 for _ in store.find(parse(""), limit=10_000)
        ),
    }.items():
        start = time.perf_counter()
        ask()
        found[name] = (time.perf_counter() - start) * 1000
    return found


def _spread(times: list[float]) -> dict[str, float]:
    p95 = quantiles(times, n=20, method="inclusive")[-1]
    return {"median": median(times), "p95": p95, "max": max(times)}


@click.command()
@click.option("--leads", "count", type=click.IntRange(1000), default=200_000, show_default=True)
@click.option("--store", "url", help="A store to measure; it must be empty.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write everything there.")
def main(count: int, url: str | None, to: Path | None) -> None:
    """Measure a store."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        with open_store(url or f"sqlite:///{file}") as store:
            if store.totals()["leads"]:
                raise click.UsageError("the store to measure must be empty")
            result: dict[str, Any] = {"leads": count, "writing": fill(store, count)}
        for name, rate in result["writing"].items():
            click.echo(f"{name:<44}{rate:10.0f}")
        if file.is_file():
            result["MB"] = file.stat().st_size / 1e6
            click.echo(f"{'MB on disk':<44}{result['MB']:10.0f}")
        with open_store(url or f"sqlite:///{file}") as store:
            result["searching"] = searches(store, count)
            result["other"] = others(store)
    click.echo(f"{'search with facets, ms':<44}{'median':>10}{'p95':>10}{'max':>10}")
    for kind, spread in result["searching"].items():
        click.echo(f"{kind:<44}" + "".join(f"{value:10.1f}" for value in spread.values()))
    for name, took in result["other"].items():
        click.echo(f"{name + ', ms':<44}{took:10.1f}")
    result["MB of memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    click.echo(f"{'memory, MB':<44}{result['MB of memory']:10.0f}")
    if to:
        to.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
