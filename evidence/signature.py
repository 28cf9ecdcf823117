"""The bureau's signature: detached CMS (RFC 5652), with a key of its own or by a device."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from evidence.sealing import Signer
from evidence.verify.tokens import SealError, check_signature
from leads.faults import why

PASSWORD = "MARKWATCH_KEY_PASSWORD"  # noqa: S105  # where it stands, not what it is
_SECONDS = 120
"""How long a device may take; somebody may have to touch it."""


class SignatureError(Exception):
    """Nothing was signed; the message says why, in Chinese."""


def sign(data: bytes, signer: Signer) -> tuple[bytes, bytes]:
    """Return the signature (DER) over ``data`` and the signer's certificates (PEM).

    Raises:
        SignatureError: the key cannot be used, or the command fails.
    """
    certificate = _read(signer.certificate)
    if signer.key is None:
        return _by_command(data, signer.command), certificate
    signature = _by_key(data, _read(signer.key), certificate)
    try:
        check_signature(signature, data, certificate, None)
    except SealError as refused:
        raise SignatureError(str(refused)) from refused
    return signature, certificate


def _by_key(data: bytes, key: bytes, certificate: bytes) -> bytes:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            load_pem_private_key,
            pkcs7,
        )
        from cryptography.x509 import load_pem_x509_certificates
    except ImportError as missing:
        raise SignatureError("缺少组件，请安装：pip install 'markwatch[papers]'") from missing
    password = os.environ.get(PASSWORD)
    try:
        private = load_pem_private_key(key, password.encode() if password else None)
        own, *others = load_pem_x509_certificates(certificate)
    except (ValueError, TypeError, UnsupportedAlgorithm) as unusable:
        raise SignatureError(f"私钥或证书无法使用，或 {PASSWORD} 不对") from unusable
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SignatureError("私钥应为 RSA 或 ECDSA；其他算法请用 command")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(own, private, SHA256())
    for other in others:
        builder = builder.add_certificate(other)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return builder.sign(Encoding.DER, options)


def _by_command(data: bytes, command: tuple[str, ...]) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  # the bureau's own, from its config
            command, input=data, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise SignatureError(f"签名命令在 {_SECONDS} 秒内没有结束") from late
    except OSError as error:
        raise SignatureError(f"签名命令无法运行（{why(error)}）") from error
    if done.returncode or not done.stdout:
        told = done.stderr.decode(errors="replace").strip()[:200]
        raise SignatureError(f"签名命令失败（退出码 {done.returncode}）{told}")
    return done.stdout


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SignatureError(f"无法读取 {path}（{why(error)}）") from error
