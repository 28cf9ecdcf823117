"""Logos and seals inside photos: local features of all registered marks, pooled in one index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leads.sight import PictureMatch
from matchers.image.seeing.decoding import Photo


@dataclass(frozen=True, eq=False)
class Logo:
    """A registered mark of the bank, decoded."""

    right: str
    source: str
    """``logos/<right>/<file>``."""
    pixels: NDArray[np.uint8]
    """RGB, height x width x 3; transparent parts lie on white."""
    opaque: NDArray[np.uint8] | None = None
    """Alpha, height x width; None where the file has none: then paper is taken to be white."""


class LogoIndex:
    """Registered marks to look for in photos; many threads may ask at once."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Take up what :meth:`arrays` gave."""
        raise NotImplementedError

    @classmethod
    def build(cls, logos: Iterable[Logo]) -> LogoIndex:
        """Return an index of marks; one that has no features is never found."""
        raise NotImplementedError

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the index as plain arrays, to be kept on disk and mapped."""
        raise NotImplementedError

    def find(self, photo: Photo) -> tuple[PictureMatch, ...]:
        """Return where the photo shows a mark, strongest first, one match a logo."""
        raise NotImplementedError
