"""What a file would change in the registry: entry by entry, with the files it would write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from console.archive.book import Book, Entry
from console.archive.lists import MARKS, RIGHTS, USERS
from console.archive.sheets import Slip
from console.archive.written import right_toml, users_csv
from leads.archive import Change, Key, R, mark_keys, matched, plain, user_keys
from leads.faults import faults_of
from leads.model import AuthorisedUser, Mark, Right
from leads.registry import Registry


@dataclass(frozen=True)
class Revision:
    """Everything that would change of one right."""

    id: str
    right: Change[Right]
    marks: Sequence[Change[Mark]]
    users: Sequence[Change[AuthorisedUser]]

    @property
    def name(self) -> str:
        """Name of the right as it will be."""
        return self.right.after.name if self.right.after else self.id

    @property
    def alters(self) -> bool:
        """Tell whether anything becomes different."""
        return bool(self.files())

    def files(self) -> dict[str, bytes]:
        """Return what is to be written, by path below the config folder."""
        written = {}
        if self.right.after and self.right.alters:
            written[f"rights/{self.id}.toml"] = right_toml(self.right.after)
        if any(change.alters for change in self.users):
            users = [change.after for change in self.users if change.after]
            written[f"users/{self.id}.csv"] = users_csv(users)
        return written


def revise(
    book: Book, registry: Registry, only: str | None = None, whole: bool = False
) -> list[Revision]:
    """Return what a file would change, right by right; what is wrong is added to its slips.

    Columns that the file lacks stay as they are; a blank cell empties a field.

    Args:
        book: the file.
        registry: what there is.
        only: id of the right that the file is about; rows need not name one then.
        whole: marks and users of a right that the file lists, but without these, are removed.
    """
    return _Reviser(book, registry, only, whole).revisions()


class _Reviser:
    def __init__(self, book: Book, registry: Registry, only: str | None, whole: bool) -> None:
        self.book = book
        self.slips = book.slips
        self.registry = registry
        self.only = only
        self.whole = whole
        self.rights: dict[str, Entry] = {}
        for entry in book.entries[RIGHTS.title]:
            self._add_right(entry)
        self.named = self._names()

    def revisions(self) -> list[Revision]:
        marks = self._by_right(self.book.entries[MARKS.title], mark_keys)
        users = self._by_right(self.book.entries[USERS.title], user_keys)
        ids = dict.fromkeys((*self.rights, *marks, *users))
        return [self._revision(id, marks.get(id), users.get(id)) for id in ids]

    def _revision(self, id: str, marks: list[Entry] | None, users: list[Entry] | None) -> Revision:
        before = self.registry.rights.get(id)
        of_marks = list(self._changes(Mark, before.marks if before else (), marks, mark_keys))
        of_users = list(
            self._changes(AuthorisedUser, self.registry.users.get(id, ()), users, user_keys)
        )
        entry = self.rights.get(id)
        after = self._made(Right, before, entry) if entry else before
        if after:
            kept = tuple(change.after for change in of_marks if change.after)
            after = after.model_copy(update={"marks": kept})
        return Revision(id, Change(before, after), of_marks, of_users)

    def _add_right(self, entry: Entry) -> None:
        id = entry.given.get("id")
        if id is None:
            return  # told already
        if self.only and id != self.only:
            self._slip(entry, f"本次只导入 {self.only}，这一行是 {id}")
        elif id in self.rights:
            self._slip(entry, f"与第 {self.rights[id].row} 行代号重复：{id}")
        else:
            self.rights[id] = entry

    def _names(self) -> dict[str, set[str]]:
        named: dict[str, set[str]] = {}
        for right in self.registry.rights.values():
            for name in right.names:
                named.setdefault(plain(name), set()).add(right.id)
        for id, entry in self.rights.items():
            named.setdefault(plain(entry.given.get("name") or ""), set()).add(id)
        return named

    def _by_right(
        self, entries: Sequence[Entry], keys: Callable[[Mapping[str, Any]], Iterator[Key]]
    ) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        seen: dict[tuple[str, Key], int] = {}
        for entry in entries:
            id = self._right_of(entry)
            if id is None or not (entry.given.get("company") or entry.given.get("text")):
                continue
            twins = {seen[id, key] for key in keys(entry.given) if (id, key) in seen}
            if twins:
                self._slip(entry, f"与第 {min(twins)} 行重复")
                continue
            seen |= {(id, key): entry.row for key in keys(entry.given)}
            found.setdefault(id, []).append(entry)
        return found

    def _right_of(self, entry: Entry) -> str | None:
        """Return the right that a row names, or the only one there is to be."""
        id, name = entry.given.get("right"), entry.given.get("right_name")
        if id is None and name is not None:
            ids = self.named.get(plain(name), set())
            if self.only in ids:
                return self.only
            if len(ids) != 1:
                told = f"有多项权利叫“{name}”，请填代号" if ids else f"没有权利“{name}”"
                self._slip(entry, told)
                return None
            (id,) = ids
        if id is None and self.only is None:
            self._slip(entry, "没有写明是哪一项权利（权利代号或权利名称）")
        elif id is not None and self.only is not None and id != self.only:
            self._slip(entry, f"本次只导入 {self.only}，这一行是 {id}")
            return None
        elif id is not None and id not in self.registry.rights and id not in self.rights:
            self._slip(entry, f"没有权利 {id}")
            return None
        return id or self.only

    def _changes(
        self,
        model: type[R],
        kept: Sequence[R],
        entries: list[Entry] | None,
        keys: Callable[[Mapping[str, Any]], Iterator[Key]],
    ) -> Iterator[Change[R]]:
        """Yield the changes in the order of the list: those there are, then the new ones."""
        given = entries or []
        found = matched(kept, [entry.given for entry in given], keys)
        speaks = {there: given[place] for place, there in found.items()}
        for place, before in enumerate(kept):
            if place in speaks:
                yield Change(before, self._made(model, before, speaks[place]))
            else:
                removed = self.whole and entries is not None
                yield Change(before, None if removed else before)
        for place, entry in enumerate(given):
            if place not in found and (made := self._made(model, None, entry)):
                yield Change(None, made)

    def _made(self, model: type[R], before: R | None, entry: Entry) -> R | None:
        """Return the entry as the row makes it; as it was where the row is wrong."""
        blank = {name: field.get_default() for name, field in model.model_fields.items()}
        said = {
            name: blank[name] if value is None else value
            for name, value in entry.given.items()
            if name in model.model_fields
        }
        try:
            return model.model_validate({**(dict(before) if before else {}), **said})
        except ValidationError as wrong:
            for fault in faults_of("", wrong):
                self._slip(entry, f"{fault.field}：{fault.reason}".strip("："))
            return before

    def _slip(self, entry: Entry, reason: str) -> None:
        self.slips.append(Slip(entry.sheet, entry.row, "", reason))
