"""A packet's files as a BagIt bag (RFC 8493): manifests in SHA-256 and SM3, and what lists them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

SEALED = "tagmanifest-sha256.txt"
"""What is signed and stamped: it lists both manifests, and they list everything else."""
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def bag(payload: Mapping[str, bytes], info: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files of the bag by name: ``payload`` below ``data/``, tag files beside it.

    ``info`` is what bag-info.txt says besides the number of bytes and files.
    """
    files = {f"data/{name}": body for name, body in payload.items()}
    oxum = f"{sum(map(len, files.values()))}.{len(files)}"
    labels = {**info, "Payload-Oxum": oxum}
    tags = {
        "bag-info.txt": "".join(f"{name}: {labels[name]}\n" for name in sorted(labels)).encode(),
        "bagit.txt": _DECLARATION,
        "manifest-sha256.txt": manifest(files, "sha256"),
        "manifest-sm3.txt": manifest(files, "sm3"),
    }
    lists = {f"tagmanifest-{name}.txt": manifest(tags, name) for name in ("sha256", "sm3")}
    return {**files, **tags, **lists}


def manifest(files: Mapping[str, bytes], algorithm: str) -> bytes:
    """Return digest and name of each file, a line each, in order of name."""
    lines = (
        f"{hashlib.new(algorithm, files[name]).hexdigest()}  {name}\n" for name in sorted(files)
    )
    return "".join(lines).encode()
