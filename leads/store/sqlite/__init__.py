"""The embedded store: one SQLite file that any SQLite browser reads.

Every call is a transaction of its own (``put`` one per 5,000 leads), in write-ahead mode: a killed
process loses nothing that was acknowledged. Against a power cut, judgements are also synced to the
disk at once, listings and leads by the next judgement, checkpoint or close. Readers see the moment
they began and never wait for a writer.
"""

from leads.store.sqlite.archive import Archive
from leads.store.sqlite.counting import Counting
from leads.store.sqlite.parts import Parts

__all__ = ["SQLiteStore"]


class SQLiteStore(Archive, Parts, Counting):
    """A :class:`leads.store.Store` in one file, made, with its folder, when missing.

    Raises:
        StoreError: the file cannot be opened or written, is no store, or of a newer version, or
            is missing and was not to be made.
    """
