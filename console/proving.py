"""Commands that prove a lead: packet, verify."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from console.options import Day, Text, config_option, store_option, vault_option
from console.paperwork import Paperwork, written
from evidence.encrypted import EncryptionError
from evidence.encrypted import encrypt as encrypted
from evidence.exhibit import exhibits
from evidence.packet import Dossier, PacketError, write_packet
from evidence.sealing import Sealing
from evidence.sealing import load as load_sealing
from evidence.vault import Vault, VaultError
from evidence.verify import Trust, examine
from leads import registry
from leads.faults import why
from leads.model import Lead
from leads.recipients import Recipient, of_bureau, of_holder
from leads.store import Store, open_store

PASSWORD = "MARKWATCH_PACKET_PASSWORD"  # noqa: S105  # where it stands, not what it is


@click.command(short_help="制作证据包")
@click.argument("ids", nargs=-1, required=True, type=Text(), metavar="线索编号...")
@click.option(
    "--to",
    "name",
    required=True,
    help="收件单位：城市名或六位代码（太原、140100），或 config/recipients 中的代号、名称。",
)
@click.option("--together", is_flag=True, help="全部线索合为一个证据包。")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="存放证据包的目录。",
)
@click.option(
    "--encrypt",
    is_flag=True,
    help=f"另制一份加密副本（AES，用 7-Zip 打开）；口令取自 {PASSWORD}，否则提示输入。",
)
@click.option("--draft", is_flag=True, help="文书缺少必填项时留空，每页注明“草稿”。")
@click.option("--officers", nargs=2, type=Text(), metavar="甲 乙", help="两名承办人员。")
@click.option("--approver", type=Text(), help="审批人；默认为作出交办、移送决定的人。")
@click.option("--number", type=Text(), help="文号。")
@click.option("--day", type=Day(), help="成文日期；默认为决定之日。")
@click.option("--crime", type=Text(), help="移送公安：涉嫌罪名。")
@click.option("--amount", type=Text(), help="移送公安：涉案金额及其计算。")
@click.option("--enclosure", "enclosures", multiple=True, type=Text(), help="随附的其他材料。")
@config_option
@store_option
@vault_option
def packet(
    ids: tuple[str, ...],
    name: str,
    together: bool,
    output: Path,
    encrypt: bool,
    draft: bool,
    officers: tuple[str, str] | None,
    approver: str | None,
    number: str | None,
    day: date | None,
    crime: str | None,
    amount: str | None,
    enclosures: tuple[str, ...],
    config: str | None,
    store: str,
    vault: str,
) -> int:
    """为每条线索制作一个证据包（zip），附按收件单位拟制的文书；同样的线索总得同样的字节。

    文书缺少必填项时逐项指出，只制作证据包，不附文书；加 --draft 则附草稿。

    例：  markwatch packet L0123456789ab --to 太原 -o 证据包 --draft
    """
    asked = Paperwork(
        draft, officers or (), approver, number, day, crime, amount, enclosures,
        registry.find_config(config),
    )  # fmt: skip
    watched = registry.load(config)
    sealing = load_sealing(registry.find_config(config))
    password = _password() if encrypt else None
    with open_store(store, create=False) as kept:
        found = [lead for lead in (_lead(kept, one) for one in dict.fromkeys(ids)) if lead]
        short = int(len(found) < len(set(ids)))
        recipient = recipient_named(watched, name, found)
        for leads in [found] if together and found else [[lead] for lead in found]:
            try:
                made = make_packet(
                    leads, recipient, watched, kept, Vault(vault), output, sealing, asked
                )
                copies = [encrypted(made.path, password)] if password else []
            except (PacketError, VaultError, EncryptionError) as incomplete:
                click.echo(f"{leads[0].id}：{incomplete}", err=True)
                short = 1
                continue
            for path in (made.path, *copies):
                click.echo(path)
            short |= _tell(leads[0], made)
    return short


def _password() -> str:
    """Return the password of encrypted copies: from the environment, else as typed twice."""
    typed: str = os.environ.get(PASSWORD) or click.prompt(
        "加密副本的口令", hide_input=True, confirmation_prompt="再输一次", err=True
    )
    return typed


def _tell(lead: Lead, made: Made) -> int:
    """Say what a packet lacks; return the exit code that follows."""
    if made.without:
        click.echo(f"{lead.id}：未附文书，{made.without}（加 --draft 可附草稿）", err=True)
    for fault in made.faults:
        click.echo(f"{made.path}：{fault}", err=True)
    return int(bool(made.without or made.faults))


def _lead(store: Store, lead_id: str) -> Lead | None:
    standing = store.get(lead_id)
    if standing is None:
        click.echo(f"没有线索 {lead_id}", err=True)
        return None
    return standing.lead


class Made(NamedTuple):
    """A packet that was made."""

    path: Path
    faults: tuple[str, ...]
    """What was to be done about its seals and could not be, in Chinese."""
    without: str | None
    """Why it has no papers, in Chinese."""


def make_packet(
    leads: Sequence[Lead],
    recipient: Recipient,
    watched: registry.Registry,
    store: Store,
    vault: Vault,
    folder: Path,
    sealing: Sealing,
    asked: Paperwork = Paperwork(),  # noqa: B008  # frozen
) -> Made:
    """Write the packet of some leads for one recipient into ``folder``.

    Raises:
        PacketError: evidence is missing or damaged, or the file cannot be written.
    """
    dossier = dossier_of(leads, recipient, watched, store, vault)
    try:
        papers, without = written(asked, dossier, watched, vault)
    except VaultError as damaged:
        raise PacketError(f"证据不完整，未制作证据包：{damaged}") from damaged
    whole = replace(dossier, papers=papers)
    made = write_packet(whole, vault=vault, folder=folder, sealing=sealing)
    return Made(made.path, made.faults, without)


def dossier_of(
    leads: Sequence[Lead],
    recipient: Recipient,
    watched: registry.Registry,
    store: Store,
    vault: Vault,
) -> Dossier:
    """Gather what is known about some leads.

    Raises:
        PacketError: evidence is missing or damaged.
    """
    try:
        proofs = exhibits(leads, vault)
    except VaultError as incomplete:
        raise PacketError(f"证据不完整，未制作证据包：{incomplete}") from incomplete
    rights = [watched.rights.get(lead.right) for lead in leads]
    return Dossier(
        leads=leads,
        recipient=recipient,
        exhibits=proofs,
        rights={right.id: right for right in rights if right},
        judgements={lead.id: store.judgements(lead.id) for lead in leads},
    )


def recipient_named(watched: registry.Registry, name: str, leads: Sequence[Lead] = ()) -> Recipient:
    """Return the recipient of a code, id, city or name; the holders of the leads' rights are known.

    Raises:
        click.UsageError: there is none, or the name fits several.
    """
    bureaus = [
        of_bureau(one)
        for one in watched.bureaus.values()
        if name in (one.code, one.name, one.city, one.city.removesuffix("市"))
    ]
    holders = [
        of_holder(watched.rights[lead.right]) for lead in leads if lead.right in watched.rights
    ]
    others = [*watched.desk.recipients.values(), *(holder for holder in holders if holder)]
    named = {one.id: one for one in others if name in (one.id, one.name)}
    fitting = bureaus or list(named.values())
    if len(fitting) != 1:
        cities = "、".join(
            f"{b.city.removesuffix('市')}（{b.code}）" for b in watched.bureaus.values()
        )
        known = "、".join(f"{one.name}（{one.id}）" for one in others)
        raise click.UsageError(f"没有收件单位 {name!r}；可用：{cities}；{known}")
    return fitting[0]


@click.command(short_help="核验证据包")
@click.argument(
    "packets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="证据包..."
)
@click.option(
    "--authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="受信任的时间戳机构证书（PEM）；默认用证据包自带的，并予注明。",
)
@click.option(
    "--signer",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="受信任的签名证书或其签发机构证书（PEM）；默认同上。",
)
@click.option("--sealed", is_flag=True, help="没有有效的签名和时间戳即为不合格。")
def verify(
    packets: tuple[Path, ...], authority: Path | None, signer: Path | None, sealed: bool
) -> int:
    """逐字节核验证据包及其签名、时间戳、保管链；有任何改动则指出是哪个文件，退出码为 1。

    例：  markwatch verify 证据包/*.zip --authority 时间戳机构.pem --sealed
    """
    trust = Trust(_pem(authority), _pem(signer), sealed)
    short = 0
    for path in packets:
        report = examine(path, trust)
        if not report.problems:
            click.echo(f"{path}：完好")
        for line in report.seals:
            click.echo(f"  {line}", err=bool(report.problems))
        for problem in report.problems:
            click.echo(f"{path}：{problem}", err=True)
            short = 1
    return short


def _pem(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path else None
    except OSError as error:
        raise click.UsageError(f"无法读取 {path}（{why(error)}）") from error


COMMANDS = (packet, verify)
