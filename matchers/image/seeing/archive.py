"""Where else a picture was seen: 256-bit fingerprints by the ten million, looked up by nearness.

``Archive.add(sha256, seen)`` and ``Archive.near(seen, most=31) -> [(sha256, distance), ...]``.
"""

from __future__ import annotations

from matchers.image.seeing.fingerprint import Fingerprint


class Archive:
    """Fingerprints seen so far, held in memory; what is added is found from then on."""

    def add(self, sha256: str, seen: Fingerprint) -> None:
        """Remember a picture; one of low quality is not kept, its hash says too little."""
        raise NotImplementedError

    def near(self, seen: Fingerprint, most: int = 31) -> list[tuple[str, int]]:
        """Return pictures within ``most`` bits, nearest first, with their distance."""
        raise NotImplementedError
