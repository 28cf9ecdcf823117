"""Bytes from outside become pixels, or are refused: the only place that touches a picture's bytes.

Whatever the bytes are, decoding takes less than 200 MB and about a second: the header is weighed
before anything is loaded (OpenCV's reader spends 2.3 GB on a PNG of 49 KB, so it never gets bytes).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

Pixels = NDArray[np.uint8]
"""RGB, height x width x 3."""

LONG_SIDE = 1024
"""Pixels of the longer side after decoding, at most."""
MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_MEMORY = 160_000_000
"""Bytes that decoding may take, as far as the header tells."""
MIN_SIDE = 16
"""Pixels of the shorter side as captured below which nothing can be seen (tracking pixels)."""
MIN_SEEN = 8
"""The same once shrunk: a picture may be long and thin, but not a thread."""
MAX_FRAMES = 64
MAX_FRAME_PIXELS = 40_000_000
"""Pixels of all frames that are gone through towards an animation's last, at most."""
MAX_GIF = 4 * 1024 * 1024
"""Bytes of a GIF whose further frames are looked for: they are found one behind the other."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")
_COST = {"JPEG": 3, "MPO": 3, "PNG": 8, "BMP": 8, "GIF": 12, "WEBP": 20, "AVIF": 20}
"""Bytes that a pixel takes while its format is decoded and shrunk, measured."""
_PROGRESSIVE = 8
"""The same for a JPEG that keeps all its coefficients to the end."""
_STILL = ("JPEG", "MPO", "BMP")
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes an EXIF orientation; from 5 on the sides are swapped."""


class Undecodable(Exception):
    """The bytes are no picture that is read, or one that would harm; says why in Chinese."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded picture; pixels count from the top left of the picture as a browser shows it."""

    pixels: Pixels
    """The picture, or an animation's first frame; the long side is at most 1024."""
    width: int
    """Pixels as captured, after the EXIF turn."""
    height: int
    scale: float = 1.0
    """Captured pixels by pixel of ``pixels``."""
    truncated: bool = False
    """The bytes are cut short or damaged; what came was read."""
    others: tuple[Pixels, ...] = ()
    """An animation's middle and last frame, sized like ``pixels``."""


def decode(data: bytes) -> Photo:
    """Return what a browser would show of a picture file, at most 1024 pixels long.

    Raises:
        Undecodable: no picture of :data:`FORMATS`, damaged from the start, too large, too small.
    """
    if not data:
        raise Undecodable("图片文件是空的")
    if len(data) > MAX_BYTES:
        raise Undecodable(f"图片文件过大：{len(data):,} 字节，上限 {MAX_BYTES:,} 字节")
    with _told_as_undecodable():
        try:
            return _photo(data, truncated=False)
        except OSError:  # how Pillow tells of bytes that end too soon
            with _cut_short():
                return _photo(data, truncated=True)


@contextmanager
def _told_as_undecodable() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Undecodable:
        raise
    except Exception as error:  # Pillow's readers raise whatever they run into
        raise Undecodable(f"图片已损坏，无法解码（{type(error).__name__}）") from error


@contextmanager
def _cut_short() -> Iterator[None]:
    """Let Pillow take what came of a picture; it has one switch for the whole process."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _photo(data: bytes, *, truncated: bool) -> Photo:
    image = _open(data)
    width, height = image.size
    orientation = image.getexif().get(_ORIENTATION, 1)
    turn = _TURNS.get(orientation)
    last = _last_frame(image, len(data))
    image.draft("RGB", (LONG_SIDE, LONG_SIDE))
    frames = [_pixels(image, turn)]
    for number in sorted({last // 2, last} - {0}):
        try:
            image.seek(number)
            frames.append(_pixels(image, turn))
        except (EOFError, OSError):  # the first frame stands
            truncated = True
            break
    if turn and orientation >= 5:
        width, height = height, width
    scale = max(width, height) / max(frames[0].shape)
    return Photo(frames[0], width, height, scale, truncated, tuple(frames[1:]))


def _open(data: bytes) -> Image.Image:
    """Read the header and weigh it.

    Raises:
        Undecodable: it is none, or promises too much or too little.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        text = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        kind = (
            "内容是网页或矢量图，不是照片" if text else "不是 JPEG、PNG、WebP、GIF、BMP、AVIF 图片"
        )
        raise Undecodable(kind) from None
    except Image.DecompressionBombError:
        raise Undecodable(f"图片像素过多，上限 {MAX_PIXELS:,}") from None
    pixels = image.width * image.height
    cost = _PROGRESSIVE if image.info.get("progressive") else _COST[image.format or ""]
    most = min(MAX_PIXELS, MAX_MEMORY // cost)
    if pixels > most:
        raise Undecodable(f"图片像素过多：{image.width}×{image.height}，此格式上限 {most:,}")
    short, long = sorted(image.size)
    if short < MIN_SIDE or short * min(1, LONG_SIDE / long) < MIN_SEEN:
        raise Undecodable(f"图片过小或过窄：{image.width}×{image.height}，看不出内容")
    return image


def _last_frame(image: Image.Image, size: int) -> int:
    """Return the number of an animation's last frame, or of the last that is gone through to."""
    most = min(MAX_FRAMES, MAX_FRAME_PIXELS // (image.width * image.height))
    if image.format in _STILL or most < 2:
        return 0
    if image.format != "GIF":  # told in the header
        return min(getattr(image, "n_frames", 1), most) - 1
    if size > MAX_GIF:
        return 0
    last = 0
    try:
        while last + 1 < most:
            image.seek(last + 1)
            last += 1
    except (EOFError, OSError):
        pass
    image.seek(0)
    return last


def _pixels(image: Image.Image, turn: Image.Transpose | None) -> Pixels:
    """Load a frame: on white, 8 bits, RGB, shrunk, turned."""
    image.load()
    if image.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip, not scale
        high = np.asarray(image).astype(np.uint32) >> 8
        image = Image.fromarray(np.minimum(high, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = _shrunk(image.convert("RGBA"))
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    image = _shrunk(image.convert("RGB") if image.mode in ("1", "P", "CMYK", "LA") else image)
    image = image.convert("RGB")
    return np.asarray(image.transpose(turn) if turn else image)


def _shrunk(image: Image.Image) -> Image.Image:
    long = max(image.size)
    if long <= LONG_SIDE:
        return image
    size = [max(1, round(side * LONG_SIDE / long)) for side in image.size]
    return image.resize((size[0], size[1]), Image.Resampling.BICUBIC, reducing_gap=2.0)
