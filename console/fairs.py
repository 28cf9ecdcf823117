"""Commands around fairs: before, during and after one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import click

from console import taking
from console.importing import Door, check_columns
from console.options import Day, config_option, now, store_option, vault_option
from console.taking import named
from crawlers.files import open_file
from crawlers.page import Unreadable
from crawlers.platforms.labels import pairs
from crawlers.platforms.records import meanings
from evidence.papers.sheets import workbook
from evidence.shown import one_line
from evidence.vault import Vault
from leads import registry
from leads.beijing import BEIJING
from leads.exhibitors import exhibitors as exhibitors_of
from leads.fair import PHASE_ZH, Phase
from leads.model import Verdict
from leads.risks import Risk, risks, watched
from leads.site import Site
from leads.store import open_store
from matchers.engine import Engine

COLUMNS = (
    "次序", "参展商", "信用代码", "展位", "展品数", "此前立案或移送", "此前线索", "展品优先核查",
    "展品待复核", "理由",
)  # fmt: skip
NOTE = "本表供展前排查、展中巡查参考；列入本表只表示有疑似线索，是否侵权由执法人员认定"
FIELDS_ZH = {
    "title": "展品", "company": "企业", "shop": "店铺", "shop_ref": "店铺编号", "ref": "编号",
    "url": "网址", "price": "价格", "price_max": "最高价", "price_fen": "价格", "currency": "币种",
    "sold": "销量", "brand": "品牌", "origin": "产地", "ships_from": "发货地", "factory": "厂址",
    "country": "国家", "location": "所在地", "uscc": "信用代码", "category": "类别",
    "picture": "图片", "description": "说明", "website": "企业网址", "booth": "展位",
    "hall": "展馆", "products": "主要展品",
}  # fmt: skip


@click.group(short_help="展会监测")
def fair() -> None:
    """展会：展前按参展商名录排查，展中录入展品和投诉，展后在网上跟踪一段时间。

    条目在 config/fairs，一个文件一届展会。
    """


@fair.command("list", short_help="列出展会")
@click.option("--on", "day", type=Day(), help="按哪一天（默认今天）。")
@config_option
def list_(day: date | None, config: str | None) -> None:
    """列出各届展会的日期、地点和所处阶段。

    例：  markwatch fair list
    """
    for one in registry.load(config).fairs.values():
        phase = PHASE_ZH[one.phase(day or _today())]
        click.echo(
            f"{one.id}　{one.name}　{one.first} 至 {one.last}　{one.place}　{phase}"
            f"（网上跟踪至 {one.watched_until}）"
        )


@fair.command(short_help="导入参展商名录")
@click.argument("name", metavar="展会")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@config_option
@store_option
@vault_option
def exhibitors(
    name: str, files: tuple[Path, ...], config: str | None, store: str, vault: str
) -> int:
    """导入参展商、展品名录（CSV、XLSX、网页），逐条比对。列的含义自动判断并列出，联系方式不保留。

    判断有误的，在 config/sites 该展会网站条目的 [columns] 中写明后再导入。

    例：  markwatch fair exhibitors canton-140 参展商名录.xlsx
    """
    loaded = registry.load(config)
    one = named(name, loaded)
    site = loaded.sites[one.site]
    check_columns(site)
    for file in files:
        _tell_columns(file, site)
    with open_store(store) as kept:
        door = Door(site, Engine(loaded, kept.exclusions()), kept, Vault(vault))
        for file in files:
            door.take(file)
        firms = exhibitors_of(kept.listings(site=one.site))
    click.echo(
        f"导入 {door.listings} 条，{door.leads} 条线索；{one.name}现有参展商 {len(firms)} 家"
    )
    return int(bool(door.verdicts.keys() - {Verdict.OK}))


@fair.command(short_help="展前风险清单")
@click.argument("name", metavar="展会")
@click.option("--all", "everyone", is_flag=True, help="没有线索的参展商也列出。")
@click.option("--format", "form", type=click.Choice(["table", "jsonl", "xlsx"]), default="table")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写入文件。")
@config_option
@store_option
def risk(
    name: str, everyone: bool, form: str, output: Path | None, config: str | None, store: str
) -> None:
    """把参展商与其他平台、其他展会此前的线索和本届展品的线索对照，列出应当先看的，逐项说明理由。

    先按此前已立案或移送的线索数排序，再按此前其他线索、展品优先核查、待复核的线索数。

    例：  markwatch fair risk canton-140 --format xlsx -o 风险清单.xlsx
    """
    if form == "xlsx" and output is None:
        raise click.UsageError("xlsx 须用 -o 写入文件")
    one = named(name, registry.load(config))
    with open_store(store, create=False) as kept:
        found = risks(one, kept)
    shown = [risk for risk in found if everyone or risk.any]
    if form == "xlsx" and output is not None:
        rows = (cells(number, risk) for number, risk in enumerate(shown, 1))
        output.write_bytes(workbook("风险清单", COLUMNS, rows, now(), note=NOTE))
    else:
        lines = map(_record, shown) if form == "jsonl" else _table(shown)
        text = "".join(f"{line}\n" for line in lines)
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8")
    click.echo(f"参展商 {len(found)} 家，有线索的 {sum(risk.any for risk in found)} 家", err=True)
    click.echo(NOTE, err=True)


@fair.command("watched", short_help="展后跟踪名单")
@click.argument("name", metavar="展会")
@click.option("--on", "day", type=Day(), help="按哪一天（默认今天）。")
@config_option
@store_option
def watched_(name: str, day: date | None, config: str | None, store: str) -> None:
    """列出展后在网上跟踪的参展商、搜索词和闭幕后的新线索；期满即解除。

    例：  markwatch fair watched canton-140
    """
    one, on = named(name, registry.load(config)), day or _today()
    phase = one.phase(on)
    if phase is Phase.OVER:
        click.echo(f"{one.name}：跟踪已于 {one.watched_until} 期满解除")
        return
    with open_store(store, create=False) as kept:
        found = watched(one, kept)
    begins = "" if phase is Phase.AFTER else f"，自 {one.last} 闭幕后开始"
    days = (one.watched_until - on).days
    click.echo(f"{one.name}：跟踪 {len(found)} 家至 {one.watched_until}（还有 {days} 天）{begins}")
    for item in found:
        firm = item.risk.exhibitor
        click.echo(f"{one_line(firm.name)}　搜索：{'、'.join(map(one_line, firm.queries))}")
        click.echo(f"  闭幕后新线索 {len(item.since)} 条{_listed(item.since)}")


def cells(number: int, risk: Risk) -> tuple[str, ...]:
    """Return the cells of :data:`COLUMNS`."""
    firm = risk.exhibitor
    return (
        str(number),
        firm.name,
        firm.uscc or "",
        "、".join(firm.booths),
        *map(str, _counts(risk)),
        "\n".join(risk.reasons),
    )


def _counts(risk: Risk) -> tuple[int, ...]:
    of = (risk.exhibitor.exhibits, risk.confirmed, risk.earlier, risk.suspected, risk.doubtful)
    return tuple(map(len, of))


def _table(found: list[Risk]) -> Iterator[str]:
    for number, risk in enumerate(found, 1):
        firm = risk.exhibitor
        counts = "　".join(
            f"{name} {count}" for name, count in zip(COLUMNS[4:9], _counts(risk), strict=True)
        )
        booths = "、".join(firm.booths) or "—"
        yield one_line(f"{number}. {firm.name}　{firm.uscc or '—'}　展位 {booths}　{counts}")
        yield from (f"   {one_line(reason)}" for reason in risk.reasons)


def _record(risk: Risk) -> str:
    told = {
        **risk.exhibitor.model_dump(mode="json"),
        "confirmed": [one.lead.id for one in risk.confirmed],
        "earlier": [one.lead.id for one in risk.earlier],
        "suspected": [lead.id for lead in risk.suspected],
        "doubtful": [lead.id for lead in risk.doubtful],
        "excluded": risk.excluded,
        "reasons": risk.reasons,
    }
    return json.dumps(told, ensure_ascii=False)


def _tell_columns(file: Path, site: Site) -> None:
    """Say what the columns of each table in a file are taken to mean."""
    with suppress(Unreadable):  # the import says why
        for page in open_file(file):
            meant = meanings(page, site.columns or None)
            if meant:
                told = "、".join(f"{one_line(name)}→{_meant(name, meant[name])}" for name in meant)
                click.echo(f"{file.name}：{told}", err=True)


def _meant(heading: str, field: str | None) -> str:
    if field:
        return FIELDS_ZH[field]
    return "其他" if pairs([(heading, "某")]) else "不保留"


def _listed(ids: tuple[str, ...]) -> str:
    return f"：{'、'.join(ids)}" if ids else ""


def _today() -> date:
    return now().astimezone(BEIJING).date()


for command in taking.OF_FAIR:
    fair.add_command(command)

COMMANDS = (fair,)
