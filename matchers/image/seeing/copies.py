"""Copies of known photos: from hashes and votes of local features to a match that can be drawn.

``CopyIndex.explained(photo, seen)`` names the allowed picture that a picture is, or None;
``CopyIndex.find(photo, seen)`` returns its matches, strongest first, at most one a reference.
``seen`` is the picture's :class:`~matchers.image.seeing.fingerprint.Fingerprint`.
"""

from __future__ import annotations

from leads.sight import PictureMatch
from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.fingerprint import Fingerprint


class CopyIndex:
    """References to hold pictures against; many threads may ask at once."""

    def explained(self, photo: Photo, seen: Fingerprint) -> str | None:
        """Return the source of the allowed picture that this picture, as a whole, is."""
        raise NotImplementedError

    def find(self, photo: Photo, seen: Fingerprint) -> tuple[PictureMatch, ...]:
        """Return where the picture shows a reference, strongest first, one match a reference."""
        raise NotImplementedError
