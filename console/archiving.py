"""The commands about lists that people keep: registry import, export, annual."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from console.archive.annual import annual as workbook_of
from console.archive.export import exported
from console.archive.proposals import Preview, apply, preview, same_person
from console.archive.revision import Revision
from console.archive.sheets import MOST_BYTES, Unusable
from console.archive.told import told_changes
from console.archive.usage import users_seen
from console.archive.written import Stale
from console.options import Text, config_option, now, store_option
from evidence.custody import Custody, CustodyError
from evidence.disk import replace
from evidence.shown import one_line
from leads import registry as registries
from leads.beijing import BEIJING
from leads.model import Right, RightKind
from leads.registry import Registry
from leads.store import open_store

_books = click.option(
    "--books",
    default="var/console",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="操作日志所在目录。",
)


@click.group(short_help="权利和授权使用人名单")
def registry() -> None:
    """导入、导出权利和授权使用人名单，制作专用标志年报。

    例：  markwatch registry export -o 名单.xlsx
    """


@registry.command("import", short_help="导入名单")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--right", type=Text(), help="名单属于哪一项权利（代号）；表中写明的可不填。")
@click.option("--whole", is_flag=True, help="以此表为全部名单：表中没有的使用人和注册将删除。")
@click.option("--dry-run", is_flag=True, help="只显示将有哪些更改。")
@click.option("--reason", type=Text(), default="", help="依据，如公告号。")
@click.option("--by", type=Text(), help="提出人。")
@click.option("--second", type=Text(), help="复核人，须为另一人。")
@_books
@config_option
def import_(
    file: Path,
    right: str | None,
    whole: bool,
    dry_run: bool,
    reason: str,
    by: str | None,
    second: str | None,
    books: Path,
    config: str | None,
) -> int:
    """导入权利、注册或授权使用人名单（XLSX、CSV），逐项显示更改后写入配置。

    名单会影响哪些店铺不再列为线索，因此须由两人经手；命令行不核验姓名，只记入日志。

    \b
    例：  markwatch registry import 使用人.xlsx --right gi-puercha --dry-run
          markwatch registry import 使用人.xlsx --right gi-puercha --by 张三 --second 李四
    """
    root = registries.find_config(config)
    watched = registries.load(root)
    if right is not None and right not in watched.rights:
        raise click.UsageError(f"没有权利 {right}")
    with file.open("rb") as opened:
        body = opened.read(MOST_BYTES + 1)
    try:
        seen = preview(body, root, right, whole)
    except Unusable as refused:
        raise click.UsageError(f"{file.name}：{refused}") from None
    for line in _told(seen):
        click.echo(line)
    if seen.slips or seen.faults:
        _complain(seen)
        return 1
    if dry_run or not seen.files:
        return 0
    return _write(seen, root, books, _facts(by, second, file.name, right, reason))


def _facts(
    by: str | None, second: str | None, name: str, right: str | None, reason: str
) -> dict[str, object]:
    if not by or not second or same_person(by, second):
        raise click.UsageError("须用 --by 和 --second 写明提出人和复核人，两人不能相同")
    return {
        "by": second, "proposer": by, "name": one_line(name), "right": right or "",
        "reason": reason, "unchecked": True,
    }  # fmt: skip


def _write(seen: Preview, root: Path, books: Path, facts: dict[str, object]) -> int:
    try:
        apply(seen, root, books, Custody(books), facts)
    except Stale:
        click.echo("配置在此期间被他人改动，没有写入；请重新导入", err=True)
        return 1
    except CustodyError as broken:
        click.echo(f"{broken}；没有写入", err=True)
        return 1
    click.echo(f"已写入 {len(seen.files)} 个文件，姓名未经核验，已记入日志")
    return 0


def _told(seen: Preview) -> Iterator[str]:
    for note in seen.notes:
        yield f"注意：{one_line(note)}"
    for revision in seen.revisions:
        yield _heading(revision)
        for change in told_changes(revision):
            yield one_line(f"  {change}")
    if not seen.files and not seen.slips:
        yield "没有更改"


def _heading(revision: Revision) -> str:
    same = sum(not change.alters for change in revision.users)
    return one_line(f"{revision.id} {revision.name}（授权使用人不变 {same} 个）")


def _complain(seen: Preview) -> None:
    faults = [*map(str, seen.slips), *seen.faults]
    for fault in faults[:200]:
        click.echo(one_line(fault), err=True)
    click.echo(f"{len(faults)} 处错误，没有写入", err=True)


@registry.command(short_help="导出名单")
@click.option("--right", type=Text(), help="只导出一项权利（代号）。")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@config_option
def export(right: str | None, output: Path, config: str | None) -> None:
    """导出权利、注册和授权使用人为 XLSX；改好后可再导入。

    例：  markwatch registry export --right gi-puercha -o 普洱茶.xlsx
    """
    watched = registries.load(config)
    rights = [_right(watched, right)] if right else list(watched.rights.values())
    body = exported(watched, rights)
    replace(output, lambda file: file.write(body))
    click.echo(f"已导出 {len(rights)} 项权利：{output}")


@registry.command(short_help="专用标志年报")
@click.option("--year", type=click.IntRange(2000, 2100), help="年度（默认今年）。")
@click.option("--right", type=Text(), help="只制作一项地理标志（代号）。")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="目录。"
)
@config_option
@store_option
def annual(
    year: int | None, right: str | None, output: Path, config: str | None, store: str
) -> None:
    """制作专用标志使用情况年报，每项有授权使用人的地理标志一个 XLSX。

    例：  markwatch registry annual --year 2026 -o 年报
    """
    watched = registries.load(config)
    today = now().astimezone(BEIJING).date()
    wanted = [_right(watched, right)] if right else _with_users(watched)
    output.mkdir(parents=True, exist_ok=True)
    with open_store(store, create=False) as kept:
        seen = users_seen(kept, watched, year or today.year, right)
        for one in wanted:
            body = workbook_of(kept, one, seen.get(one.id, ()), year or today.year, today)
            path = output / f"{one.id}-{year or today.year}.xlsx"
            path.write_bytes(body)
            click.echo(str(path))


def _right(watched: Registry, id: str) -> Right:
    if id not in watched.rights:
        raise click.UsageError(f"没有权利 {id}")
    return watched.rights[id]


def _with_users(watched: Registry) -> list[Right]:
    return [
        right
        for right in watched.rights.values()
        if right.kind is RightKind.GI and watched.users.get(right.id)
    ]


COMMANDS = (registry,)
