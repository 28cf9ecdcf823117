"""Accuracy by kind and speed of the text matchers, with every miss and every false alarm.

Run ``python -m bench.text [--data FOLDER] [--json FILE] [--misses]``. Disguises, GI names and
numbers are made here from the watch list; imitations, clean titles, queries and officers' cases are
read from the development data where it is present.
"""

from __future__ import annotations

import csv
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import click

from bench.marks import many, met
from leads import registry as config
from leads.model import Finding, Listing, Right, RightKind, Triage
from leads.registry import Registry
from leads.triage import triage
from matchers.engine import Engine, widened
from matchers.text.likeness import neighbours
from matchers.text.patent_numbers import check_digit

DAY = date(2026, 11, 22)
DATA = Path("../shared/data/text")

# What a sector of the imitation list sells: Nice classes, and goods for invented titles.
SECTORS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "food": ((29, 30), ("方便面 整箱", "巧克力礼盒", "辣椒酱 280g")),
    "drink": ((29, 30, 32), ("纯牛奶 250ml*16盒", "矿泉水 550ml", "乳酸菌饮料")),
    "clothes": ((25,), ("运动鞋男夏季透气", "休闲裤 春季", "羽绒服中长款")),
    "home": ((3, 16, 21), ("洗衣液 3kg", "牙膏 120g", "洗发水 750ml")),
    "liquor": ((33,), ("白酒 52度 500ml", "葡萄酒 干红 750ml")),
    "restaurant": ((43, 30), ("代金券 100元", "火锅店 双人套餐")),
    "electronics": ((9,), ("手机 全网通", "蓝牙耳机 无线", "插座 排插")),
    "appliance": ((7, 11), ("电饭煲 4L", "豆浆机 全自动", "洗衣机 10公斤")),
    "tobacco": ((34,), ("香烟 硬盒", "烟 软包 整条")),
    "cosmetics": ((3,), ("面霜 保湿 50g", "精华液 补水")),
    "pharma": ((5,), ("药膏 20g", "胶囊 中成药")),
}
TITLES = ("{name}{goods}", "正品 {name} {goods} 包邮", "新款{name}{goods}特价", "{goods} {name}")
DISGUISES = {
    "dots": "·".join,
    "spaces": " ".join,
    "stars": "*".join,
    "zero width": "\u200b".join,
    "emoji": "🍀".join,
    "brackets": lambda chars: "".join(f"【{c}】" for c in chars),
    "slashes": "/".join,
    "full-width dots": "．".join,
}


@dataclass
class Tally:
    """Found and leads out of all, by kind; and what was missed."""

    all: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    leads: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def add(self, kind: str, outcome: Triage, what: str) -> None:
        """Count one listing that should be found."""
        self.all[kind] += 1
        self.found[kind] += outcome is not Triage.NONE
        self.leads[kind] += outcome is Triage.LEAD
        if outcome is Triage.NONE:
            self.misses.append(f"{kind}: {what}")

    def rows(self) -> Iterator[tuple[str, int, float, float]]:
        """Yield kind, how many, share found, share that became leads."""
        for kind, count in sorted(self.all.items()):
            yield kind, count, self.found[kind] / count, self.leads[kind] / count


def outcome(engine: Engine, listing: Listing, right: str, *findings: Finding) -> Triage:
    """Return what the hits on one right come to."""
    hits = [
        h
        for h in engine.hits(listing, DAY)
        if h.right == right and (not findings or h.finding in findings)
    ]
    return triage(hits, engine.registry.scoring).triage


def disguised(engine: Engine) -> Tally:
    """Disguise every watched Chinese mark in every way, in titles that name its goods."""
    tally = Tally()
    for right in engine.registry.rights.values():
        chinese = all("一" <= c <= "鿿" for c in right.name)
        if right.kind is not RightKind.TRADEMARK or not chinese or not right.in_force(DAY):
            continue
        goods = right.goods[0] if right.goods else "商品"
        for kind, disguise in DISGUISES.items():
            title = f"正品 {disguise(right.name)} {goods} 包邮"
            tally.add(kind, outcome(engine, Listing(title=title), right.id), title)
    return tally


def gi_names(engine: Engine) -> Tally:
    """Every GI name as it is, and with one character put for the most alike one."""
    tally = Tally()
    for right in engine.registry.rights.values():
        if right.kind is not RightKind.GI or not all("一" <= c <= "鿿" for c in right.name):
            continue
        title = f"正宗{right.name} 礼盒装 包邮"
        tally.add("gi plain", outcome(engine, Listing(title=title), right.id), title)
        if len(right.name) < 3:
            continue
        for at, char in enumerate(right.name[:2]):
            near = sorted(neighbours(char).items(), key=lambda pair: (-pair[1].value, pair[0]))
            for other, like in near[:1]:
                title = f"正宗{right.name[:at]}{other}{right.name[at + 1 :]} 礼盒装 包邮"
                tally.add(f"gi {like.way}", outcome(engine, Listing(title=title), right.id), title)
    return tally


