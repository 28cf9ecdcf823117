"""What signature and time stamp of a packet prove, and by whose word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence.verify.bag import SEALED, UNLISTED
from evidence.verify.contents import Contents
from evidence.verify.findings import Report, shown
from evidence.verify.tokens import (
    SealError,
    UnreadableError,
    certificates,
    check_signature,
    check_stamp,
)
from leads.beijing import told

STATUS = "stamp-status.json"
_SIGNATURE, _STAMP = f"{SEALED}.p7s", f"{SEALED}.tsr"
_WORDS = {"signature": "签名", "stamp": "时间戳"}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the verifier believes, besides what the packet brings along."""

    authorities: bytes | None = None
    """Certificates (PEM) of time-stamp authorities; None: those in the packet, which is told."""
    signers: bytes | None = None
    """Certificates (PEM) of signers, or of who certifies them; None as above."""
    sealed: bool = False
    """Whether a packet without valid signature and stamp is faulty."""


def check(contents: Contents, trust: Trust, report: Report) -> None:
    """Check the seals and tell what they say; one that is missing is told, too."""
    status = contents.json(STATUS, report)
    data = contents.text(SEALED)
    if status is None or data is None:
        return
    _hold(status, contents, report)
    at = _stamp(status, data, contents, trust, report)
    _signature(status, data, at, contents, trust, report)
    _days(contents, trust, report)


def _hold(status: Mapping[str, object], contents: Contents, report: Report) -> None:
    """Hold the files that came after the manifests against the status, which lists them."""
    said = {name: value for name, value in status.items() if name != "digest"}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    if status.get("digest") != digest:
        report.add(STATUS, "内容已改动")
    listed = status.get("files")
    listed = listed if isinstance(listed, dict) else {}
    present = {name for name in contents.names if name in UNLISTED[3:]}
    for name in sorted(present | listed.keys()):
        found = contents.files.get(name)
        if name not in contents.names:
            report.add(name, f"{STATUS} 中有，证据包中缺少")
        elif name not in listed:
            report.add(name, f"多出的文件，{STATUS} 中没有")
        elif found and found.sha256 != listed[name]:
            report.add(name, f"内容已改动，与 {STATUS} 中的哈希值不符")


def _state(kind: str, file: str, status: Mapping[str, Any], contents: Contents) -> str | None:
    """Return why there is no such seal, in Chinese; None where there is one."""
    if file in contents.names:
        return None
    said = _said(kind, status)
    if said.get("state") == "failed":
        return f"{_WORDS[kind]}未成功：{shown(str(said.get('reason')), 500)}"
    return f"没有{_WORDS[kind]}"


def _said(kind: str, status: Mapping[str, Any]) -> Mapping[str, Any]:
    said = status.get(kind)
    return said if isinstance(said, dict) else {}


def _stamp(
    status: Mapping[str, Any], data: bytes, contents: Contents, trust: Trust, report: Report
) -> datetime | None:
    """Return the time of a valid stamp."""
    missing = _state("stamp", _STAMP, status, contents)
    reply = contents.text(_STAMP)
    if missing is not None or reply is None:
        _without("stamp", missing, _STAMP, trust, report)
        return None
    roots, whose = _roots(trust.authorities, "authority.pem", contents)
    try:
        stamp = check_stamp(reply, data, roots)
    except SealError as refused:
        report.add(_STAMP, f"时间戳无效：{refused}")
        return None
    report.seals.append(f"时间戳有效：{told(stamp.time)}（北京时间），序号 {stamp.serial}，{whose}")
    late = _said("stamp", status).get("note")
    if isinstance(late, str):
        report.seals.append(shown(late, 500))
    return stamp.time


def _signature(
    status: Mapping[str, Any],
    data: bytes,
    at: datetime | None,
    contents: Contents,
    trust: Trust,
    report: Report,
) -> None:
    missing = _state("signature", _SIGNATURE, status, contents)
    signature = contents.text(_SIGNATURE)
    if missing is not None or signature is None:
        _without("signature", missing, _SIGNATURE, trust, report)
        return
    roots, whose = _roots(trust.signers, "signer.pem", contents)
    try:
        check_signature(signature, data, roots, at)
    except UnreadableError as unreadable:
        by_device = _said("signature", status).get("state") == "external"
        if by_device and not trust.sealed:
            report.seals.append("签名由签名设备作出，此处无法核验，须用该设备的工具核验")
        else:
            report.add(_SIGNATURE, f"签名无效：{unreadable}")
        return
    except SealError as refused:
        report.add(_SIGNATURE, f"签名无效：{refused}")
        return
    report.seals.append(f"签名有效，{whose}")


def _without(kind: str, missing: str | None, file: str, trust: Trust, report: Report) -> None:
    if missing is None:  # there, but unsound: that has been told
        return
    if trust.sealed:
        report.add(file, missing)
    else:
        report.seals.append(missing)


def _roots(given: bytes | None, name: str, contents: Contents) -> tuple[bytes, str]:
    """Return the trusted certificates and, in Chinese, whose word that is."""
    if given is not None:
        return given, "依据核验人指定的证书"
    pem = contents.text(name) or b""
    try:
        named = shown("、".join(certificates(pem)), 500)
    except SealError:
        named = "无法解读"
    return pem, f"依据证据包自带的证书 {named}，须与签发机构公布的证书核对"


def _days(contents: Contents, trust: Trust, report: Report) -> None:
    """Check the stamps at the end of the custody log's days."""
    for name in sorted(contents.names):
        if not name.startswith("data/custody/") or not name.endswith(".head.tsr"):
            continue
        head, reply = contents.text(name.removesuffix(".tsr")), contents.text(name)
        if head is None or reply is None:
            report.add(name, "缺少所盖的末端记录")
            continue
        roots, _ = _roots(trust.authorities, name.removesuffix("tsr") + "pem", contents)
        _day(name, head, reply, roots, report)


def _day(name: str, head: bytes, reply: bytes, roots: bytes, report: Report) -> None:
    day = name.split("/")[-1].removesuffix(".head.tsr")
    try:
        stamp = check_stamp(reply, head, roots)
    except SealError as refused:
        report.add(name, f"时间戳无效：{refused}")
    else:
        report.seals.append(f"{day} 保管链末端时间戳有效：{told(stamp.time)}（北京时间）")
