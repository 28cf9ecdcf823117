"""Pictures that lie as files: held against a bank of references, or beside a list of listings."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leads.faults import ConfigError, Fault, why
from leads.model import Listing, Right
from leads.sight import Depth, Legible, MatchKind, PictureMatch, Sight
from matchers.image import seals
from pipelines.looking import Eyes, missing

if TYPE_CHECKING:
    from matchers.image.seeing.packs import PackIndex

KINDS = {MatchKind.COPY: "copy", MatchKind.LOGO: "logo", MatchKind.SEAL: "logo"}
"""How hits are called here; what is only like a seal is never one."""
_AHEAD = 64
"""Pictures that are handed out before the first of them is told."""


@click.command("match-pictures", short_help="比对图片与参照图片库")
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--bank",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="参照图片库：photos/<权利>/*、logos/<权利>/*、allowed/*。",
)
@click.option(
    "--draw",
    type=click.Path(file_okay=False, path_type=Path),
    help="把每处匹配画成左右对照的 PNG，存入此目录。",
)
@click.option(
    "--alike", is_flag=True, help="另列包装最相像的五张权利人图片，仅供人工比较，不作命中。"
)
@click.option(
    "--cache",
    default="var/banks",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="存放参照图片库索引的目录。",
)
def match_pictures(
    pictures: tuple[Path, ...], bank: Path, draw: Path | None, alike: bool, cache: Path
) -> int:
    """逐张比对图片：是否复制了权利人图片，是否出现注册标识。逐张给出一行 JSON，不联网。

    “hits”为疑似命中，“review”须人工辨认；无法识别的图片写明原因，此时退出码为 1。

    例：  markwatch match-pictures --bank config/bank 商品图.jpg --draw 对照图
    """
    eyes = _eyes(bank, cache)
    for fault in eyes.faults:
        click.echo(fault, err=True)
    short = bool(eyes.faults)
    packs = _packs(bank) if alike else None
    for number, (picture, sight) in enumerate(_seen(pictures, eyes), start=1):
        record = told(picture, sight)
        if packs and "refused" not in record:
            record["alike"] = _ranked(packs, picture)
        click.echo(json.dumps(record, ensure_ascii=False))
        short = short or isinstance(sight, str) or sight.legible is not Legible.OK
        if draw and not isinstance(sight, str):
            _draw(picture, sight, bank, draw, number)
        if number % 100 == 0:
            click.echo(f"已比对 {number} / {len(pictures)} 张", err=True)
    eyes.close()
    return int(short)


def check_bank(config: Path, rights: Mapping[str, Right]) -> None:
    """Refuse references that belong to no right, and rights that name what is not looked for.

    Raises:
        ConfigError: with every such folder and path.
    """
    faults = [
        Fault(f"bank/{kind}/{folder.name}", "", f"没有 rights/{folder.name}.toml")
        for kind in ("photos", "logos")
        for folder in sorted((config / "bank" / kind).glob("*/"))
        if folder.name not in rights and folder.name != seals.RIGHT
    ] + [
        Fault(f"rights/{right.id}.toml", kind, f"{path} 应在 bank/{kind}/{right.id}/ 中")
        for right in rights.values()
        for kind, paths in (("photos", right.photos), ("logos", right.logos))
        for path in paths
        if not path.startswith(f"bank/{kind}/{right.id}/")
    ]
    if faults:
        raise ConfigError(faults)


class Album:
    """Pictures that lie as files beside a list of listings; looked at where there is a bank."""

    def __init__(self, folder: Path, bank: Path) -> None:
        self._folder = folder
        self._bank = bank if bank.is_dir() else None
        self._eyes: Eyes | None = None

    def look(self, listing: Listing) -> tuple[Listing, Mapping[str, Sight]]:
        """Return the listing with the digests of its files, and what these show."""
        if self._bank is None or not any(picture.path for picture in listing.pictures):
            return listing, {}
        if self._eyes is None:
            if why_not := missing():
                click.echo(f"图片未作识别：{why_not}", err=True)
                self._bank = None
                return listing, {}
            self._eyes = _eyes(self._bank, Path("var/banks"))
        pictures, sights = [], {}
        for picture in listing.pictures:
            look = _begin(self._folder / picture.path, self._eyes) if picture.path else ""
            if not isinstance(look, str):
                sight = look.result()
                sights[sight.sha256] = sight
                picture = picture.model_copy(update={"sha256": sight.sha256})
            elif look:
                click.echo(f"{picture.path}：{look}", err=True)
            pictures.append(picture)
        return listing.model_copy(update={"pictures": tuple(pictures)}), sights


def _eyes(bank: Path, cache: Path) -> Eyes:
    """Return eyes; every bank has a folder of its own in the cache."""
    own = hashlib.sha256(str(bank.resolve()).encode()).hexdigest()[:16]
    return Eyes(bank, cache / own, os.cpu_count())


def told(picture: Path, sight: Sight | str) -> dict[str, object]:
    """Return the record of a picture: hits, what a person should look at, why it was not read."""
    record: dict[str, object] = {"picture": str(picture), "hits": []}
    if isinstance(sight, str):
        return {**record, "refused": sight}
    record["hits"] = [_hit(match) for match in sight.matches if _is_hit(match)]
    if review := [_hit(match) for match in sight.matches if not _is_hit(match)]:
        record["review"] = review
    if sight.allowed:
        record["allowed"] = sight.allowed
    if sight.legible is Legible.REFUSED:
        record["refused"] = sight.reason
    if sight.legible is Legible.TRUNCATED:
        record["truncated"] = True
    return record


def _is_hit(match: PictureMatch) -> bool:
    return match.certain and match.kind in KINDS


def _hit(match: PictureMatch) -> dict[str, object]:
    return {
        "right": match.right,
        "kind": KINDS.get(match.kind, str(match.kind)),
        "source": match.source,
        "score": match.score,
        "box": list(match.box),
        "reason": match.reason,
    }


def _seen(pictures: Iterable[Path], eyes: Eyes) -> Iterator[tuple[Path, Sight | str]]:
    """Yield each picture with what it shows, in order, or why it cannot be read."""
    begun: deque[tuple[Path, Future[Sight] | str]] = deque()
    for picture in pictures:
        begun.append((picture, _begin(picture, eyes, Depth.MARKS)))
        if len(begun) > _AHEAD:
            yield _done(*begun.popleft())
    while begun:
        yield _done(*begun.popleft())


def _begin(picture: Path, eyes: Eyes, depth: Depth = Depth.WORDS) -> Future[Sight] | str:
    try:
        with picture.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as refused:
        return why(refused)
    except ValueError:
        return "不是文件名"
    return eyes.look(digest, picture, depth)


def _done(picture: Path, look: Future[Sight] | str) -> tuple[Path, Sight | str]:
    return picture, look if isinstance(look, str) else look.result()


def _packs(bank: Path) -> PackIndex:
    """Return the holders' photos of a bank, to rank by likeness; unreadable ones are left out."""
    from matchers.image.seeing.decoding import Undecodable, decode
    from matchers.image.seeing.packs import PackIndex

    known = []
    for path in sorted((bank / "photos").glob("*/*")):
        with suppress(Undecodable, OSError):  # told already, as a fault of the bank
            known.append((path.relative_to(bank).as_posix(), decode(path.read_bytes())))
    return PackIndex.build(known)


def _ranked(packs: PackIndex, picture: Path) -> list[dict[str, object]]:
    from matchers.image.seeing.decoding import decode

    found = packs.ranked(decode(picture.read_bytes()))
    return [{"source": one.source, "score": one.score} for one in found]


def _draw(picture: Path, sight: Sight, bank: Path, folder: Path, number: int) -> None:
    """Write a sheet for each match: number of the picture, its name, the reference."""
    from matchers.image.seeing.decoding import decode
    from matchers.image.seeing.drawing import side_by_side

    if not sight.matches:
        return
    folder.mkdir(parents=True, exist_ok=True)
    shown = decode(picture.read_bytes())
    for match in sight.matches:
        reference = decode((bank / match.source).read_bytes())
        name = f"{number:05}-{picture.stem[:60]}-{match.source.replace('/', '_')}.png"
        side_by_side(picture.name, shown, reference, match).save(folder / name)


COMMANDS = (match_pictures,)
