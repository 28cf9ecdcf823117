"""Commands for the team's index: elastic setup, status, reindex, migrate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import click

from console.options import store_option
from leads.store import Part, StoreError
from leads.store.elastic import mapping, spool
from leads.store.elastic.address import Address, parse_address

if TYPE_CHECKING:  # an extra of its own, and slow to load
    from elasticsearch import Elasticsearch

    from leads.store.elastic.indices import Index, Indices

PARTS = {
    Part.LISTINGS: "商品",
    Part.SIGHTINGS: "商品变化",
    Part.LEADS: "线索",
    Part.JUDGEMENTS: "人工结论",
    Part.VISITS: "网页访问",
    Part.SIGHTS: "图片内容",
    Part.EXCLUSIONS: "排除决定",
}


class Cluster(NamedTuple):
    """An open connection and what of ours is there."""

    address: Address
    client: Elasticsearch
    version: str
    indices: Indices


@contextmanager
def _opened(store: str) -> Iterator[Cluster]:
    try:
        from leads.store.elastic.indices import Indices
        from leads.store.elastic.link import connect, greet, named
    except ImportError as error:
        raise StoreError(
            "缺少连接 Elasticsearch 的组件：pip install 'markwatch[elastic]'"
        ) from error
    address = parse_address(store)
    with connect(address) as client:
        version = greet(client, address)
        indices = Indices(client, address.prefix)
        with named(address):
            indices.load()
            yield Cluster(address, client, version, indices)


@click.group(short_help="团队共用的 Elasticsearch 索引")
def elastic() -> None:
    """建立、查看、重建团队共用的索引；地址写作 http(s)://主机:端口/前缀。

    账号写在环境变量里：MARKWATCH_ELASTIC_USER、MARKWATCH_ELASTIC_PASSWORD，或
    MARKWATCH_ELASTIC_API_KEY；自签证书用 MARKWATCH_ELASTIC_CA 给出 CA 文件。
    """


@elastic.command(short_help="建立索引模板和索引")
@click.option("--bureau", "bureaus", multiple=True, help="预先为该市局（区划代码）建索引，可多次。")
@click.option(
    "--snapshots", metavar="DIR", help="每夜快照到各节点共用的目录（须在 path.repo 中）。"
)
@click.option("--lifecycle", is_flag=True, help="重建后留下的旧索引 30 天后自动删除。")
@store_option
def setup(bureaus: tuple[str, ...], snapshots: str | None, lifecycle: bool, store: str) -> int:
    """写入模板，建立各索引；已有的不动。

    例：  markwatch elastic setup --store https://es.example.cn:9200/markwatch --bureau 140100
    """
    lacking = []
    with _opened(store) as there:
        from leads.store.elastic import upkeep
        from leads.store.elastic.indices import OTHER

        there.indices.set_templates()
        there.indices.outdated()
        for part in Part:
            if part is not Part.LEADS:
                there.indices.ensure(part)
        for bureau in (*bureaus, OTHER):
            there.indices.ensure(Part.LEADS, bureau)
        click.echo(f"{there.address}：Elasticsearch {there.version}，索引已就绪")
        prefix = there.address.prefix
        if snapshots and not upkeep.set_snapshots(there.client, prefix, snapshots):
            lacking.append("已登记快照目录，但该集群没有定时快照（SLM），请自行定时执行快照")
        if lifecycle and not upkeep.set_lifecycle(there.client, prefix):
            lacking.append("该集群没有生命周期管理（ILM），旧索引请用 reindex --tidy 删除")
    for line in lacking:
        click.echo(line, err=True)
    return 1 if lacking else 0


@elastic.command(short_help="查看索引和未送达的内容")
@store_option
def status(store: str) -> int:
    """列出每个索引的条数、大小和结构版本，以及本机暂存、尚未送达的内容。"""
    with _opened(store) as there:
        from leads.store.elastic import upkeep

        click.echo(f"{there.address}：Elasticsearch {there.version}")
        found = upkeep.sizes(there.client, there.indices)
        for index in sorted(there.indices.all, key=lambda one: one.name):
            documents, size = found[index.name]
            serves = "" if index.serves else "（已被替换）"
            click.echo(
                f"{PARTS[index.part]}\t{index.name}\t{documents} 条\t{size / 1e6:.1f} MB"
                f"\t结构 {index.version}{serves}"
            )
        old = there.indices.outdated()
    waiting = spool.waiting(str(there.address))
    if old:
        click.echo(f"{len(old)} 个索引的结构较旧，请运行 markwatch elastic migrate", err=True)
    for segment in waiting:
        click.echo(f"未送达：{segment}（{segment.stat().st_size} 字节），下次打开时补送", err=True)
    return 1 if old or waiting else 0


@elastic.command(short_help="重建索引")
@click.option("--tidy", is_flag=True, help="完成后删除被替换的旧索引。")
@store_option
def reindex(tidy: bool, store: str) -> None:
    """按现在的程序重建全部索引；期间可照常查询，最后一步只短暂停写。"""
    with _opened(store) as there:
        _rebuild(there, list(there.indices.behind.values()), tidy)


@elastic.command(short_help="升级索引结构")
@click.option("--tidy", is_flag=True, help="完成后删除被替换的旧索引。")
@store_option
def migrate(tidy: bool, store: str) -> None:
    """只重建结构版本较旧的索引。"""
    with _opened(store) as there:
        _rebuild(there, there.indices.outdated(), tidy)


def _rebuild(there: Cluster, old: list[Index], tidy: bool) -> None:
    from leads.store.elastic import moving, upkeep

    if not old:
        click.echo(f"索引都是结构版本 {mapping.version()}，无需升级")
    for index in old:
        total = moving.rebuild(there.client, there.indices, index, _progress)
        upkeep.retire(there.client, there.address.prefix, index.name)
        click.echo(f"已重建 {index.alias}：{total} 条")
    if tidy:
        for name in moving.tidy(there.client, there.indices):
            click.echo(f"已删除旧索引 {name}")


def _progress(alias: str, done: int, total: int) -> None:
    click.echo(f"{alias}：{done}/{total}", err=True)


COMMANDS = (elastic,)
