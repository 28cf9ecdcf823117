"""What is asked of the leads, as a tree of typed conditions that every store compiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from leads.fields import Field
from leads.scanner import Operator


@dataclass(frozen=True, slots=True)
class All:
    """Every lead: the empty query."""


@dataclass(frozen=True, slots=True)
class And:
    """Every one of two or more parts fits."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more parts fits."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not fit."""

    part: Query


@dataclass(frozen=True, slots=True)
class Words:
    """The words (see :func:`leads.words.words`) follow one another in a field of text.

    ``field`` None is any field of text; with ``prefix`` the last word may go on.
    """

    field: Field | None
    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A code is ``value``, or with ``prefix`` begins with it; ASCII case does not matter."""

    field: Field
    value: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A number, or a time in UTC, compared with ``value``; a missing one never fits."""

    field: Field
    operator: Operator
    value: float | datetime


@dataclass(frozen=True, slots=True)
class Exists:
    """The field holds something."""

    field: Field


Query: TypeAlias = All | And | Or | Not | Words | Term | Compare | Exists