def imitations(pairs: list[dict[str, str]], base: Registry, wide: bool) -> tuple[Tally, Engine]:
    """Put every known imitation into invented titles, its genuine marks alone being watched."""
    classes: dict[str, set[int]] = {}
    for pair in pairs:
        classes.setdefault(pair["genuine"], set()).update(SECTORS[pair["sector"]][0])
    ids = {name: f"m{number}" for number, name in enumerate(sorted(classes))}
    rights = {
        ids[name]: Right(
            id=ids[name], kind=RightKind.TRADEMARK, name=name, classes=tuple(sorted(found))
        )
        for name, found in classes.items()
    }
    watched = Registry.model_validate({**dict(base), "rights": rights, "users": {}})
    engine = Engine(widened(watched) if wide else watched)
    tally = Tally()
    for number, pair in enumerate(pairs):
        goods = SECTORS[pair["sector"]][1]
        for title in TITLES:
            text = title.format(name=pair["imitation"], goods=goods[number % len(goods)])
            result = outcome(engine, Listing(title=text), ids[pair["genuine"]])
            for kind in (pair["kind"], _size(pair), "all kinds"):
                tally.add(kind, result, f"{pair['genuine']} {text}")
    return tally, engine


def _size(pair: dict[str, str]) -> str:
    if pair["genuine"].isascii():
        return "latin marks"
    if not any(way in pair["kind"] for way in ("shape", "homophone", "trad")):
        return "other steps"
    return (
        "sound or shape, 2 characters"
        if len(pair["genuine"]) == 2
        else "sound or shape, 3 and more"
    )


def alarms(engine: Engine, titles: list[str]) -> tuple[Counter[str], list[str]]:
    """Count hits on texts that were not chosen for misuse, by finding and triage."""
    counts: Counter[str] = Counter()
    shown = []
    for title in titles:
        for hit in engine.hits(Listing(title=title), DAY):
            level = triage([hit], engine.registry.scoring).triage
            if level is not Triage.NONE:
                counts[f"{hit.finding} {level}"] += 1
                if level is Triage.LEAD or hit.finding is Finding.BRAND_IMITATION:
                    said = "、".join(span.text for span in hit.spans)
                    shown.append(
                        f"{level} {hit.score:.2f} {hit.finding} {hit.name} ~ {said}: {title}"
                    )
    return counts, shown


def officers(engine: Engine, rows: Iterable[dict[str, str]]) -> Tally:
    """Hold the outcome of officers' cases against what they would want."""
    wanted = {
        "flag": ("lead", "review"),
        "clean": ("none",),
        "review": ("review",),
        "low": ("none", "review"),
    }
    tally = Tally()
    for row in rows:
        stated = dict(part.split("=", 1) for part in row["attributes"].split(";") if "=" in part)
        listing = Listing(
            title=row["text"],
            brand=stated.get("brand"),
            origin=stated.get("产地"),
            category=(stated["category"],) if "category" in stated else (),
        )
        result = triage(engine.hits(listing, DAY), engine.registry.scoring).triage
        loose = (
            ("none", "review", "lead")
            if row["expected"].startswith("clean-")
            else ("review", "lead")
        )
        right = result.value in wanted.get(row["expected"], loose)
        tally.add(
            "officer cases", Triage.LEAD if right else Triage.NONE, f"{result}: {row['text']}"
        )
    return tally


def numbers(engine: Engine, known: list[str]) -> Tally:
    """Invented numbers with a wrong check digit must be found; known good ones must not."""
    chance, tally = random.Random(0), Tally()  # noqa: S311 -- not for secrets
    for _ in range(500):
        digits = (
            f"{chance.randint(2015, 2024)}{chance.choice('123')}{chance.randint(0, 9999999):07}"
        )
        right = check_digit(digits)
        wrong = chance.choice([c for c in "0123456789X" if c != right])
        for kind, check in (("patent number wrong", wrong), ("patent number kept", right)):
            title = f"支架 专利号ZL{digits}.{check}"
            found = outcome(engine, Listing(title=title), "patent", Finding.PATENT_NUMBER)
            good = (found is Triage.NONE) == (kind == "patent number kept")
            tally.add(kind, Triage.LEAD if good else Triage.NONE, title)
    for number in known:
        found = outcome(engine, Listing(title=f"专利 {number}"), "patent", Finding.PATENT_NUMBER)
        tally.add(
            "patent number real", Triage.LEAD if found is Triage.NONE else Triage.NONE, number
        )
    return tally


def beyond(base: Registry, brands: list[str]) -> Tally:
    """Meet marks beyond the protected ones where brands are stated."""
    tally = Tally()
    for kind, right, brand in met(Engine(many(base)), brands, DAY):
        tally.add(kind, Triage.LEAD if right else Triage.NONE, brand)
    return tally


