"""Time stamps (RFC 3161) and detached signatures (CMS, RFC 5652): are they over these bytes?

``rfc3161-client`` is asked first. It wants strict DER, which not every authority writes, so what it
refuses is put to ``openssl ts -verify``; signatures go to ``openssl cms -verify``.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

_SECONDS = 30
"""How long an ``openssl`` may take."""


_NOT_THIS = ("digest failure", "content verify error", "signature failure", "verification failure")
"""What openssl says of a signature over something else, or by another key."""


class SealError(Exception):
    """The stamp or signature proves nothing about these bytes; the message says why, in Chinese."""


class UnreadableError(SealError):
    """It is of a form that nothing here can read."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time stamp says."""

    time: datetime
    policy: str
    serial: str


def check_stamp(reply: bytes, data: bytes, roots: bytes) -> Stamp:
    """Return what an authority's reply says of ``data``.

    Args:
        reply: the whole reply, DER. data: what was to be stamped.
        roots: certificates (PEM) that are trusted.

    Raises:
        SealError: it is no stamp, or of other bytes, or not by a trusted authority.
    """
    strictly, why = _by_client(reply, data, roots)
    if strictly is not None:
        return strictly
    try:
        return _by_openssl(reply, data, roots)
    except SealError as refused:
        raise SealError(why or str(refused)) from refused


def check_signature(signature: bytes, data: bytes, roots: bytes, at: datetime | None) -> None:
    """Check a detached CMS signature (DER) over ``data``, as of ``at`` where that is known.

    Raises:
        UnreadableError: it is none, or by an algorithm openssl does not have, such as SM2.
        SealError: it is of other bytes, or not by a trusted signer.
    """
    moment = f" -attime {int(at.timestamp())}" if at else ""
    done = _openssl(
        "cms -verify -binary -inform DER -in s -content d -out o"
        f" -CAfile r -partial_chain -purpose any{moment}",
        {"s": signature, "d": data, "r": roots},
    )
    if done.returncode == 0:
        return
    told = done.stderr.decode(errors="replace")
    if any(words in told for words in _NOT_THIS):
        raise SealError("签名不是对本文件所作，或签名已改动")
    if "certificate verify error" in told:
        raise SealError("签名证书不受信任或已过期")
    raise UnreadableError("签名无法解读")


def certificates(pem: bytes) -> list[str]:
    """Return subject and SHA-256 fingerprint of each certificate in ``pem``, as officers read them.

    Raises:
        SealError: there is none, or one is broken.
    """
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", pem, re.DOTALL)
    told = []
    for block in blocks:
        done = _openssl(
            "x509 -in c -noout -subject -nameopt utf8,sep_comma_plus -fingerprint -sha256",
            {"c": block},
        )
        if done.returncode:
            raise SealError("证书无法解读")
        subject, _, print_ = done.stdout.decode(errors="replace").strip().partition("\n")
        digits = print_.rpartition("=")[2].replace(":", "").lower()
        told.append(f"{subject.removeprefix('subject=').strip()}（SHA-256 指纹 {digits}）")
    if not told:
        raise SealError("没有证书")
    return told


def _by_client(reply: bytes, data: bytes, roots: bytes) -> tuple[Stamp | None, str | None]:
    """Return what the strict library says, or why not where that is beyond doubt."""
    try:
        from cryptography.x509 import load_pem_x509_certificates
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
    except ImportError:
        return None, None
    try:
        response = decode_timestamp_response(reply)
        if response.status not in (0, 1):
            return None, f"时间戳机构拒绝了请求（状态 {response.status}）"
        token = response.tst_info
    except ValueError:
        return None, None
    if not _imprinted(response, data):
        return None, "时间戳不是盖在本文件上的"
    try:
        VerifierBuilder(roots=load_pem_x509_certificates(roots)).build().verify_message(
            response, data
        )
    except (VerificationError, ValueError):
        return None, None
    serial = f"{token.serial_number:X}"
    return Stamp(token.gen_time.astimezone(UTC), token.policy.dotted_string, serial), None


def _imprinted(response: TimeStampResponse, data: bytes) -> bool:
    said = response.tst_info.message_imprint.message
    return said in [hashlib.new(name, data).digest() for name in ("sha256", "sha384", "sha512")]


_TEXT = re.compile(
    r"Policy OID: (?P<policy>\S+).*?Serial number: 0x(?P<serial>[0-9A-F]+)"
    r".*?Time stamp: (?P<time>\w{3} +\d+ [\d:]+)(?:\.\d+)? (?P<year>\d{4}) GMT",
    re.DOTALL,
)


def _by_openssl(reply: bytes, data: bytes, roots: bytes) -> Stamp:
    shown = _openssl("ts -reply -in s -text", {"s": reply})
    found = _TEXT.search(shown.stdout.decode(errors="replace"))
    if shown.returncode or found is None:
        raise SealError("应答不是时间戳")
    words = f"{found['time']} {found['year']}"
    time = datetime.strptime(words, "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    done = _openssl(
        f"ts -verify -data d -in s -CAfile r -partial_chain -attime {int(time.timestamp())}",
        {"s": reply, "d": data, "r": roots},
    )
    if done.returncode:
        told = done.stderr.decode(errors="replace")
        imprint = "message imprint mismatch" in told
        raise SealError("时间戳不是盖在本文件上的" if imprint else "时间戳的签发机构不受信任")
    return Stamp(time, found["policy"], found["serial"].lstrip("0") or "0")


def _openssl(words: str, files: Mapping[str, bytes]) -> subprocess.CompletedProcess[bytes]:
    """Run ``openssl`` in a folder that holds ``files`` and nothing else."""
    program = shutil.which("openssl")
    if program is None:
        raise SealError("本机没有 openssl，无法核验")
    with tempfile.TemporaryDirectory() as folder:
        for name, body in files.items():
            (Path(folder) / name).write_bytes(body)
        try:
            return subprocess.run(  # noqa: S603  # fixed words; what is foreign lies in files
                [program, *words.split()],
                cwd=folder,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired) as failed:
            raise SealError("openssl 未能完成核验") from failed
