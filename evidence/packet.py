"""A lead with all that proves it as one zip file, made for one bureau.

The same lead, right, judgements, bureau and captures always give the same bytes: no time of
making, files in order of name, stored without compression. See :mod:`evidence.verify` for the
checks; a time stamp and a signature over the manifest are not part of the packet yet.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from evidence.canonical import canonical, canonical_list
from evidence.exhibit import exhibits
from evidence.summary import summary
from evidence.vault import Vault, VaultError
from leads.faults import why
from leads.model import Bureau, Judgement, Right
from leads.store import Standing

MANIFEST = "manifest-sha256.txt"
MAX_SIZE = 1 << 30
"""Bytes of all files in a packet."""

_INSTRUCTIONS = """核验说明

本证据包中每个文件的 SHA-256 哈希值列在 manifest-sha256.txt 中，一行一个：先哈希值，后文件名。
该清单不含其自身。

一、Windows（无需安装软件）
1. 在压缩包上点右键，选择“全部解压缩”。
2. 在解压所得文件夹的地址栏输入 cmd 并回车，打开命令提示符。
3. 输入（文件名按需替换）：
       certutil -hashfile evidence\\E001-page.bin SHA256
4. 将显示的 64 位字符与清单中该文件的一行比较，完全相同即未改动。

二、Linux
       unzip 证据包.zip -d 文件夹
       cd 文件夹
       sha256sum -c manifest-sha256.txt

三、装有 markwatch 的电脑
       markwatch verify 证据包.zip
   除哈希值外，还检查缺少、多出的文件和压缩包本身的每个字节。

四、能证明什么
哈希值相符，说明文件与制作本证据包时一致。哈希值本身不能证明采集和打包的时间、人员，
也不能证明网页内容真实；这些须由执法人员另行固定证据。

evidence 文件夹中的 .bin 文件是网页的原始字节，可能含有脚本，请勿改名后在联网的电脑上打开。
"""


class PacketError(Exception):
    """The packet cannot be made; the message says in Chinese what is missing. Nothing is left."""


def write_packet(
    standing: Standing,
    *,
    right: Right | None,
    judgements: Sequence[Judgement],
    bureau: Bureau,
    vault: Vault,
    folder: Path,
) -> Path:
    """Write the packet of a lead for ``bureau`` into ``folder`` and return its path.

    The file appears under its name only when it is whole and on the disk; one of the same name is
    replaced.

    Raises:
        PacketError: evidence is missing or damaged, or the file cannot be written.
    """
    lead = standing.lead
    if not re.fullmatch(r"L[0-9a-f]{12}", lead.id):
        raise PacketError(f"线索编号不合规则：{lead.id[:80]!r}")
    try:
        proofs = exhibits(lead.listing, vault)
    except VaultError as incomplete:
        raise PacketError(f"证据不完整，未制作证据包：{incomplete}") from incomplete
    page = summary(standing, right=right, judgements=judgements, bureau=bureau, exhibits=proofs)
    files = {
        "lead.json": canonical(lead),
        "listing.json": canonical(lead.listing),
        "judgements.json": canonical_list(judgements),
        "recipient.json": canonical(bureau),
        "线索摘要.html": page.encode(),
        # Notepad before 2019 needs the mark and both line ends.
        "核验说明.txt": _INSTRUCTIONS.replace("\n", "\r\n").encode("utf-8-sig"),
        **({"right.json": canonical(right)} if right else {}),
        **{proof.file: proof.body for proof in proofs},
        **{proof.record_file: canonical(proof.record) for proof in proofs},
    }
    size = sum(map(len, files.values()))
    if size > MAX_SIZE:
        raise PacketError(f"证据共 {size} 字节，超过上限 {MAX_SIZE} 字节")
    files[MANIFEST] = _manifest(files)
    path = folder / f"证据包-{bureau.code}-{lead.id}.zip"
    try:
        _write(path, files)
    except OSError as error:
        raise PacketError(f"无法写入 {path}：{why(error)}") from error
    return path


def _manifest(files: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def _write(path: Path, files: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            _zip(file, files)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _zip(file: IO[bytes], files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # dated 1980-01-01
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, files[name])
