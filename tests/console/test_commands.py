"""Every command can be found where the list says."""

import importlib
import pkgutil

import console
from console.cli import PLACES


def test_every_command_of_every_module_is_listed_where_it_lies() -> None:
    there = {}
    for file in pkgutil.iter_modules(console.__path__):
        module = importlib.import_module(f"console.{file.name}")
        there |= {command.name: file.name for command in getattr(module, "COMMANDS", ())}
    assert there == PLACES


def test_commands_are_listed_in_order() -> None:
    assert list(PLACES) == sorted(PLACES)
