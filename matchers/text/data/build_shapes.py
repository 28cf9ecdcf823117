"""Builds shapes.txt: which characters look alike, from rendered glyphs and Unihan data.

Run ``python matchers/text/data/build_shapes.py`` on Debian with the packages fonts-noto-cjk,
fonts-wqy-zenhei, fonts-arphic-ukai and unicode-data; the result does not depend on chance. Method:
each pair of GB2312 characters is measured by

- correlation of the blurred glyphs in four fonts, whole, by halves, and of each glyph with the
  stretched part of the other (so that a shared component counts),
- edit similarity, and containment, of the Cangjie codes (kCangjie),
- equal digits of the four-corner code (kFourCornerCode) and difference of strokes (kTotalStrokes),

and the measures are weighed by a logistic function fitted once with ``--fit`` on the pairs of
look_alikes.txt against random pairs. Only numbers derived from the fonts and from Unihan
(Unicode License v3) are kept.
"""

from __future__ import annotations

import argparse
import bz2
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Indel

FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/arphic/ukai.ttc", 0),
)
UNIHAN = Path("/usr/share/unicode")
SIZE, SMALL = 48, 24
NEAREST, FLOOR = 60, 0.02
HERE = Path(__file__).parent

# Bias, then one weight a measure in the order of `measures`; fitted with --fit.
WEIGHTS = (
    -2.723,
    -1.188,
    0.943,
    -0.200,
    0.117,
    -5.273,
    -0.752,
    -4.606,
    -1.071,
    7.347,
    1.249,
    3.329,
    -0.155,
    -1.391,
    0.678,
    5.935,
    3.684,
    1.241,
    3.677,
    -1.283,
    -1.497,
    -0.464,
    0.174,
    -0.768,
    2.872,
    -2.345,
    -0.272,
    -0.641,
    -3.269,
    -3.138,
    -3.685,
    1.721,
    -0.171,
    4.524,
    -1.554,
    -2.879,
    0.677,
    8.793,
    3.563,
    0.876,
    5.566,
    -0.946,
    1.249,
    -1.294,
    5.734,
    1.039,
)

Floats = NDArray[np.float32]


def characters() -> list[str]:
    """Return the characters of GB2312."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [c for pair in cells if (c := pair.decode("gb2312", "ignore"))]


def unihan(file: str, *fields: str) -> dict[str, dict[str, str]]:
    """Return character -> value by field, of the fields asked for."""
    table: dict[str, dict[str, str]] = {field: {} for field in fields}
    with bz2.open(UNIHAN / f"Unihan_{file}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("U+"):
                point, field, value = line.rstrip("\n").split("\t")
                if field in table:
                    table[field][chr(int(point[2:], 16))] = value.split()[0]
    return table


def glyphs(chars: list[str], font: str, index: int) -> Floats:
    """Return one row a character: the blurred glyph, SMALL x SMALL."""
    face = ImageFont.truetype(font, SIZE - 8, index=index)
    rows = []
    for char in chars:
        image = Image.new("L", (SIZE, SIZE))
        ImageDraw.Draw(image).text((SIZE / 2, SIZE / 2), char, 255, face, anchor="mm")
        image = image.filter(ImageFilter.GaussianBlur(1.5)).resize((SMALL, SMALL))
        rows.append(np.asarray(image, np.float32).reshape(-1))
    return np.stack(rows)


def framed(image: Floats) -> Floats:
    """Return the inked part of a glyph stretched to SMALL x SMALL, as one row."""
    ink = image > 40
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return np.zeros(SMALL * SMALL, np.float32)
    cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    stretched = Image.fromarray(cut.astype(np.uint8)).resize((SMALL, SMALL))
    return np.asarray(stretched, np.float32).reshape(-1)


def standard(rows: Floats) -> Floats:
    """Return rows of mean 0 and length 1, so that a product is a correlation."""
    rows = rows - rows.mean(1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6))


class Measure:
    """All measures of chosen pairs."""

    def __init__(self, chars: list[str]) -> None:
        self.chars = chars
        images = [glyphs(chars, *font) for font in FONTS]
        self.whole = [standard(image) for image in images]
        grid = np.mean(images, axis=0).reshape(-1, SMALL, SMALL)
        half = SMALL // 2
        parts = (grid[:, :, :half], grid[:, :, half:], grid[:, :half], grid[:, half:])
        self.halves = [standard(part.reshape(len(chars), -1)) for part in parts]
        self.full = standard(np.stack([framed(image) for image in grid]))
        cuts = (grid[:, :, 8:], grid[:, :, :-8], grid[:, 8:], grid[:, :-8])
        self.parts = [standard(np.stack([framed(image) for image in cut])) for cut in cuts]
        codes = unihan("DictionaryLikeData", "kCangjie", "kFourCornerCode")
        strokes = unihan("IRGSources", "kTotalStrokes")["kTotalStrokes"]
        self.cangjie = [codes["kCangjie"].get(c, "") for c in chars]
        self.corners = [codes["kFourCornerCode"].get(c, "").replace(".", "") for c in chars]
        self.strokes = [int(strokes.get(c, 0)) for c in chars]

    def rough(self, row: int) -> Floats:
        """Return the mean correlation of one character with all others."""
        whole = np.mean([font @ font[row] for font in self.whole], axis=0)
        half = np.max([half @ half[row] for half in self.halves], axis=0)
        part = np.max(
            [np.maximum(p @ self.full[row], self.full @ p[row]) for p in self.parts], axis=0
        )
        return np.asarray(np.max([whole, 0.8 * half, 0.9 * part], axis=0), np.float32)

    def pairs(self, row: int, others: list[int]) -> NDArray[np.float64]:
        """Return one line of measures for each pair (row, other)."""
        pixel = [font[others] @ font[row] for font in self.whole]
        halves = [half[others] @ half[row] for half in self.halves]
        full = self.full[others] @ self.full[row]
        parts = [
            np.maximum(p[others] @ self.full[row], self.full[others] @ p[row]) for p in self.parts
        ]
        codes = np.array([self._codes(row, other) for other in others])
        plain = np.column_stack(
            [
                *pixel,
                np.max(halves, axis=0),
                np.min(halves, axis=0),
                full,
                np.max(parts, axis=0),
                codes,
            ]
        )
        main = np.column_stack([np.mean(pixel, axis=0), plain[:, 4:10]])
        crossed = [main[:, a] * main[:, b] for a in range(7) for b in range(a, 7)]
        few = np.minimum(self.strokes[row], np.array(self.strokes)[others]) <= 5
        return np.column_stack([plain, *crossed, few, few * main[:, 0], few * full])

    def _codes(self, a: int, b: int) -> tuple[float, ...]:
        one, other = self.cangjie[a], self.cangjie[b]
        short, long = sorted((one, other), key=len)
        edit = Indel.normalized_similarity(one, other) if one and other else 0.0
        inside = float(bool(short) and (long.endswith(short) or long.startswith(short)))
        corners = [x == y for x, y in zip(self.corners[a], self.corners[b], strict=False)]
        difference = abs(self.strokes[a] - self.strokes[b])
        few = min(self.strokes[a], self.strokes[b])
        return (
            edit,
            inside,
            sum(corners[:4]) / 4,
            float(all(corners) and bool(corners)),
            difference / max(few, 1),
            float(difference <= 1),
        )


def probability(measures: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely each pair is meant to look alike."""
    return np.asarray(1 / (1 + np.exp(-(measures @ weights[1:] + weights[0]))))


