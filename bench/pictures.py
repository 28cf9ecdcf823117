"""Copies of photos: what is found by family of attack, false alarms, speed, bank and archive.

Run ``python -m bench.pictures [--data FOLDER] [--json FILE] [--photos N] [--misses]``. Two thirds
of the photos are references, filled up with drawn pictures; the others lend grounds and tiles to
the attacks and are the clean pictures. Without the development data drawn pictures stand for all.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.attacks import FAMILIES, attacked
from bench.retouching import Pixels, encode, fit
from leads.sight import PictureMatch
from matchers.image.seeing.archive import Archive
from matchers.image.seeing.bank import Bank
from matchers.image.seeing.decoding import decode
from matchers.image.seeing.fingerprint import Fingerprint, distance, fingerprint

DATA = Path("../shared/data/pictures/photos")
PHASH, PDQ = 8, 31
"""Bits up to which the plain hashes call two pictures one: as their users set them."""


@dataclass(frozen=True)
class Query:
    """A picture that was held against the bank."""

    family: str
    attack: str
    of: int | None
    """Number of the reference it was made from."""
    seen: Fingerprint
    matches: tuple[PictureMatch, ...]
    cpu: float
    """Seconds of CPU time from bytes to matches."""


def drawn(seed: int) -> Pixels:
    """Return a picture of shapes and words on a soft ground, no two alike."""
    chance = np.random.default_rng(seed)
    ground = chance.integers(0, 255, (4, 5, 3)).astype(np.uint8)
    made = fit(ground, 640, 480).astype(np.int16)
    made += chance.normal(0, 8, made.shape).astype(np.int16)
    picture = np.clip(made, 0, 255).astype(np.uint8)
    for _ in range(60):
        colour = [int(value) for value in chance.integers(0, 255, 3)]
        x, y, size = (int(value) for value in chance.integers((0, 0, 8), (640, 480, 70)))
        corners = np.array([x, y]) + chance.integers(-size, size, (5, 2))
        if chance.random() < 0.7:
            cv2.fillPoly(picture, [corners.astype(np.int32)], colour, cv2.LINE_AA)
        else:
            word = "".join(chr(value) for value in chance.integers(65, 91, 4))
            cv2.putText(picture, word, (x, y), cv2.FONT_HERSHEY_DUPLEX, size / 35, colour, 2)
    return picture


def photos(data: Path) -> list[Pixels]:
    """Return the development photos, or as many drawn pictures."""
    if not data.is_dir():
        return [drawn(10_000 + number) for number in range(90)]
    return [decode(file.read_bytes()).pixels for file in sorted(data.iterdir())]


def bank(folder: Path, references: list[Pixels], size: int) -> tuple[Bank, dict[str, float]]:
    """Return a bank of the references and drawn pictures, and how long it took."""
    place = folder / "bank" / "photos" / "watched"
    place.mkdir(parents=True)
    for number in range(size):
        shown = references[number] if number < len(references) else drawn(number)
        (place / f"{number:05}.jpg").write_bytes(encode(shown, quality=92))
    times = []
    for _ in range(2):
        started = time.perf_counter()
        found = Bank.open(folder / "bank", folder / "cache")
        times.append(time.perf_counter() - started)
    return found, {"references": size, "bank built, s": times[0], "bank opened, s": times[1]}


def ask(known: Bank, shown: Pixels, family: str, attack: str, of: int | None) -> Query:
    """Hold a picture against the bank as a crawl does, from the bytes of a JPEG."""
    data = encode(shown)
    started = time.process_time()
    photo = decode(data)
    seen = fingerprint(photo)
    matches = known.copies.find(photo, seen)
    return Query(family, attack, of, seen, matches, time.process_time() - started)


def attacks(
    known: Bank, references: list[Pixels], others: list[Pixels], count: int
) -> Iterator[Query]:
    """Attack so many of the references in every way."""
    chosen = range(0, len(references), max(1, len(references) // count)) if count else ()
    for family, ways in FAMILIES.items():
        for name, attack in ways.items():
            for number in chosen:
                shown = attacked(references[number], attack, others, seed=number)
                yield ask(known, shown, family, name, number)


def clean(known: Bank, others: list[Pixels], count: int) -> Iterator[Query]:
    """Ask for pictures without a reference in them: photos of others, cut and put together."""
    names = [(family, name) for family, ways in FAMILIES.items() for name in ways]
    chance = np.random.default_rng(5)
    for number in range(count):
        family, name = names[int(chance.integers(len(names)))]
        shown = attacked(others[number % len(others)], FAMILIES[family][name], others, number)
        yield ask(known, shown, "clean", name, None)


def recall(queries: list[Query], prints: list[Fingerprint]) -> dict[str, list[float]]:
    """Return by family: queries, shares found by the plain hashes, flagged by us, and shown."""
    found: dict[str, list[float]] = {}
    for family in [*FAMILIES, "all"]:
        some = [query for query in queries if family in (query.family, "all")]
        rows = np.array([_outcome(query, prints[query.of or 0]) for query in some], np.float64)
        found[family] = [len(some), *rows.mean(axis=0)]
    return found


def _outcome(query: Query, right: Fingerprint) -> list[bool]:
    ours = [match for match in query.matches if _number(match) == query.of]
    far = [distance(side, right.pdq) for side in (query.seen.pdq, query.seen.mirrored)]
    return [
        distance(query.seen.phash, right.phash) <= PHASH,
        far[0] <= PDQ,
        min(far) <= PDQ,
        any(match.certain for match in ours),
        bool(ours),
    ]


def _number(match: PictureMatch) -> int:
    return int(Path(match.source).stem)


def false_pairs(queries: list[Query], prints: list[Fingerprint]) -> dict[str, Any]:
    """Count pairs of a picture and a reference it does not show that are called a copy."""
    rows = _words([one.pdq for one in prints]), _words([one.phash for one in prints])
    plain: Counter[str] = Counter()
    shown = []
    for query in queries:
        own = np.arange(len(prints)) == query.of
        for name, side, most in (("pdq", rows[0], PDQ), ("phash", rows[1], PHASH)):
            bits = np.bitwise_count(side ^ _words([getattr(query.seen, name)])).sum(axis=1)
            plain[name] += int(((bits <= most) & ~own).sum())
        for match in query.matches:
            if _number(match) != query.of:
                level = "flagged" if match.certain else "shown"
                plain[level] += 1
                shown.append(
                    f"{level} {query.family} {query.attack} {query.of} ~ {_number(match)} "
                    f"{match.reason}"
                )
    pairs = len(queries) * len(prints)
    return {
        "pairs": pairs,
        **{n: plain[n] for n in ("phash", "pdq", "flagged", "shown")},
        "what": shown,
    }


def _words(prints: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer(bytes.fromhex("".join(prints)), np.uint8).reshape(len(prints), -1)


def lookups(size: int) -> dict[str, float]:
    """Time an archive of so many fingerprints, half of the looked-up ones near one in it."""
    chance = np.random.default_rng(3)
    prints = chance.integers(0, 256, (size, 32)).astype(np.uint8)
    digests = np.arange(size * 4, dtype=np.uint64).view(np.uint8).reshape(size, 32)
    started = time.perf_counter()
    archive = Archive(digests, prints)
    built = time.perf_counter() - started
    asked = []
    for row in chance.integers(0, size, 1000):
        bits = np.unpackbits(prints[row])
        bits[chance.permutation(256)[: int(chance.integers(0, 32))]] ^= 1
        asked.append((digests[row].tobytes().hex(), np.packbits(bits).tobytes().hex()))
    started = time.process_time()
    hits = [
        sha256 in dict(archive.near(Fingerprint("0" * 16, pdq, pdq, 100))) for sha256, pdq in asked
    ]
    spent = time.process_time() - started
    return {
        f"archive of {size:,} built, s": built,
        f"archive of {size:,}: lookups a core-second": len(asked) / spent,
        f"archive of {size:,}: found within 31 bits": sum(hits) / len(hits),
    }


def run(data: Path, count: int, references: int, archive: int) -> dict[str, Any]:
    """Return every table."""
    cv2.setNumThreads(1)
    all_ = photos(data)
    others = all_[1::3]
    watched = [photo for number, photo in enumerate(all_) if number % 3 != 1]
    with tempfile.TemporaryDirectory() as folder:
        known, speed = bank(Path(folder), watched, max(references, len(watched)))
        files = sorted((Path(folder) / "bank/photos/watched").iterdir())
        prints = [fingerprint(decode(file.read_bytes())) for file in files]
        queries = list(attacks(known, watched, others, count))
        honest = list(clean(known, others, max(100, len(queries) // 2)))
    spent = np.array([query.cpu for query in queries + honest])
    speed |= {
        "CPU a picture with decoding, ms": float(spent.mean() * 1000),
        "CPU of the slowest twentieth, ms": float(np.percentile(spent, 95) * 1000),
        "pictures a second on one core": float(1 / spent.mean()),
    }
    return {
        "recall": recall(queries, prints),
        "false pairs": {
            "attacked": false_pairs(queries, prints),
            "clean": false_pairs(honest, prints),
        },
        "clean pictures flagged per 10,000": 1e4
        * sum(any(match.certain for match in query.matches) for query in honest)
        / len(honest),
        "speed": speed | lookups(archive),
        "misses": [
            f"{query.family} {query.attack} {query.of}"
            for query in queries
            if not any(m.certain and _number(m) == query.of for m in query.matches)
        ],
    }


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, show_default=True)
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write everything there.")
@click.option("--photos", "count", default=10, show_default=True, help="Photos that are attacked.")
@click.option("--references", default=1000, show_default=True, help="Size of the bank.")
@click.option("--archive", default=1_000_000, show_default=True, help="Fingerprints looked up in.")
@click.option("--misses", is_flag=True, help="Print every miss and every false alarm too.")
def main(
    data: Path, to: Path | None, count: int, references: int, archive: int, misses: bool
) -> None:
    """Measure copies of photos."""
    if not data.is_dir():
        click.echo(f"{data} is not there: drawn pictures are attacked in the photos' place")
    result = run(data, count, references, archive)
    heads = ("queries", f"phash<={PHASH}", f"pdq<={PDQ}", "pdq+mirror", "flagged", "or shown")
    click.echo(f"{'found of':<12}" + "".join(f"{head:>12}" for head in heads))
    for family, row in result["recall"].items():
        click.echo(f"{family:<12}{row[0]:>12}" + "".join(f"{share:>12.1%}" for share in row[1:]))
    for what, counts in result["false pairs"].items():
        told = "  ".join(f"{name} {n:,}" for name, n in counts.items() if name != "what")
        click.echo(f"false pairs, {what}: {told}")
    click.echo(f"clean flagged per 10,000: {result['clean pictures flagged per 10,000']:.1f}")
    for what, value in result["speed"].items():
        click.echo(f"{what:<50}{value:>12,.2f}")
    if misses:
        alarms = [line for counts in result["false pairs"].values() for line in counts["what"]]
        click.echo("\n".join([*(f"missed {line}" for line in result["misses"]), *alarms]))
    if to:
        to.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
