"""The command that lets files in by the same door as a crawl: import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from console.options import config_option, now, store_option, vault_option
from crawlers.extract import extract
from crawlers.files import open_file
from crawlers.page import Page, Reading, Unreadable
from crawlers.platforms.columns import FIELDS
from crawlers.platforms.records import is_table
from evidence.vault import Vault
from leads import registry
from leads.exhibitors import reference
from leads.model import Listing, Verdict, Visit
from leads.site import Site
from leads.store import Store, open_store
from matchers.engine import Engine


@click.command("import", short_help="导入文件")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as", "name", required=True, metavar="网站", help="这些文件属于哪个网站（代号）。")
@config_option
@store_option
@vault_option
def import_(files: tuple[Path, ...], name: str, config: str | None, store: str, vault: str) -> int:
    """导入平台推送的表格、执法人员保存的网页、投诉清单等，与采集到的商品同样比对、入库。

    可用：网页、MHTML、HAR、WARC/WACZ、ZIP、接口 JSON、CSV、XLSX。有错的行会指出，其余照常导入。

    例：  markwatch import 推送.xlsx 保存的网页.mhtml --as taobao
    """
    watched = registry.load(config)
    if name not in watched.sites:
        raise click.UsageError(f"没有配置网站 {name}；已配置：{'、'.join(watched.sites)}")
    check_columns(watched.sites[name])
    with open_store(store) as kept:
        door = Door(watched.sites[name], Engine(watched, kept.exclusions()), kept, Vault(vault))
        for file in files:
            door.take(file)
    pages = "、".join(f"{verdict} {count}" for verdict, count in sorted(door.verdicts.items()))
    click.echo(f"{door.listings} 条商品，{door.leads} 条线索；文件和页面：{pages}")
    return int(bool(door.verdicts.keys() - {Verdict.OK}))


def check_columns(site: Site) -> None:
    """Refuse a site entry whose ``columns`` name a field that no listing has.

    Raises:
        registry.ConfigError: with every such column.
    """
    faults = [
        registry.Fault(f"sites/{site.id}.toml", f"columns.{heading}", f"没有字段 {field!r}")
        for heading, field in site.columns.items()
        if field not in FIELDS
    ]
    if faults:
        raise registry.ConfigError(faults)


class Door:
    """Takes files in, one after the other, and counts what they brought."""

    def __init__(self, site: Site, engine: Engine, store: Store, vault: Vault) -> None:
        self.site = site
        self.engine = engine
        self.store = store
        self.vault = vault
        self.listings = self.leads = 0
        self.verdicts: Counter[str] = Counter()

    def take(self, file: Path) -> None:
        """Read one file to its end or to where it is damaged; what was read is kept."""
        name = file.name.encode(errors="backslashreplace").decode()  # it may be none in UTF-8
        try:
            for number, page in enumerate(open_file(file), start=1):
                reading = extract(page, site=self.site.id, columns=self.site.columns or None)
                self._keep(page, _address(page) or f"{name}#{number}", reading)
        except Unreadable as unreadable:
            self._note(name, Reading(unreadable.verdict, reason=unreadable.reason))

    def _keep(self, page: Page, address: str, reading: Reading) -> None:
        at = now()
        for number, listing in enumerate(self._captured(page, reading, at), start=1):
            listing = self._placed(listing, f"{address}:{number}")
            found = self.engine.leads(listing, at)
            self.store.see(listing)
            self.store.put(found)
            self.listings += 1
            self.leads += len(found)
        self._note(address, reading)

    def _placed(self, listing: Listing, place: str) -> Listing:
        """Return a listing that can be told from others; what a fair's file holds is exhibits."""
        if self.site.kind == "fair":
            listing = listing.model_copy(update={"kind": "exhibit"})
            place = reference(listing)
        return listing if listing.ref or listing.url else listing.model_copy(update={"ref": place})

    def _captured(self, page: Page, reading: Reading, at: datetime) -> Iterator[Listing]:
        """Yield the listings with their capture: the page, but of a table only their own rows.

        A complaint list names people who complained; their columns are not kept.
        """
        whole = None
        if reading.listings and not is_table(page):
            whole = self.vault.keep(
                page.body,
                media_type=page.content_type or "application/octet-stream",
                url=page.url,
                captured_at=at,
                how="file",
            )
        for listing in reading.listings:
            capture = whole or self.vault.keep(
                listing.model_dump_json().encode(),
                media_type="application/json",
                url=listing.url,
                captured_at=at,
                how="file",
            )
            yield listing.model_copy(
                update={"captured_at": listing.captured_at or at, "capture": capture.id}
            )

    def _note(self, address: str, reading: Reading) -> None:
        self.verdicts[reading.verdict] += 1
        if reading.verdict is not Verdict.OK:
            click.echo(f"{address}：{reading.reason}", err=True)
        self.store.visit(
            Visit(
                site=self.site.id,
                url=address,
                verdict=reading.verdict,
                reason=reading.reason,
                listings=len(reading.listings),
                door="file",
                at=now(),
            )
        )


def _address(page: Page) -> str | None:
    """Return the address under which a crawl noted the page, so that the file answers for it."""
    try:
        return page.home
    except Unreadable:  # made to exhaust a parser; that was its verdict, too
        return None


COMMANDS = (import_,)
