"""Commands that secure evidence: recapture, custody."""

from __future__ import annotations

import unicodedata

import click

from console.options import Text, config_option, now, store_option, vault_option
from crawlers.browser import missing
from crawlers.guard import refuse
from crawlers.officers import Unopened, practice_hosts
from crawlers.officers import recapture as open_again
from evidence.custody import CustodyError
from evidence.days import stamp_days
from evidence.sealing import load as load_sealing
from evidence.shown import one_line
from evidence.vault import Vault, VaultError
from leads import registry
from leads.beijing import BEIJING
from leads.faults import why
from leads.model import Lead, Visit
from leads.site import Site
from leads.store import open_store


@click.command(short_help="复核固证")
@click.argument("lead_id", type=Text(), metavar="线索编号")
@click.option(
    "--officers", nargs=2, required=True, type=Text(), metavar="甲 乙", help="两名执法人员的姓名。"
)
@config_option
@store_option
@vault_option
def recapture(
    lead_id: str, officers: tuple[str, str], config: str | None, store: str, vault: str
) -> int:
    """由两名执法人员用浏览器重新打开商品网页：截图、存档、记录步骤，并与首次采集比较。

    网页要求登录、验证或已下架，也是结果，同样记录。

    例：  markwatch recapture L0123456789ab --officers 张三 李四
    """
    names = _two(officers)
    watched = registry.load(config)
    with open_store(store, create=False) as kept:
        standing = kept.get(lead_id)
        if standing is None:
            click.echo(f"没有线索 {lead_id}", err=True)
            return 1
        lead = standing.lead
        site = _site(watched, lead)
        try:
            done = open_again(lead, site, names, Vault(vault), registry.find_config(config))
        except (Unopened, VaultError) as failed:
            click.echo(f"{lead_id}：{failed}", err=True)
            return 1
        seen = Visit(
            site=site.id,
            url=done.url,
            verdict=done.verdict,
            reason=done.reason,
            listings=int(done.listing is not None),
            door="browser",
            at=done.ended,
        )
        kept.visit(seen)
    for step in done.steps:
        click.echo(one_line(step), err=True)
    if done.reason:
        click.echo(f"结果：{one_line(done.reason)}")
    for change in done.changes or ("与首次采集相比，没有发现变化。",):
        click.echo(one_line(change))
    return 0


def _two(officers: tuple[str, str]) -> tuple[str, str]:
    """Return the officers' names.

    Raises:
        click.UsageError: they are not two.
    """
    first, second = (" ".join(unicodedata.normalize("NFKC", name).split()) for name in officers)
    if not first or not second or first.replace(" ", "") == second.replace(" ", ""):
        raise click.UsageError("须写明两名不同的执法人员")
    return first, second


def _site(watched: registry.Registry, lead: Lead) -> Site:
    """Return the site of a lead, if it may be visited.

    Raises:
        click.UsageError: it may not, or there is nothing to visit.
    """
    site = watched.sites.get(lead.listing.site or "")
    if site is None:
        raise click.UsageError(f"没有配置网站 {lead.listing.site}")
    if site.terms is None and not site.practice:
        raise click.UsageError(f"sites/{site.id}.toml 缺少采集条件（影响评估、批准人），不得访问")
    if refused := refuse(lead.listing.url or "", practice_hosts(site)):
        raise click.UsageError(f"不能访问该商品：{refused}")
    if lacking := missing():
        raise click.UsageError(lacking)
    return site


@click.command(short_help="核对保管链")
@config_option
@vault_option
def custody(config: str | None, vault: str) -> int:
    """核对整条保管链，并为已结束的每一天的末端加盖时间戳（须配置时间戳机构）。

    例：  markwatch custody
    """
    sealing = load_sealing(registry.find_config(config))
    log = Vault(vault).custody
    try:
        log.check()
        stamped, fault = stamp_days(log, now().astimezone(BEIJING).date(), sealing.authorities)
    except CustodyError as broken:
        click.echo(str(broken), err=True)
        return 1
    except OSError as error:
        click.echo(f"{log.folder}：{why(error)}", err=True)
        return 1
    days = log.days()
    click.echo(f"保管链完好：{len(days)} 天；本次为 {len(stamped)} 天的末端加盖了时间戳")
    if fault:
        click.echo(f"时间戳未成功：{fault}", err=True)
    return int(fault is not None)


COMMANDS = (recapture, custody)
