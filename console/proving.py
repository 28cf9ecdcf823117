"""Commands that prove a lead: packet, verify."""

from __future__ import annotations

from pathlib import Path

import click

from console.options import Text, config_option, store_option, vault_option
from evidence.packet import PacketError, write_packet
from evidence.vault import Vault, VaultError
from evidence.verify import verify as verify_packet
from leads import registry
from leads.model import Bureau
from leads.store import open_store


@click.command(short_help="制作证据包")
@click.argument("ids", nargs=-1, required=True, type=Text(), metavar="线索编号...")
@click.option(
    "--to", "recipient", required=True, help="收件市局：城市名或六位代码，如 太原、140100。"
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="存放证据包的目录。",
)
@config_option
@store_option
@vault_option
def packet(
    ids: tuple[str, ...],
    recipient: str,
    output: Path,
    config: str | None,
    store: str,
    vault: str,
) -> int:
    """为每条线索制作一个证据包（zip）；同样的线索总得同样的字节。

    例：  markwatch packet L0123456789ab --to 太原 -o 证据包
    """
    watched = registry.load(config)
    bureau = bureau_named(watched, recipient)
    short = 0
    with open_store(store) as leads:
        for lead_id in ids:
            standing = leads.get(lead_id)
            if standing is None:
                click.echo(f"没有线索 {lead_id}", err=True)
                short = 1
                continue
            try:
                path = write_packet(
                    standing,
                    right=watched.rights.get(standing.lead.right),
                    judgements=leads.judgements(lead_id),
                    bureau=bureau,
                    vault=Vault(vault),
                    folder=output,
                )
            except (PacketError, VaultError) as incomplete:
                click.echo(f"{lead_id}：{incomplete}", err=True)
                short = 1
                continue
            click.echo(path)
    return short


def bureau_named(watched: registry.Registry, name: str) -> Bureau:
    """Return the bureau of a code or a city.

    Raises:
        click.UsageError: there is none, or the name fits several.
    """
    fitting = [
        bureau
        for bureau in watched.bureaus.values()
        if name in (bureau.code, bureau.name, bureau.city, bureau.city.removesuffix("市"))
    ]
    if len(fitting) != 1:
        known = "、".join(
            f"{b.city.removesuffix('市')}（{b.code}）" for b in watched.bureaus.values()
        )
        raise click.UsageError(f"没有收件市局 {name!r}；可用：{known}")
    return fitting[0]


@click.command(short_help="核验证据包")
@click.argument(
    "packets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="证据包..."
)
def verify(packets: tuple[Path, ...]) -> int:
    """逐字节核验证据包；有任何改动则指出是哪个文件，退出码为 1。

    例：  markwatch verify 证据包/*.zip
    """
    short = 0
    for path in packets:
        problems = verify_packet(path)
        if not problems:
            click.echo(f"{path}：完好")
            continue
        short = 1
        for problem in problems:
            click.echo(f"{path}：{problem}", err=True)
    return short


COMMANDS = (packet, verify)
