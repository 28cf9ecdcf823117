"""The tables of the ledger, step by step; ``PRAGMA user_version`` counts the steps taken.

A step that was released is never edited, only followed by another. Times are UTC in ISO 8601; days
are days in Beijing.
"""

from __future__ import annotations

APPLICATION_ID = 0x4D57_4C47
"""``MWLG``: tells a ledger from other SQLite files."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE place (number INTEGER PRIMARY KEY, store TEXT NOT NULL UNIQUE)",
        """
        CREATE TABLE run (
            number INTEGER PRIMARY KEY,
            place INTEGER NOT NULL REFERENCES place (number),
            id TEXT NOT NULL,
            began TEXT NOT NULL,
            ended TEXT,
            UNIQUE (place, id)
        )
        """,
        # What a site was asked for, and why its crawl ended; NULL while it is under way.
        """
        CREATE TABLE plan (
            run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
            site TEXT NOT NULL,
            body TEXT NOT NULL,
            finish TEXT,
            PRIMARY KEY (run, site)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE task (
            number INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
            site TEXT NOT NULL,
            key TEXT NOT NULL,
            stage TEXT NOT NULL DEFAULT 'planned',
            url TEXT NOT NULL,
            callback TEXT NOT NULL,
            errback TEXT,
            kwargs TEXT NOT NULL,
            priority INTEGER NOT NULL,
            outline TEXT,
            UNIQUE (run, site, key)
        )
        """,
        # Listings that a run has brought: read from a page, or only seen to be there still.
        """
        CREATE TABLE taken (
            run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
            site TEXT NOT NULL,
            ref TEXT NOT NULL,
            read INTEGER NOT NULL,
            leads INTEGER NOT NULL,
            looked INTEGER NOT NULL,
            PRIMARY KEY (run, site, ref)
        ) WITHOUT ROWID
        """,
        # At which sellers, on which listings, a run has seen a reference picture.
        """
        CREATE TABLE shown (
            run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
            site TEXT NOT NULL,
            source TEXT NOT NULL,
            ref TEXT NOT NULL,
            seller TEXT,
            PRIMARY KEY (run, site, source, ref)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE listing (
            place INTEGER NOT NULL REFERENCES place (number),
            site TEXT NOT NULL,
            ref TEXT NOT NULL,
            url TEXT,
            outline TEXT,
            content TEXT NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            misses INTEGER NOT NULL DEFAULT 0,
            unchanged INTEGER NOT NULL,
            due TEXT,
            PRIMARY KEY (place, site, ref)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX listing_due ON listing (place, site, due)",
        """
        CREATE TABLE page (
            url TEXT PRIMARY KEY,
            etag TEXT,
            modified TEXT,
            sha256 TEXT NOT NULL,
            media_type TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE picture (
            url TEXT PRIMARY KEY,
            site TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            at TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE INDEX picture_at ON picture (site, at)",
    ),
)
