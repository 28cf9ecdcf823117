"""A small watch list under the shipped scoring."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from leads.model import AuthorisedUser, Right
from leads.registry import Registry, Scoring
from matchers.engine import Engine

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def scoring() -> Scoring:
    file = HERE.parent.parent / "config/scoring.toml"
    return Scoring.model_validate(tomllib.loads(file.read_text("utf-8")))


@pytest.fixture(scope="session")
def registry(scoring: Scoring) -> Registry:
    watch = tomllib.loads((HERE / "watch.toml").read_text("utf-8"))
    return Registry(
        rights={right["id"]: Right.model_validate(right) for right in watch["right"]},
        users={
            right: tuple(AuthorisedUser.model_validate(user) for user in users)
            for right, users in watch["users"].items()
        },
        bureaus={},
        laws={},
        sites={},
        scoring=scoring,
    )


@pytest.fixture(scope="session")
def engine(registry: Registry) -> Engine:
    return Engine(registry)


@pytest.fixture
def day() -> date:
    return date(2026, 11, 22)
