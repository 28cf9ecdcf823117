"""What all pages share: store, registry, vault, people, and the log of who did what."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self

from anyio import CapacityLimiter

from console.archive.usage import Usage
from console.web.counts import Counts
from console.web.people import People, Person
from console.web.proposals import Proposals
from evidence.custody import Custody
from evidence.vault import Vault
from leads import values
from leads.fields import Field
from leads.model import State
from leads.query import And, Query, Term, parse
from leads.registry import Registry
from leads.store import Standing, Store, open_store

UNDO = timedelta(minutes=10)
"""For how long a decision made by mistake can be taken back at once."""


class Done(NamedTuple):
    """What a session decided last."""

    leads: tuple[str, ...]
    state: State
    by: str
    at: datetime


class Checked(NamedTuple):
    """When the chain of the log was gone through, and what is wrong with it."""

    at: datetime
    fault: str | None


@dataclass(frozen=True)
class Place:
    """Where the console finds everything; ``team`` asks people to log in."""

    store: str
    vault: Path
    config: Path | None
    books: Path
    """Folder of accounts and of the log."""
    packets: Path
    nights: Path = Path("var/nights")
    team: bool = False
    https: bool = False
    """Browsers speak HTTPS with the console, or with what stands before it."""
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    """Names by which the console may be called."""


class Office(AbstractContextManager["Office"]):
    """The console at work: everything open, used from one thread."""

    def __init__(self, place: Place, registry: Registry) -> None:
        self.place = place
        self.take(registry)
        self.store: Store = open_store(place.store)
        self.vault = Vault(place.vault)
        self.counts = Counts(self.store)
        self.people = People(place.books / "console.db")
        self.proposals = Proposals(place.books / "console.db")
        self.door = CapacityLimiter(1)
        """Passwords are tried one at a time, in a thread: each takes a tenth of a second."""
        self.log = Custody(place.books)
        self.heavy = CapacityLimiter(1)
        """What goes through the whole store runs one at a time, in a thread."""
        self.usage: dict[int, Usage] = {}
        """How the special mark was used, by year, as last counted."""
        self.checked: Checked | None = None
        self.secret = secrets.token_urlsafe(32)
        """Session of a console on a laptop, where nobody logs in; a new one at each start."""
        self.told: dict[str, str] = {}
        """What the next page of a session says of the last action."""
        self._done: dict[str, Done] = {}

    def take(self, registry: Registry) -> None:
        """Work by this registry from now on."""
        self.registry = registry
        self._cities = registry.cities
        self.names = {
            "bureau": {bureau.code: bureau.city for bureau in registry.bureaus.values()},
            "site": {site.id: site.name for site in registry.sites.values()},
            "right.id": {right.id: right.name for right in registry.rights.values()},
            "recipient": {
                **{one.id: one.name for one in registry.desk.recipients.values()},
                **{one.code: one.name for one in registry.bureaus.values()},
            },
        }
        """Words for codes, by field."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()
        self.people.close()
        self.proposals.close()

    def decided(self, session: str, done: Done | None) -> None:
        """Remember what a session decided last, so that it can be undone; forget it with None."""
        kept = {key: old for key, old in self._done.items() if datetime.now(UTC) - old.at < UNDO}
        kept.pop(session, None)
        self._done = kept | ({session: done} if done and done.leads else {})
        self.counts.forget()

    def undoable(self, session: str) -> Done | None:
        """Return what a session decided last, as long as it can be undone."""
        done = self._done.get(session)
        return done if done and datetime.now(UTC) - done.at < UNDO else None

    def note(self, person: Person, event: str, **facts: str) -> None:
        """Write what a person did into the log."""
        self.log.append(event, datetime.now(UTC), True, by=person.name, **facts)

    def asked(self, text: str, person: Person) -> Query:
        """Return a query as this person may ask it: of their own city, if they have one.

        Raises:
            QueryError: it is malformed.
        """
        query = parse(text, self._cities)
        if person.city is None:
            return query
        return And((query, Term(Field.BUREAU, person.city)))

    def of_seller(self, seller: str, person: Person) -> Query:
        """Return the query for the leads of a seller that this person may see."""
        return And((self.asked("", person), Term(Field.SELLER, seller)))

    def lead(self, lead_id: str, person: Person) -> Standing | None:
        """Return a lead this person may see."""
        standing = self.store.get(lead_id)
        if standing is None or not self._may_see(standing, person):
            return None
        return standing

    def _may_see(self, standing: Standing, person: Person) -> bool:
        return person.city is None or person.city in values.codes(standing.lead)[Field.BUREAU]

    def visible(self, leads: Sequence[str], person: Person) -> list[Standing]:
        """Return those of the leads that there are and that this person may see."""
        found = (self.lead(one, person) for one in dict.fromkeys(leads))
        return [standing for standing in found if standing is not None]
