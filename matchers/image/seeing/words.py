"""Words in photos: rapidocr with the models of its package (PP-OCRv6), offline, on one thread."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rapidocr

from leads.sight import Line
from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.numerals import repaired

_GATE_SIDE = 320
_SIDE = 480
"""Pixels of the longer side in which writing is looked for; it is read as large as it is."""
_MODELS = Path(rapidocr.__file__).parent / "models"

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the picture as captured."""


def has_text(photo: Photo) -> bool:
    """Tell, at a tenth of the cost of reading, whether a photo may show writing."""
    found = _engine(_GATE_SIDE, reads=False)(_as_opencv(photo))
    return found.boxes is not None and len(found.boxes) > 0


class Reader:
    """Reads photos, one after the other; models are loaded once a process."""

    def __init__(self) -> None:
        self._engine = _engine(_SIDE, reads=True)

    def read(self, photo: Photo) -> tuple[Line, ...]:
        """Return the lines of a photo in reading order.

        Texts are NFKC; numbers with a check digit that were misread in one way only are put right.
        """
        found = self._engine(_as_opencv(photo))
        if found.boxes is None or not found.txts:
            return ()
        lines = [
            Line(text=repaired(text), box=box, score=min(1.0, max(0.0, float(score))))
            for corners, words, score in zip(found.boxes, found.txts, found.scores, strict=True)
            if (text := unicodedata.normalize("NFKC", words).strip())
            and (box := _box(corners, photo))
        ]
        return tuple(_ordered(lines))


@cache
def _engine(side: int, *, reads: bool) -> Any:
    """Return the engine of this process; given the models' paths it asks no network for them."""
    return rapidocr.RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.use_rec": reads,
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.model_path": str(_MODELS / "PP-OCRv6_det_small.onnx"),
            "Det.limit_type": "max",
            "Det.limit_side_len": side,
            "Rec.model_path": str(_MODELS / "PP-OCRv6_rec_small.onnx"),
            "Rec.rec_batch_num": 1,  # a short line is not padded to the longest
        }
    )


def _as_opencv(photo: Photo) -> cv2.typing.MatLike:
    return cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2BGR)


def _box(corners: Any, photo: Photo) -> Box | None:
    """Return what encloses the corners and lies in the picture as captured."""
    whole = (photo.width, photo.height)
    points = np.asarray(corners, np.float64) * photo.scale
    left, top = np.clip(np.floor(points.min(axis=0)), 0, whole).astype(int).tolist()
    right, bottom = np.clip(np.ceil(points.max(axis=0)), 0, whole).astype(int).tolist()
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def _ordered(lines: list[Line]) -> list[Line]:
    """Order lines as they are read: row by row, in a row from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.box[1] + one.box[3] / 2):
        middle = line.box[1] + line.box[3] / 2
        last = rows[-1][0].box if rows else None
        if last and middle < last[1] + 0.75 * last[3]:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda one: one.box[0])]
