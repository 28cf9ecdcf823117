"""The bank of references on disk: the one place of the matchers that reads and writes files.

``DIR/photos/<right>/*`` are watched photos, ``DIR/logos/<right>/*`` marks, ``DIR/allowed/*`` what
anybody may show. ``Bank.open(folder, cache)`` builds what is new or changed into ``cache`` and maps
it: ``bank.version``, ``bank.faults``, ``bank.copies``, ``bank.logos``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leads.faults import Fault
from matchers.image.seeing.copies import CopyIndex


@dataclass(frozen=True)
class Logo:
    """A mark of the bank, decoded; transparent parts lie on white."""

    right: str
    source: str
    """``logos/<right>/<file>``."""
    pixels: NDArray[np.uint8]
    """RGB, H x W x 3."""


@dataclass(frozen=True)
class Bank:
    """References as of one moment; a bank opened later may be newer, this one does not change."""

    version: str
    """Digest over the content of all references: the same files give the same version."""
    faults: tuple[Fault, ...]
    """References that could not be read: file and reason. The rest stands."""
    copies: CopyIndex
    logos: tuple[Logo, ...]

    @classmethod
    def open(cls, folder: Path, cache: Path) -> Bank:
        """Bring the index in ``cache`` up to date with ``folder`` and map it.

        Raises:
            ConfigError: the folder is not there, or holds no reference at all.
            OSError: the cache cannot be written.
        """
        raise NotImplementedError
