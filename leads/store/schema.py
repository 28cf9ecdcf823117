"""The tables of the embedded store, step by step; ``PRAGMA user_version`` counts the steps taken.

A step that was released is never edited, only followed by another. Times are UTC in ISO 8601, so
that they sort as text; ``body`` is the whole record as JSON, the columns beside it are what is
searched and sorted. ``lead_words`` holds texts as :func:`leads.words.words` cuts them, a blank
before and after each word; full-text search takes its place when it comes.
"""

from __future__ import annotations

APPLICATION_ID = 0x4D57_4442
"""``MWDB``: tells our files from other SQLite files."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE listing (
            site TEXT NOT NULL,
            ref TEXT NOT NULL,
            title TEXT NOT NULL,
            seller TEXT,
            price REAL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            body TEXT NOT NULL,
            UNIQUE (site, ref)
        )
        """,
        "CREATE INDEX listing_last_seen ON listing (last_seen)",
        "CREATE INDEX listing_seller ON listing (seller)",
        """
        CREATE TABLE lead (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL DEFAULT '新发现',
            triage TEXT NOT NULL,
            rank INTEGER NOT NULL,
            score REAL NOT NULL,
            right_id TEXT NOT NULL,
            right_name TEXT NOT NULL,
            title TEXT NOT NULL,
            site TEXT NOT NULL,
            ref TEXT NOT NULL,
            kind TEXT NOT NULL,
            seller TEXT,
            seller_name TEXT,
            seller_ref TEXT,
            seller_uscc TEXT,
            price REAL,
            found_at TEXT NOT NULL,
            captured_at TEXT,
            body TEXT NOT NULL
        )
        """,
        "CREATE INDEX lead_strength ON lead (rank, score DESC, id)",
        "CREATE INDEX lead_listing ON lead (site, ref)",
        "CREATE INDEX lead_id ON lead (id COLLATE NOCASE)",
        "CREATE INDEX lead_right ON lead (right_id COLLATE NOCASE)",
        "CREATE INDEX lead_seller ON lead (seller)",
        "CREATE INDEX lead_state ON lead (state COLLATE NOCASE)",
        "CREATE INDEX lead_found_at ON lead (found_at)",
        """
        CREATE TABLE lead_words (
            number INTEGER PRIMARY KEY REFERENCES lead (number) ON DELETE CASCADE,
            title TEXT NOT NULL,
            description TEXT NOT NULL,
            brand TEXT NOT NULL,
            category TEXT NOT NULL,
            attributes TEXT NOT NULL,
            seller_name TEXT NOT NULL,
            seller_company TEXT NOT NULL,
            seller_location TEXT NOT NULL,
            origin TEXT NOT NULL,
            ships_from TEXT NOT NULL,
            factory TEXT NOT NULL,
            right_name TEXT NOT NULL,
            reason TEXT NOT NULL,
            defence TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE lead_tag (
            field TEXT NOT NULL CHECK (field IN ('finding', 'matcher', 'bureau')),
            value TEXT NOT NULL,
            number INTEGER NOT NULL REFERENCES lead (number) ON DELETE CASCADE,
            PRIMARY KEY (field, value COLLATE NOCASE, number)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX lead_tag_number ON lead_tag (number)",
        """
        CREATE TABLE judgement (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            lead TEXT NOT NULL REFERENCES lead (id),
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            "by" TEXT NOT NULL,
            at TEXT NOT NULL,
            body TEXT NOT NULL
        )
        """,
        "CREATE INDEX judgement_lead ON judgement (lead)",
        """
        CREATE TRIGGER judgement_decides AFTER INSERT ON judgement BEGIN
            UPDATE lead SET state = NEW.state WHERE id = NEW.lead;
        END
        """,
        """
        CREATE TRIGGER judgement_stays BEFORE UPDATE ON judgement BEGIN
            SELECT RAISE(ABORT, 'judgements are append-only');
        END
        """,
        """
        CREATE TRIGGER judgement_remains BEFORE DELETE ON judgement BEGIN
            SELECT RAISE(ABORT, 'judgements are append-only');
        END
        """,
        """
        CREATE TABLE visit (
            number INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            site TEXT NOT NULL,
            url TEXT NOT NULL,
            verdict TEXT NOT NULL,
            listings INTEGER NOT NULL,
            reason TEXT,
            body TEXT NOT NULL
        )
        """,
        "CREATE INDEX visit_at ON visit (at)",
        """
        CREATE VIEW standing AS
        SELECT lead.id, lead.state, lead.triage, lead.score, lead.right_name, lead.title,
               lead.site, lead.ref, lead.seller_name, lead.price, lead.found_at,
               last."by" AS judged_by, last.at AS judged_at, last.reason AS judged_because
        FROM lead LEFT JOIN judgement AS last
        ON last.number = (SELECT max(number) FROM judgement WHERE judgement.lead = lead.id)
        """,
    ),
    (
        """
        CREATE TABLE sight (
            sha256 TEXT PRIMARY KEY,
            legible TEXT NOT NULL,
            bank TEXT NOT NULL,
            body TEXT NOT NULL
        ) WITHOUT ROWID
        """,
    ),
)
