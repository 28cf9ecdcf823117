"""One picture becomes one sight: decoded, fingerprinted, held against the bank, read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leads.sight import Depth, Legible, Line, PictureMatch, Sight
from matchers.image.seeing.bank import Bank
from matchers.image.seeing.decoding import Photo, Undecodable, decode
from matchers.image.seeing.fingerprint import Fingerprint, fingerprint
from matchers.image.seeing.logos import LogoIndex
from matchers.image.seeing.repeats import Repeats
from matchers.image.seeing.words import Reader, has_text

REVISION = 1
"""Grows when the same picture and bank would give another sight."""


class Looker:
    """Looks at pictures, one after the other; without a bank it only reads them.

    Pure but for what it loads when made: the bank is mapped, the reader's models come with it.
    """

    def __init__(self, bank: Bank | None, reader: Reader) -> None:
        self._bank = bank
        self._logos = bank.logos if bank else LogoIndex.build(())
        self._reader = reader
        self._repeats = Repeats()
        self.version = f"{REVISION}.{bank.version if bank else 'none'}"
        """What every sight is marked with: another version may see other things."""

    def look(self, sha256: str, data: bytes, depth: Depth = Depth.WORDS) -> Sight:
        """Return what a picture shows, as far as ``depth`` says; of a copy everything."""
        try:
            photo = decode(data)
        except Undecodable as refused:
            return Sight(
                sha256=sha256,
                legible=Legible.REFUSED,
                reason=str(refused),
                bank=self.version,
                read=True,
            )
        seen = fingerprint(photo)
        known = self._repeats.find(photo, seen)
        sight = (known or self._sight(sha256, photo, seen, depth)).model_copy(
            update={
                "sha256": sha256,
                "legible": Legible.TRUNCATED if photo.truncated else Legible.OK,
                "width": photo.width,
                "height": photo.height,
                "phash": seen.phash,
                "pdq": seen.pdq,
                "quality": seen.quality,
            }
        )
        if sight.read and not known:
            self._repeats.remember(photo, seen, sight)
        return sight

    def _sight(self, sha256: str, photo: Photo, seen: Fingerprint, depth: Depth) -> Sight:
        """Return what the bank and the reader say."""
        sight = Sight(sha256=sha256, legible=Legible.OK, bank=self.version, read=True)
        if self._bank and (allowed := self._bank.copies.explained(photo, seen)):
            return sight.model_copy(update={"allowed": allowed})
        frames = list(_frames(photo))
        matches = [match for frame in frames for match in self._copies(frame)]
        if matches:
            depth = Depth.WORDS
        lines: list[Line] = []
        if depth >= Depth.MARKS:
            matches += [match for frame in frames for match in self._marks(frame)]
        if depth >= Depth.WORDS:
            lines = [line for frame in frames for line in self._words(frame)]
        return sight.model_copy(
            update={
                "matches": tuple(_once(matches)),
                "lines": tuple(dict.fromkeys(lines)),
                "read": depth >= Depth.WORDS,
            }
        )

    def _copies(self, photo: Photo) -> tuple[PictureMatch, ...]:
        return self._bank.copies.find(photo, fingerprint(photo)) if self._bank else ()

    def _marks(self, photo: Photo) -> tuple[PictureMatch, ...]:
        return self._logos.find(photo)

    def _words(self, photo: Photo) -> tuple[Line, ...]:
        return self._reader.read(photo) if has_text(photo) else ()


def _frames(photo: Photo) -> Iterator[Photo]:
    """Yield the picture, and an animation's further frames as pictures of their own."""
    yield replace(photo, others=())
    for pixels in photo.others:
        yield replace(photo, pixels=pixels, others=())


def _once(matches: list[PictureMatch]) -> Iterator[PictureMatch]:
    """Yield the clearest match of each reference, strongest first."""
    told: set[tuple[str, str]] = set()
    for match in sorted(matches, key=lambda one: (not one.certain, -one.score, one.source)):
        if (match.kind, match.source) not in told:
            told.add((match.kind, match.source))
            yield match
