"""Numbers printed on listings and shops: they look arbitrary, yet lead back to the index."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_PRIME = 999_999_937


@dataclass(frozen=True)
class Numbers:
    """A bijection from indices (0 to 999,999,936) to decimal numbers of twelve digits."""

    base: int
    factor: int
    shift: int

    @classmethod
    def seeded(cls, rng: Random, prefix: int) -> Numbers:
        """Draw a bijection whose numbers begin with the three digits of ``prefix``."""
        return cls(prefix * 1_000_000_000, rng.randrange(1, _PRIME), rng.randrange(_PRIME))

    def ref(self, index: int) -> str:
        """Return the number printed for ``index``."""
        return str(self.base + (index * self.factor + self.shift) % _PRIME)

    def index(self, ref: str, count: int) -> int:
        """Return the index below ``count`` that ``ref`` was printed for.

        Raises:
            KeyError: there is none.
        """
        if ref.isascii() and ref.isdigit() and len(ref) == 12:
            residue = int(ref) - self.base
            if 0 <= residue < _PRIME:
                index = (residue - self.shift) * pow(self.factor, -1, _PRIME) % _PRIME
                if index < count:
                    return index
        raise KeyError(ref)
