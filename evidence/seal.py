"""Signature and time stamp of a packet, and what is said where there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.bag import SEALED
from evidence.canonical import canonical_json
from evidence.instructions import instructions
from evidence.sealing import Sealing
from evidence.signature import SignatureError, sign
from evidence.stamp import TOLERATED, Stamped, StampError, stamp
from leads.beijing import told

STATUS = "stamp-status.json"


@dataclass(slots=True)
class Seal:
    """What is put beside the manifests, and what is told of it."""

    files: dict[str, bytes] = field(default_factory=dict)
    status: dict[str, object] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """In Chinese, a line each."""
    faults: list[str] = field(default_factory=list)
    """What was to be done and could not be."""


def seal(manifest: bytes, sealing: Sealing) -> Seal:
    """Sign and stamp ``manifest`` as configured; what fails is told, never raised."""
    done = Seal()
    _sign(manifest, sealing, done)
    _stamp(manifest, sealing, done)
    done.files["核验说明.txt"] = instructions(done.told)
    status = {"schema": 1, "sealed": SEALED, **done.status, "files": _digests(done.files)}
    # No list can hold it, so it holds its own digest.
    digest = hashlib.sha256(canonical_json(status)[:-1]).hexdigest()
    done.files[STATUS] = canonical_json({**status, "digest": digest})
    return done


def _sign(manifest: bytes, sealing: Sealing, done: Seal) -> None:
    if sealing.signer is None:
        done.status["signature"] = {"state": "none"}
        done.told.append("没有签名：制作单位未配置签名。")
        return
    try:
        signature, certificate = sign(manifest, sealing.signer)
    except SignatureError as failed:
        done.status["signature"] = {"state": "failed", "reason": str(failed)}
        done.told.append(f"签名未成功：{failed}。")
        done.faults.append(f"签名未成功：{failed}")
        return
    state = "external" if sealing.signer.command else "signed"
    done.status["signature"] = {"state": state}
    done.files |= {f"{SEALED}.p7s": signature, "signer.pem": certificate}
    by = "由签名设备作出，须用该设备的工具或 openssl 核验" if state == "external" else "已签名"
    done.told.append(f"签名：{by}，证书见 signer.pem。")


def _stamp(manifest: bytes, sealing: Sealing, done: Seal) -> None:
    if not sealing.authorities:
        done.status["stamp"] = {"state": "none"}
        done.told.append("没有时间戳：制作单位未配置时间戳机构。")
        return
    try:
        stamped = stamp(manifest, sealing.authorities)
    except StampError as failed:
        done.status["stamp"] = {"state": "failed", "reason": str(failed)}
        done.told.append(f"时间戳未成功：{failed}。")
        done.faults.append(f"时间戳未成功：{failed}")
        return
    done.status["stamp"] = _facts(stamped)
    done.files |= {
        f"{SEALED}.tsq": stamped.request,
        f"{SEALED}.tsr": stamped.reply,
        "authority.pem": stamped.roots,
    }
    done.told.append(
        f"时间戳：{told(stamped.facts.time)}（北京时间），机构 {stamped.authority.name}，"
        f"序号 {stamped.facts.serial}。"
    )
    if note := clock_note(stamped):
        done.told.append(note)
        done.faults.append(note)


def _facts(stamped: Stamped) -> Mapping[str, object]:
    note = clock_note(stamped)
    return {
        "state": "stamped",
        "authority": stamped.authority.name,
        "url": str(stamped.authority.url),
        "time": stamped.facts.time.isoformat(),
        "policy": stamped.facts.policy,
        "serial": stamped.facts.serial,
        **({"note": note} if note else {}),
    }


def clock_note(stamped: Stamped) -> str | None:
    """Return what to say where the authority's clock and ours differ too much."""
    if abs(stamped.ahead) <= TOLERATED:
        return None
    way = "慢" if stamped.ahead > 0 else "快"
    return f"制作证据包的电脑时钟比时间戳机构{way} {abs(stamped.ahead):.0f} 秒，请核对时钟"


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