def fit(measure: Measure, positives: list[tuple[str, str]]) -> NDArray[np.float64]:
    """Return weights of a ridge logistic regression of the pairs against random ones."""
    place = {char: row for row, char in enumerate(measure.chars)}
    alike = [(place[a], place[b]) for a, b in positives if a in place and b in place]
    chance = np.random.default_rng(0).integers(0, len(place), (40_000, 2))
    rows = [measure.pairs(a, [b]) for a, b in alike]
    rows += [measure.pairs(int(a), [int(b)]) for a, b in chance if a != b]
    x = np.vstack(rows)
    y = np.r_[np.ones(len(alike)), np.zeros(len(x) - len(alike))]
    folds = np.arange(len(x)) % 5
    scores = np.zeros(len(x))
    for fold in range(5):
        w = newton(x[folds != fold], y[folds != fold])
        scores[folds == fold] = x[folds == fold] @ w[1:] + w[0]
    for share in (0.03, 0.01, 0.001):
        limit = np.quantile(scores[y == 0], 1 - share)
        found = (scores[y == 1] > limit).mean()
        print(f"out of fold, {found:.1%} of {len(alike)} pairs above {share:.1%} of random pairs")
    return newton(x, y)


def newton(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return bias and weights of a logistic regression with a small ridge, likes weighed up."""
    x = np.column_stack([np.ones(len(x)), x])
    weight = np.where(y == 1, 20.0, 1.0)
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ w))
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + np.eye(len(w))
        w -= np.linalg.solve(hessian, x.T @ (weight * (p - y)) + w)
    return w


def table(measure: Measure) -> Iterator[str]:
    """Yield a line for each character: itself, then pairs of another character and a letter.

    The letter is the level: ``a`` for one random pair in a hundred that looks as alike, eight
    letters for each further power of ten. A pair stands once, under the character that comes first.
    """
    weights = np.array(WEIGHTS)
    rng = np.random.default_rng(0)
    everyone = list(range(len(measure.chars)))
    sample = np.sort(
        np.concatenate(
            [
                probability(measure.pairs(int(r), everyone), weights)
                for r in rng.choice(everyone, 60)
            ]
        )
    )
    for row, char in enumerate(measure.chars):
        near = [int(n) for n in np.argsort(-measure.rough(row))[:600] if n != row]
        likely = probability(measure.pairs(row, near), weights)
        line = []
        for other, likelihood in zip(near, likely, strict=True):
            share = (len(sample) - np.searchsorted(sample, likelihood) + 0.5) / len(sample)
            level = int(8 * (-np.log10(share) - 2))
            if level >= 0 and row < other:
                line.append((-level, measure.chars[other]))
        yield char + "".join(other + chr(ord("a") - level) for level, other in sorted(line))


def main() -> None:
    """Fit the weights, or write shapes.txt."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument(
        "--fit", action="store_true", help="print weights fitted on look_alikes.txt"
    )
    chosen = parser.parse_args()
    measure = Measure(characters())
    if chosen.fit:
        lines = (HERE / "look_alikes.txt").read_text("utf-8").splitlines()
        pairs = [(p[0], p[1]) for line in lines if not line.startswith("#") for p in line.split()]
        print(", ".join(f"{w:.3f}" for w in fit(measure, pairs)))
        return
    text = "\n".join((HEADER, *table(measure), ""))
    (HERE / "shapes.txt").write_text(text, "utf-8")


HEADER = """\
# Characters that look alike; made by build_shapes.py from Noto Sans/Serif CJK (OFL), WenQuanYi Zen
# Hei, AR PL UKai and Unihan 15 (Unicode License v3): numbers only, no outlines.
# Each line: a character, then pairs of another character and a level from a (one random pair in a
# hundred is as alike) up, eight letters for each power of ten."""

if __name__ == "__main__":
    main()
