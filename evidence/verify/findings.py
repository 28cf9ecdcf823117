"""What a verification has found so far."""

from __future__ import annotations

from dataclasses import dataclass, field

_MAX_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file in a packet; ``file`` is the packet's own name for the whole."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}：{self.reason}"


@dataclass(slots=True)
class Report:
    """What is wrong with a packet, and what its seals say."""

    problems: list[Problem] = field(default_factory=list)
    seals: list[str] = field(default_factory=list)
    """Each signature and stamp, or that there is none, in Chinese."""
    _faulty: set[str] = field(default_factory=set)

    def add(self, file: str, reason: str) -> None:
        """Note what is wrong with a file; only the first thing wrong with each is told."""
        if file not in self._faulty and len(self.problems) < _MAX_PROBLEMS:
            self._faulty.add(file)
            self.problems.append(Problem(shown(file), reason))


def shown(text: str, most: int = 120) -> str:
    """Return foreign text for a terminal: nothing in it acts, and it has an end."""
    safe = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    return safe if len(safe) <= most else f"{safe[:most]}…"
