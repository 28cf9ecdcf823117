"""Commands around the practice market: serve it, or watch one whole night on it."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from console.importing import Door
from console.night import stages
from console.night.course import Course, Place
from console.night.planning import Tonight, day_of
from console.nightly import told_short
from console.options import now
from console.paperwork import Paperwork
from console.proving import make_packet, recipient_named
from console.sites import pending
from crawlers.browser import missing
from evidence.packet import PacketError
from evidence.sealing import Sealing
from evidence.vault import Vault
from evidence.verify import verify as verify_packet
from leads import registry
from leads.beijing import BEIJING
from leads.faults import why
from leads.ledger import Ledger
from leads.model import DOOR_ZH, FINDING_ZH, TRIAGE_ZH, Lead, Triage, Verdict, Visit
from leads.query import All
from leads.recipients import RECIPIENT_ZH, Recipient, RecipientKind
from leads.store import Standing, Store, open_store
from matchers.engine import Engine
from pipelines import looking
from practice.catalogue import DEFAULT_SEED, DEFAULT_SIZE
from practice.files import write_files
from practice.server import Served, serve
from practice.settle import settle
from practice.truth import MARKET, Claim, Found, Need, Score, score


@click.group(short_help="练习市场和展会")
def practice() -> None:
    """在本机的练习市场和练习展会上试用；其中商品和企业均为虚构，答案已知。"""


_SEED = click.option("--seed", default=DEFAULT_SEED, show_default=True, help="生成用的种子。")
_SIZE = click.option(
    "--size", type=click.IntRange(min=1), default=DEFAULT_SIZE, show_default=True, help="商品数。"
)


@practice.command(name="serve", short_help="只开练习服务器")
@_SEED
@_SIZE
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8377, show_default=True, help="端口。"
)
@click.option(
    "--night",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="第几夜：此前每一夜都有商品改价、改标题、下架、重新上架、新上架。",
)
def serve_command(seed: int, size: int, port: int, night: int) -> None:
    """在 127.0.0.1 上开放练习市场，按 Ctrl-C 结束。

    例：  markwatch practice serve --size 1000 --night 2
    """
    try:
        with serve(seed, size, port, night) as served:
            click.echo(f"{served.url}/market/search  和  {served.url}/fair/exhibitors")
            while True:
                time.sleep(3600)
    except OSError as taken:
        raise click.UsageError(f"端口 {port} 无法使用：{why(taken)}") from taken


@practice.command(short_help="看一整夜")
@_SEED
@_SIZE
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/practice"),
    show_default=True,
    help="存放这一夜的目录；每次重新生成。",
)
@click.option(
    "--store",
    envvar="MARKWATCH_STORE",
    help="线索库地址（默认在上述目录中）；练习的线索会存入其中。",
)
def night(seed: int, size: int, folder: Path, store: str | None) -> int:
    """采集练习市场和展会，导入推送的表格和保存的网页，比对、入库，与已知答案对照，制作并核验证据包。

    例：  markwatch practice night --size 200
    """
    _clear(folder)
    for old in folder.glob("ledger.db*"):
        old.unlink()
    if store is None:
        for old in folder.glob("markwatch.db*"):
            old.unlink()
    store = store or f"sqlite:///{folder / 'markwatch.db'}"
    with serve(seed, size) as served, Ledger(folder / "ledger.db", store) as ledger:
        course = _begun(served, folder, store, ledger)
        stages.go_through(course, stages.SITES)
        files = write_files(served.market, folder / "files", served.url)
        truths = list(served.market.truth())
    watched = course.watched
    with open_store(store) as kept:
        _import(files, watched, kept, Vault(folder / "vault"))
        _tally(kept.visits(course.began))
        standing = list(kept.find(All()))
        outcome = score(truths, _found(standing), _has())
        _tell(standing, outcome)
        proven = _prove(standing, watched, kept, folder)
    stages.go_through(course, stages.MORNING)
    click.echo(f"\n这一夜的报告：{course.place.nights / course.tonight.id}")
    click.echo(f"查看线索：  markwatch leads --store {store}")
    places = f"--store {store} --vault {folder / 'vault'} --config {folder / 'config'}"
    click.echo(f"打开工作台：markwatch console {places} --nights {folder / 'nights'}")
    return told_short(course) or int(bool(outcome.missed or outcome.false) or not proven)


def _clear(folder: Path) -> None:
    """Make the folder, or remove what an earlier night left; refuse one with anything else."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        return
    if not (folder / "config" / "sites" / f"{MARKET}.toml").is_file():
        raise click.UsageError(f"目录 {folder} 中有别的内容，请另选一个")
    for part in ("vault", "packets", "config", "files", "nights"):
        shutil.rmtree(folder / part, ignore_errors=True)


