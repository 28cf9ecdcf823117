"""Benchmark of evidence: keeping captures, making a packet, verifying one.

Sizes are those a bureau meets: a packet of ten listings with thirty pictures, and one of 100 MB.
Bytes are random and seeded, so that nothing compresses. ``sha256sum`` reads the very same bytes.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from evidence.exhibit import exhibits
from evidence.packet import Dossier, write_packet
from evidence.papers import Case, papers
from evidence.vault import Vault
from evidence.verify import verify
from leads.model import Exchange, Finding, Hit, Lead, Listing, Picture, Seller, Triage, lead_id
from leads.recipients import Recipient, RecipientKind

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
BUREAU = Recipient(id="140100", kind=RecipientKind.BUREAU, name="某市市场监督管理局")
OFFICE = Recipient(id="140000", kind=RecipientKind.OWN, name="某省市场监督管理局")
RUNS = 3
LISTINGS = 40
LIMITS = {"packet_with_papers_s": 5.0, "verify_to_sha256sum": 1.5}
"""What must not be exceeded."""


@dataclass
class Made:
    """Leads whose captures lie in a vault."""

    vault: Vault
    leads: list[Lead]

    def dossier(self) -> Dossier:
        """Read everything that goes into the packet."""
        return Dossier(self.leads, BUREAU, exhibits(self.leads, self.vault))


def make(folder: Path, listings: int, pictures: int, size: int) -> Made:
    """Keep ``listings`` pages with ``pictures`` each of about ``size`` bytes."""
    chance = random.Random(20261122)  # noqa: S311  # sizes and contents, no secrets
    vault = Vault(folder)
    return Made(vault, [_lead(number, vault, pictures, size, chance) for number in range(listings)])


def _lead(number: int, vault: Vault, pictures: int, size: int, chance: random.Random) -> Lead:
    url = f"https://shop.example/{number}"
    shots = [_photo(size, chance) for _ in range(pictures)]
    kept = [_keep(vault, body, f"{url}/{at}.jpg", "image/jpeg") for at, body in enumerate(shots)]
    page = f"<html>{chance.getrandbits(64)}{'某老陈醋' * 10_000}</html>".encode()
    listing = Listing(
        site="shop",
        ref=str(number),
        url=url,
        title=f"某老陈醋 {number}",
        seller=Seller(ref="1", name="某店", company="某县某醋业有限公司"),
        pictures=tuple(
            Picture(url=f"{url}/{at}.jpg", sha256=digest) for at, (_, digest) in enumerate(kept)
        ),
        captured_at=NIGHT,
        capture=_keep(vault, page, url, "text/html")[0],
    )
    hit = Hit(
        right="gi", name="某老陈醋", finding=Finding.GI_NAME, matcher="names", score=0.9,
        reason="疑似使用地理标志名称",
    )  # fmt: skip
    return Lead(
        id=lead_id("shop", str(number), "gi"), right="gi", right_name="某老陈醋", listing=listing,
        triage=Triage.LEAD, score=0.9, hits=(hit,), law_day=date(2026, 11, 22), found_at=NIGHT,
    )  # fmt: skip


def _photo(size: int, chance: random.Random) -> bytes:
    """Return a picture of some 30 kB that opens, with as much behind it as is wanted."""
    from io import BytesIO

    from PIL import Image

    whole = BytesIO()
    noise = Image.frombytes("RGB", (100, 75), chance.randbytes(100 * 75 * 3))
    noise.resize((800, 600)).save(whole, "JPEG", quality=80)
    return whole.getvalue() + chance.randbytes(max(0, size - whole.tell()))


def _keep(vault: Vault, body: bytes, url: str, media_type: str) -> tuple[str, str]:
    exchange = Exchange(
        requested=url,
        request="GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        response="HTTP/1.1 200 OK\r\nServer: x\r\n\r\n",
    )
    kept = vault.keep(
        body, media_type=media_type, captured_at=NIGHT, how="http", url=url, exchange=exchange
    )
    return kept.id, kept.sha256


def timed(work: Callable[[], Any]) -> float:
    """Return the fewest seconds of some runs: what else goes on in the machine only adds."""
    return min(_once(work) for _ in range(RUNS))


def _once(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def captures(folder: Path) -> Iterator[tuple[str, float]]:
    """Measure keeping a listing: a page of 120 kB and three pictures of 100 kB with their records.

    As a crawl does it (CPU time; the disk has until the next sync), and synced at once.
    """
    chance = random.Random(20261122)  # noqa: S311  # contents, no secrets
    bodies = [chance.randbytes(size) for _ in range(LISTINGS) for size in (120_000, *[100_000] * 3)]
    for name, at_once, clock in (
        ("capture_cpu_ms", False, time.process_time),
        ("capture_synced_ms", True, time.perf_counter),
    ):
        vault = Vault(folder / name, at_once=at_once)
        began = clock()
        for number, body in enumerate(bodies):
            _keep(vault, body, f"https://shop.example/{number}", "image/jpeg")
        yield name, 1000 * (clock() - began) / LISTINGS
    began = time.process_time()
    for body in bodies:
        hashlib.sha256(body).digest()
        hashlib.new("sm3", body).digest()
    yield "of_which_hashing_ms", 1000 * (time.process_time() - began) / LISTINGS


def packets(folder: Path) -> Iterator[tuple[str, float]]:
    """Measure the packet of ten listings with thirty pictures, without and with its papers."""
    made = make(folder / "ten", 10, 3, 150_000)

    def bare() -> Path:
        dossier = made.dossier()
        return write_packet(dossier, vault=made.vault, folder=folder / "bare").path

    def whole() -> Path:
        dossier = made.dossier()
        case = Case(leads=made.leads, sender=OFFICE, exhibits=dossier.exhibits)
        written = papers(case, BUREAU, draft=True)
        full = Dossier(made.leads, BUREAU, dossier.exhibits, papers=written)
        return write_packet(full, vault=made.vault, folder=folder / "whole").path

    yield "packet_s", timed(bare)
    yield "packet_with_papers_s", timed(whole)
    path = whole()
    yield "packet_mb", path.stat().st_size / 1e6
    yield "packet_verify_s", timed(lambda: verify(path))


def verifications(folder: Path) -> Iterator[tuple[str, float]]:
    """Measure verifying 100 MB, beside ``sha256sum`` on the same files."""
    made = make(folder / "large", 10, 5, 1_000_000)
    packet = write_packet(made.dossier(), vault=made.vault, folder=folder / "100").path
    shutil.unpack_archive(packet, folder / "unpacked")
    files = [str(path) for path in (folder / "unpacked").rglob("*") if path.is_file()]
    command = [shutil.which("sha256sum") or "sha256sum", *files]

    def summed() -> None:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # our own files

    if problems := verify(packet):
        raise SystemExit(f"the packet is faulty: {problems[0]}")
    pairs = [(_once(lambda: verify(packet)), _once(summed)) for _ in range(2 * RUNS)]
    yield "large_mb", packet.stat().st_size / 1e6
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    yield "verify_s", ours
    yield "sha256sum_s", theirs
    yield "verify_to_sha256sum", ours / theirs


@click.command()
@click.option("--json", "to", type=click.Path(path_type=Path))
def main(to: Path | None) -> None:
    """Measure what evidence costs."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in (captures, packets, verifications):
            for name, value in part(Path(folder)):
                figures[name] = round(value, 3)
                limit = f"   (limit {LIMITS[name]})" if name in LIMITS else ""
                click.echo(f"{name:<24}{value:>10.3f}{limit}")
    if to:
        to.write_text(json.dumps(figures), "utf-8")
    over = [name for name, limit in LIMITS.items() if figures[name] > limit]
    if over:
        raise SystemExit(f"over the limit: {', '.join(over)}")


if __name__ == "__main__":
    main()
