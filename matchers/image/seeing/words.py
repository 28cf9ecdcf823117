"""Words in photos: rapidocr with the models of its package, offline, one thread."""

from __future__ import annotations

from leads.sight import Line
from matchers.image.seeing.decoding import Photo


def has_text(photo: Photo) -> bool:
    """Tell cheaply whether a photo may show writing."""
    raise NotImplementedError


class Reader:
    """Reads photos, one after the other; models are loaded once a process."""

    def read(self, photo: Photo) -> tuple[Line, ...]:
        """Return the lines of a photo in reading order."""
        raise NotImplementedError