def _begun(served: Served, folder: Path, store: str, ledger: Ledger) -> Course:
    """Return a night on the market and its fair, as any other night on a config of its own."""
    size, exhibits = served.market.size, sum(1 for _ in served.market.exhibits())
    click.echo(f"练习市场（{size} 条商品）和练习展会（{exhibits} 件展品）：{served.url}", err=True)
    config = settle(registry.find_config(), folder / "config", served.url, size, exhibits)
    watched, at = registry.load(config), now().astimezone(BEIJING)
    tonight = Tonight(day_of(watched.schedule.window, at), at)
    place = Place(config, store, folder / "vault", folder / "nights")
    return Course(tonight, watched, place, ledger, tonight.id, at)


def _import(files: Sequence[Path], watched: registry.Registry, store: Store, vault: Vault) -> None:
    """Take the night's files in; each lies in a folder named after its site."""
    waiting = len(pending(store.visits()))
    engine = Engine(watched, store.exclusions())
    doors = [Door(watched.sites[file.parent.name], engine, store, vault) for file in files]
    for door, file in zip(doors, files, strict=True):
        door.take(file)
    listings, found = sum(door.listings for door in doors), sum(door.leads for door in doors)
    answered = waiting - len(pending(store.visits()))
    click.echo(
        f"导入 {len(files)} 个文件：{listings} 条商品，{found} 条线索；"
        f"待人工处理的 {waiting} 个网页中，{answered} 个已有答复"
    )


def _tally(visits: Iterable[Visit]) -> None:
    """Print a table of how many pages each door brought, by verdict."""
    counts = Counter((visit.door, visit.verdict) for visit in visits)
    verdicts = [one for one in Verdict if any(verdict is one for _, verdict in counts)]
    click.echo("\n页面　　　" + "".join(f"{verdict:>13}" for verdict in verdicts))
    for door, name in DOOR_ZH.items():
        cells = "".join(f"{counts[door, verdict]:>13}" for verdict in verdicts)
        click.echo(f"{name:　<5}{cells}")


def _has() -> frozenset[Need]:
    has = {Need.NAMES, Need.TEXT, Need.FILES}
    if not missing():
        has.add(Need.BROWSER)
    if not looking.missing():
        has.add(Need.PICTURES)
    return frozenset(has)


def _found(leads: Iterable[Standing]) -> Iterator[Found]:
    for lead, _ in leads:
        for hit in lead.hits:
            yield Found(*lead.listing.key, lead.right, hit.finding, lead.triage)


def _tell(leads: list[Standing], outcome: Score) -> None:
    levels = Counter(lead.triage for lead, _ in leads)
    click.echo(
        f"\n线索 {len(leads)} 条："
        + "，".join(f"{TRIAGE_ZH[level]} {levels[level]}" for level in (Triage.LEAD, Triage.REVIEW))
    )
    click.echo(
        f"与已知答案对照：找到 {len(outcome.found)}，漏掉 {len(outcome.missed)}，"
        f"误报 {len(outcome.false)}，尚未监测 {len(outcome.not_yet)}"
    )
    _list("找到", outcome.found, whole=False)
    _list("漏掉", outcome.missed)
    _list("误报", outcome.false)
    _list("尚未监测", outcome.not_yet, whole=False)


def _list(name: str, claims: Iterable[Claim], whole: bool = True) -> None:
    """Print how many claims there are by finding, and each of them if ``whole``."""
    for finding, count in sorted(Counter(claim.finding for claim in claims).items()):
        click.echo(f"  {name}  {finding:<16}{FINDING_ZH[finding]}  {count}")
    if whole:
        for claim in claims:
            click.echo(f"    {claim.site} {claim.ref}：{claim.right} {claim.finding}")


def _prove(leads: list[Standing], watched: registry.Registry, store: Store, folder: Path) -> bool:
    """Make packets of the strongest lead for a bureau, a platform and the police; verify them."""
    if not leads:
        click.echo("没有线索，未制作证据包", err=True)
        return False
    first = next((standing for standing in leads if standing.lead.routes), leads[0]).lead
    code = first.routes[0].bureau if first.routes else next(iter(watched.bureaus))
    kinds = (RecipientKind.PLATFORM, RecipientKind.POLICE)
    recipients = [recipient_named(watched, code), *(watched.desk.of_kind(k)[0] for k in kinds)]
    drafts = Paperwork(draft=True, config=folder / "config")
    click.echo()
    sound = [_packed(first, one, watched, store, folder, drafts) for one in recipients]
    return all(sound)


def _packed(
    lead: Lead,
    recipient: Recipient,
    watched: registry.Registry,
    store: Store,
    folder: Path,
    asked: Paperwork,
) -> bool:
    vault, packets = Vault(folder / "vault"), folder / "packets"
    try:
        made = make_packet([lead], recipient, watched, store, vault, packets, Sealing(), asked)
    except PacketError as incomplete:
        click.echo(f"{lead.id}：{incomplete}", err=True)
        return False
    problems = verify_packet(made.path)
    sound = "核验完好" if not problems else "核验未通过"
    papers = "附文书草稿" if made.without is None else f"未附文书（{made.without}）"
    click.echo(f"证据包 {made.path}：{RECIPIENT_ZH[recipient.kind]}，{papers}，{sound}")
    for problem in problems:
        click.echo(f"  {problem}", err=True)
    return not problems


COMMANDS = (practice,)
