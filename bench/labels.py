"""Logos, seals and words in pictures: what is found, what is found wrongly, what it costs.

Run ``python -m bench.labels [--data FOLDER] [--json FILE]``. Scenes with marks are read from the
development data and composed here from its logos and photos; seals and their imitations are drawn.
"""

from __future__ import annotations

import json
import random
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
from PIL import Image

from bench.scenes import MODES, WIDTHS, Pixels, Scene, chosen, scene, seal
from leads.sight import MatchKind
from matchers.image.seeing.decoding import Photo, decode
from matchers.image.seeing.logos import Logo, LogoIndex
from matchers.image.seeing.words import Reader, has_text

DATA = Path("../shared/data/pictures")
COMPOSED = 60
_GIVEN = {"color": "colour", "mono_b": "dark", "mono_w": "light"}
_GENUINE = ("中华人民共和国地理标志", "农产品地理标志登记保护", "地理标志保护产品专用标志")
_FORGED = ("中华人民优质产品地理名品", "农产品质量标志登记保护", "绿色食品保护产品专用标志")

Counts = dict[str, list[bool]]


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, show_default=True)
@click.option("--json", "to", type=click.Path(path_type=Path))
def main(data: Path, to: Path | None) -> None:
    """Measure marks and words in pictures; without the data only what is drawn here."""
    cv2.setNumThreads(1)
    figures: dict[str, Any] = {}
    for measure in (seals, logos, words):
        name, rows = measure.__name__, measure(data)
        figures[name] = rows
        click.echo(f"{name}:" if rows else f"{name}: no data in {data}")
        for row, value in rows.items():
            click.echo(f"  {row:<34} {value}")
    if to:
        to.write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")


def logos(data: Path) -> dict[str, Any]:
    """Return recall of registered logos, and how often another or none was there."""
    file = data / "logos" / "truth.json"
    if not file.is_file():
        return {}
    truth = json.loads(file.read_text("utf-8"))
    files = {path.stem: path for path in sorted((data / "logos" / "logos").glob("*.png"))}
    known = [
        Logo(name, f"logos/{name}/{name}.png", _pixels(files[name])) for name in truth["registered"]
    ]
    index = LogoIndex.build(known)
    found: Counts = defaultdict(list)
    false, costs, looked = 0, [], 0
    for name, shown in (*_given(data, truth["scenes"]), *_composed(data, files)):
        photo, began = decode(shown.jpeg), time.process_time()
        told = {one.right for one in index.find(photo) if one.certain}
        costs.append(time.process_time() - began)
        looked += 1
        false += len(told - {name})
        if name in truth["registered"]:
            for row in _rows(shown):
                found[row].append(name in told)
    pairs = looked * len(known)
    return {
        **_shares(found),
        "false (scene x logo)": f"{false} of {pairs} ({false / pairs:.1e})",
        "CPU ms a photo": round(1000 * sum(costs) / len(costs)),
    }


def _rows(shown: Scene) -> Iterator[str]:
    yield "all"
    yield f"width {shown.width:.0%}"
    yield f"mode {shown.mode}"
    if shown.mode in ("plate", "tint"):
        yield "on a label"
        if shown.width >= 0.12:
            yield "on a label, width >= 12%"


def _given(data: Path, scenes: dict[str, Any]) -> Iterator[tuple[str, Scene]]:
    for name, row in scenes.items():
        mode = _GIVEN.get(row["mode"], row["mode"])
        jpeg = (data / "logos" / "scenes" / name).read_bytes()
        yield row["logo"], Scene(jpeg, mode, row["frac"], row["cov"])


def _composed(data: Path, files: dict[str, Path]) -> Iterator[tuple[str, Scene]]:
    rng = random.Random("logos")  # noqa: S311  # repeatable scenes
    grounds = sorted((data / "photos").glob("*"))
    for name in chosen(sorted(name for name in files if "seal" not in name), COMPOSED, rng):
        ground, mark = _pixels(rng.choice(grounds)), _pixels(files[name])
        yield name, scene(ground, mark, rng, rng.choice(MODES), rng.choice(WIDTHS))


def seals(data: Path) -> dict[str, Any]:
    """Return how often a seal is known, and how often an imitation is taken for it."""
    rng = random.Random("seals")  # noqa: S311  # repeatable scenes
    photos = sorted((data / "photos").glob("*"))
    genuine = [seal(text, f"{n}", solid=n == 0) for n, text in enumerate(_GENUINE)]
    forged = [seal(text, f"{n}", solid=n == 0) for n, text in enumerate(_FORGED)]
    forged += [seal(text, f"other {n}", solid=n == 0) for n, text in enumerate(_GENUINE + _FORGED)]
    index = LogoIndex.build(
        Logo(f"seal-{n}", f"logos/seal-{n}/mark.png", one) for n, one in enumerate(genuine)
    )
    found: Counts = defaultdict(list)
    for number in range(COMPOSED):
        is_genuine = number % 2 == 0
        at = number // 2 % len(genuine if is_genuine else forged)
        ground = _pixels(rng.choice(photos)) if photos else _noise(rng)
        mark = (genuine if is_genuine else forged)[at]
        shown = scene(ground, mark, rng, rng.choice(MODES[:3]), rng.choice(WIDTHS))
        told = index.find(decode(shown.jpeg))
        known = any(one.kind is MatchKind.SEAL and one.right == f"seal-{at}" for one in told)
        if not is_genuine:
            found["imitations called genuine"].append(
                any(one.kind is MatchKind.SEAL for one in told)
            )
            found["imitations told as such"].append(
                any(one.kind is MatchKind.SEAL_LIKE for one in told)
            )
        elif shown.width >= 0.15:
            found["known, width >= 15%"].append(known)
            found["known or alike, width >= 15%"].append(bool(told))
            if not shown.covered:
                found["known, width >= 15%, not covered"].append(known)
    return _shares(found)


def words(data: Path) -> dict[str, Any]:
    """Return how many lines are read exactly, by kind, and what reading and the gate cost."""
    file = data / "packs" / "truth.json"
    if not file.is_file():
        return {}
    reader, found = Reader(), defaultdict(list)
    costs: dict[str, list[float]] = defaultdict(list)
    for name, lines in json.loads(file.read_text("utf-8")).items():
        photo = decode((data / "packs" / name).read_bytes())
        read = {_plain(one.text) for one in _timed(costs["reading"], reader.read, photo)}
        for text, kind, _ in lines:
            found[f"exact {kind}"].append(_plain(text) in read)
        found["packs with text by the gate"].append(has_text(photo))
    for path in sorted((data / "photos").glob("*"))[:40]:
        _timed(costs["gate"], has_text, decode(path.read_bytes()))
    return _shares(found) | {
        f"CPU ms of {name}": round(1000 * sum(times) / len(times)) for name, times in costs.items()
    }


def _timed(times: list[float], work: Callable[[Photo], Any], photo: Photo) -> Any:
    began = time.process_time()
    result = work(photo)
    times.append(time.process_time() - began)
    return result


def _shares(found: Counts) -> dict[str, str]:
    return {
        row: f"{sum(hits)} of {len(hits)} ({np.mean(hits):.1%})"
        for row, hits in sorted(found.items())
    }


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _pixels(path: Path) -> Pixels:
    return np.asarray(Image.open(path).convert("RGB"))


def _noise(rng: random.Random) -> Pixels:
    spots = np.random.default_rng(rng.randrange(1000)).integers(60, 220, (12, 12, 3), np.uint8)
    return np.asarray(Image.fromarray(spots).resize((900, 900), Image.Resampling.BICUBIC))


if __name__ == "__main__":
    main()