def speed(base: Registry, titles: list[str], described: list[Listing]) -> dict[str, float]:
    """Time all text matchers with 500 protected and 50,000 other marks on one core.

    ``described`` are listings with attributes. Each listing is met once, as in a crawl; the
    memory is the highest of the whole process. Nothing is kept from one start to the next: the
    start-up makes every table anew and ends with the first listing.
    """
    registry = many(base)
    started = time.process_time()
    engine = Engine(registry)
    engine.hits(Listing(title=titles[0]), DAY)
    ready = time.process_time() - started
    return {
        "titles per core-second": _rate(engine, [Listing(title=title) for title in titles]),
        "listings with attributes per core-second": _rate(engine, described),
        "attributes of each": sum(len(d.attributes) for d in described) / len(described),
        "start-up, core-seconds": ready,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _rate(engine: Engine, listings: list[Listing]) -> float:
    for listing in listings:  # the same characters in other texts: tables fill at their first use
        engine.hits(_reversed(listing), DAY)
    started = time.process_time()
    for listing in listings:
        engine.hits(listing, DAY)
    return len(listings) / (time.process_time() - started)


def _reversed(listing: Listing) -> Listing:
    attributes = tuple((key, value[::-1]) for key, value in listing.attributes)
    return Listing(title=listing.title[::-1], attributes=attributes)


def _described(rows: Iterable[dict[str, str]]) -> Iterator[Listing]:
    """Yield the listings that have attributes, written ``key=value;key=value``."""
    for row in rows:
        pairs = [part.split("=", 1) for part in row["attributes"].split(";") if "=" in part]
        if pairs:
            yield Listing(title=row["title"], attributes=tuple((k, v) for k, v in pairs))


def run(data: Path) -> dict[str, Any]:
    """Return every table, with misses and alarms."""
    base = config.load()
    engine = Engine(base)
    tallies = {"disguise": disguised(engine), "gi": gi_names(engine)}
    good, brands, titles, shown, wide = (
        [],
        [],
        [f"正品 {r.name} 特价" for r in base.rights.values()] * 5,
        {},
        {},
    )
    described = [Listing(title=t, attributes=(("品牌", t), ("产地", "山西"))) for t in titles]
    if (data / "patent_numbers.tsv").is_file():
        good = [row["number"] for row in _rows(data / "patent_numbers.tsv")]
    tallies["numbers"] = numbers(engine, good)
    if data.is_dir():
        titles = [row["title"] for row in _rows(data / "clean_titles.tsv")]
        described = list(_described(_rows(data / "clean_titles.tsv")))
        brands = (data / "marketplace_brands.txt").read_text("utf-8").splitlines()[:5000]
        queries = (data / "search_queries.txt").read_text("utf-8").splitlines()
        pairs = list(_rows(data / "copycat_pairs.tsv"))
        tallies["imitation"], narrow = imitations(pairs, base, wide=False)
        tallies["imitation --wide"], broad = imitations(pairs, base, wide=True)
        tallies["officers"] = officers(engine, _rows(data / "officer_cases.tsv"))
        for name, judged in (
            ("marks of the pairs", narrow),
            ("--wide", broad),
            ("config/rights", engine),
        ):
            for kind, texts in (("titles", titles), ("queries", queries)):
                counts, seen = alarms(judged, texts)
                wide[f"{kind}, {name}"] = {
                    k: 1000 * v / len(texts) for k, v in sorted(counts.items())
                }
                shown[f"{kind}, {name}"] = seen
    tallies["other marks"] = beyond(base, brands)
    return {
        "accuracy": {name: list(tally.rows()) for name, tally in tallies.items()},
        "alarms per 1,000": wide,
        "speed": speed(base, titles, described),
        "misses": {name: tally.misses for name, tally in tallies.items()},
        "shown": shown,
    }


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, show_default=True)
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write everything there.")
@click.option("--misses", is_flag=True, help="Print every miss and every alarm too.")
def main(data: Path, to: Path | None, misses: bool) -> None:
    """Measure the text matchers."""
    result = run(data)
    if not data.is_dir():
        click.echo(f"{data} is not there: imitations, alarms and officers' cases were not measured")
    for name, rows in result["accuracy"].items():
        for kind, count, found, leads in rows:
            click.echo(f"{name:<18}{kind:<32}{count:>6}  found {found:6.1%}  lead {leads:6.1%}")
    for where, counts in result["alarms per 1,000"].items():
        for kind, share in counts.items():
            click.echo(f"per 1,000 {where:<32}{kind:<28}{share:7.2f}")
    for what, value in result["speed"].items():
        click.echo(f"{what:<50}{value:10.2f}")
    if misses:
        for part in ("misses", "shown"):
            for name, lines in result[part].items():
                click.echo("\n".join(f"{part} {name}: {line}" for line in lines))
    if to:
        to.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
