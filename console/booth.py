"""The desk at a fair: exhibits are entered with photos and matched at once, complaints taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from evidence.exhibit import picture_type
from evidence.vault import Vault
from leads.beijing import BEIJING
from leads.booths import Entry, added, complained_lead, complaint, exhibit
from leads.clocks import HOURS, Run, runs
from leads.complainants import Complainants
from leads.exhibitors import exhibitors, plain
from leads.fair import Fair
from leads.model import Judgement, Lead, Listing, Right
from leads.registry import Registry
from leads.routing import kinds
from leads.states import ANSWER, MoveError, check, state_of
from leads.store import Store
from matchers.engine import Engine
from pipelines.looking import eyes_of, look_again, missing, sights_of

LARGEST_PHOTO = 15 * 1024 * 1024
"""Bytes; what the eyes read at most."""
_TYPES = {"jpg": "jpeg"}


class EntryError(ValueError):
    """What was entered cannot be taken; the message says in Chinese why."""


class Entered(NamedTuple):
    """An exhibit as it was kept, and its leads."""

    listing: Listing
    leads: tuple[Lead, ...]
    unseen: str | None
    """Why its photos were not looked at, in Chinese."""


class Complaint(NamedTuple):
    """What somebody at a fair complains of."""

    right: Right
    """What is said to be infringed."""
    told: str
    """The matter, without a word on who complains."""
    name: str
    contact: str | None
    """Who complains; kept apart from all else."""
    by: str
    """The officer who takes it down."""
    at: datetime
    """When it was made."""


class Taken(NamedTuple):
    """A complaint as it was taken down."""

    number: str
    lead: Lead
    clock: Run | None
    """The term for the exhibitor's answer, if one is configured."""


class FairDesk:
    """Takes down what officers see and hear at one fair.

    Args:
        fair: an entry of ``config/fairs``.
        registry: what is watched.
        config: config folder, for the bank of pictures.
        store: where exhibits and leads are kept.
        vault: folder of the vault.
    """

    def __init__(
        self, fair: Fair, registry: Registry, config: Path, store: Store, vault: Path
    ) -> None:
        self.fair = fair
        self.registry = registry
        self.store = store
        self.vault = Vault(vault)
        self._places = str(config), str(vault)
        self._engine = Engine(registry, store.exclusions())

    def enter(self, entry: Entry, photos: Sequence[bytes] = ()) -> Entered:
        """Keep an exhibit and its photos as evidence, look at them, match it.

        Raises:
            EntryError: a photo is none, or too large.
            VaultError: the vault cannot be written.
        """
        types = [_type(number, body) for number, body in enumerate(photos, 1)]
        kept = [self._kept(body, of, entry.at) for body, of in zip(photos, types, strict=True)]
        entry = entry.model_copy(update={"photos": tuple(dict.fromkeys(kept))})
        capture = self.vault.keep(
            entry.model_dump_json().encode(),
            media_type="application/json",
            captured_at=entry.at,
            how="file",
        )
        known = exhibitors(self.store.listings(site=self.fair.site))
        listing = exhibit(entry, self.fair, known)
        before = self.store.known(*listing.key)
        if before:
            listing = added(before.listing, listing)
        listing = listing.model_copy(update={"capture": capture.id})
        self.store.see(listing)
        unseen = self._look(listing)
        leads = self._engine.leads(listing, entry.at, sights_of(listing, self.store))
        self.store.put(leads)
        return Entered(listing, leads, unseen)

    def complain(
        self, entry: Entry, photos: Sequence[bytes], made: Complaint, private: Complainants
    ) -> Taken:
        """Enter an exhibit and take down a complaint about it; its clock runs from then on.

        Raises:
            EntryError: the matter names the complainant, the complaint is of the future, or a
                photo cannot be taken.
            MoveError: the lead was judged on a later day than the complaint was made.
            VaultError: the vault cannot be written.
            Overtaken: somebody else judged the lead meanwhile.
        """
        secrets = [plain(text) for text in (made.name, made.contact)]
        written = plain(f"{made.told}\n{entry.note}")
        if any(len(secret) > 1 and secret in written for secret in secrets):
            raise EntryError("事由中不能写投诉人的姓名或联系方式：它们单独保存，不随线索导出")
        if made.at > entry.at:
            raise EntryError("投诉时间晚于现在")
        entered = self.enter(entry, photos)
        lead = complained_lead(entered.listing, made.right, entered.leads, self.registry, entry.at)
        history = self.store.judgements(lead.id)
        taken = complaint(lead.id, history, made.told, made.by, entry.at, made.at)
        number = private.add(self.fair.id, lead.id, made.name, made.contact, made.at)
        judgement = taken.model_copy(update={"reason": f"{number}：{made.told}"})
        self.store.put([lead])
        self.store.judge(judgement, expected=state_of(history))
        return Taken(number, lead, self._clock([*history, judgement]))

    def answer(self, lead_id: str, told: str, by: str, answered: datetime, now: datetime) -> Run:
        """Note that an exhibitor answered; returns the clock that this ended.

        Raises:
            KeyError: no such lead.
            MoveError: there is no complaint that waits for an answer.
            Overtaken: somebody else judged the lead meanwhile.
        """
        if self.store.get(lead_id) is None:
            raise KeyError(lead_id)
        history = self.store.judgements(lead_id)
        state = state_of(history)
        judgement = Judgement(
            lead=lead_id,
            state=state,
            reason=told,
            by=by,
            at=now,
            code=ANSWER,
            happened_at=answered,
        )
        check(history, judgement)
        self.store.judge(judgement, expected=state)
        clock = self._clock([*history, judgement])
        if clock is None:
            raise MoveError("config/clocks 中没有展会投诉的期限")
        return clock

    def _kept(self, body: bytes, media_type: str, at: datetime) -> str:
        return self.vault.keep(body, media_type=media_type, captured_at=at, how="file").sha256

    def _look(self, listing: Listing) -> str | None:
        """Look at an exhibit's photos; return why that could not be done."""
        if not listing.pictures:
            return None
        if why := missing():
            return why
        look_again(listing, self.store, self.vault, eyes_of(*self._places))
        return None

    def _clock(self, history: Sequence[Judgement]) -> Run | None:
        desk = self.registry.desk
        found = runs(history, desk.clocks.values(), desk.years, kinds(self.registry))
        hours = [run for run in found if run.clock.unit == HOURS]
        return hours[-1] if hours else None


def _type(number: int, body: bytes) -> str:
    """Return the media type of a photo, or refuse it by its number."""
    ending = picture_type(body[:64])
    if ending is None:
        raise EntryError(f"第 {number} 张照片不是 JPEG、PNG、GIF、BMP、WebP 或 AVIF 图片")
    if len(body) > LARGEST_PHOTO:
        raise EntryError(f"第 {number} 张照片过大（上限 {LARGEST_PHOTO // 1024 // 1024} MiB）")
    return f"image/{_TYPES.get(ending, ending)}"


def moment_of(text: str) -> datetime:
    """Return a moment written ``2026-11-22T14:05``; without zone it is Beijing time.

    Raises:
        ValueError: it is no moment.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
