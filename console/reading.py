"""Commands that turn files into records and keep nothing: check, extract, match."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO

import click
from pydantic import ValidationError

from console.importing import check_columns
from console.options import Day, Text, config_option, now
from console.pictures import Album, check_bank
from crawlers.extract import extract as extract_page
from crawlers.files import open_file
from crawlers.page import Reading, Unreadable
from crawlers.run import spiders_of
from evidence.sealing import load as load_sealing
from leads import registry
from leads.faults import faults_of
from leads.model import Listing, Verdict
from leads.seasonal import uncertain
from leads.triage import law_day, triage
from matchers.engine import Engine, widened
from matchers.marks import read_marks


@click.command(short_help="检查配置")
@config_option
def check(config: str | None) -> None:
    """检查配置目录，一次列出全部错误（文件、字段、原因）。

    例：  markwatch check
    """
    known = registry.load(config)
    Engine(known)
    spiders_of(known.sites.values())
    check_bank(registry.find_config(config), known.rights)
    for site in known.sites.values():
        check_columns(site)
    load_sealing(registry.find_config(config))
    unverified = sum(not right.verified for right in known.rights.values())
    users = sum(map(len, known.users.values()))
    click.echo(
        f"配置无误：{len(known.rights)} 项权利、{users} 个授权使用人、"
        f"{len(known.bureaus)} 个市局、{len(known.laws)} 部法规、{len(known.sites)} 个网站、"
        f"{len(known.campaigns)} 个专项、{len(known.fairs)} 届展会"
    )
    for why in uncertain(law_day(now()), known):
        click.echo(why, err=True)
    if unverified:
        click.echo(f"其中 {unverified} 项权利凭记忆录入，尚未与官方公告核对", err=True)


@click.command(short_help="从保存的网页中读出商品")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", type=Text(), help="网页原来的地址，用于补全链接。")
@click.option("--site", type=Text(), help="网站代号，写入记录；不写则按网页内容判断。")
def extract(files: tuple[Path, ...], url: str | None, site: str | None) -> int:
    """从保存的网页、MHTML、HAR、WARC/WACZ、ZIP、接口 JSON、CSV、XLSX 读出商品。

    每件商品一行 JSON；没有商品的网页给出一行原因。

    例：  markwatch extract 保存的网页.html --site jd
    """
    short = False
    for file in files:
        short |= _extract_file(file, url, site)
    return int(short)


def _extract_file(file: Path, url: str | None, site: str | None) -> bool:
    """Print what a file holds; tell whether it fell short.

    An archive is full of answers that are no pages: they are named only if nothing else is there.
    """
    brought = short = False
    unsupported = None
    for reading in _readings(file, url, site):
        if reading.verdict is Verdict.UNSUPPORTED:
            unsupported = reading
            continue
        brought = True
        for listing in reading.listings:
            click.echo(listing.model_dump_json())
        if not reading.listings:
            _no_listing(file, reading)
        elif reading.verdict is not Verdict.OK:
            click.echo(f"{file}：{reading.reason}", err=True)
        short |= reading.verdict is not Verdict.OK
    if not brought and unsupported:
        _no_listing(file, unsupported)
    return short or not brought


def _no_listing(file: Path, reading: Reading) -> None:
    verdict, reason = reading.verdict, reading.reason
    if verdict is Verdict.OK:  # a shop's own page: read, but there is nothing on offer
        verdict, reason = Verdict.EMPTY, "店铺或企业页面，没有商品"
    _print({"file": str(file), "verdict": verdict, "reason": reason})


def _readings(file: Path, url: str | None, site: str | None) -> Iterator[Reading]:
    try:
        for page in open_file(file):
            yield extract_page(replace(page, url=page.url or url), site=site)
    except Unreadable as unreadable:
        yield Reading(unreadable.verdict, reason=unreadable.reason)


_MARKS = click.option(
    "--marks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="改用此 CSV 中的权利（列：id,kind,name,aliases,classes,area）。",
)
_ON = click.option("--on", "day", type=Day(), help="按此日有效的法规；默认为采集日，没有则为今天。")
_WIDE = click.option("--wide", is_flag=True, help="专项排查：也列出较弱的疑似，误报会多。")


@click.command(short_help="比对商品与受保护的权利")
@click.argument("file", type=click.File("rb"), default="-")
@_MARKS
@_ON
@_WIDE
@config_option
def match(
    file: IO[bytes], marks: Path | None, day: date | None, wide: bool, config: str | None
) -> int:
    """逐行读入商品（JSON），逐行给出分级、分数和命中。不联网，同样的输入总得同样的结果。

    图片写明 path（相对于此文件）的，若配置目录中有参照图片库 bank，也作识别。

    例：  echo '{"ref":"1","title":"正宗【康 師·傅】红烧牛肉面"}' | markwatch match -
    """
    engine = _engine(config, marks, wide)
    beside = Path(getattr(file, "name", "-")).parent
    album = Album(beside, registry.find_config(config) / "bank")
    short = 0
    for listing in _listings(file):
        if listing is None:
            short = 1
            continue
        on = day or law_day(listing.captured_at or now())
        listing, sights = album.look(listing)
        hits = engine.hits(listing, on, sights)
        outcome = triage(hits, engine.registry.scoring)
        _print(
            {
                "ref": listing.ref,
                "triage": outcome.triage,
                "score": outcome.score,
                "hits": [hit.model_dump(mode="json") for hit in hits],
            }
        )
    return short


@click.command(short_help="说明一段文字为何命中或未命中")
@click.argument("text", type=Text())
@_MARKS
@_ON
@_WIDE
@config_option
def explain(
    text: str, marks: Path | None, day: date | None, wide: bool, config: str | None
) -> None:
    """说明一段文字如何归一化、与哪些权利相近、为何命中或未命中。

    例：  markwatch explain '康帅傅红烧牛肉面 5连包'
    """
    engine = _engine(config, marks, wide)
    for line in engine.explain(Listing(title=text), day or law_day(now())):
        click.echo(line)


def _engine(config: str | None, marks: Path | None, wide: bool) -> Engine:
    watched = registry.load(config)
    if marks:
        watched = read_marks(marks, watched)
    return Engine(widened(watched) if wide else watched)


def _listings(lines: IO[bytes]) -> Iterator[Listing | None]:
    """Yield a listing a line; None for a line that is none, which stderr then names."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Listing.model_validate_json(line.removeprefix(codecs.BOM_UTF8))
        except ValidationError as invalid:
            for fault in faults_of(f"第 {number} 行", invalid):
                click.echo(fault, err=True)
            yield None


def _print(record: dict[str, object]) -> None:
    click.echo(json.dumps(record, ensure_ascii=False))


COMMANDS = (check, extract, match, explain)
