"""The tables of the embedded store, step by step; ``PRAGMA user_version`` counts the steps taken.

A step that was released is never edited, only followed by another. Times are UTC in ISO 8601, so
that they sort as text; ``body`` is the whole record as JSON, the columns beside it are what is
searched and sorted. ``lead_text`` holds texts as :mod:`leads.store.sqlite.text` cuts them;
``facet`` counts the leads of each value, so that the first page of a large store is quick. People
who open the file with a browser of databases are served by the views with Chinese names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from leads.store.sqlite import filling
from leads.store.sqlite.rows import TEXTS, column

Statement = str | Callable[[sqlite3.Connection], None]

APPLICATION_ID = 0x4D57_4442
"""``MWDB``: tells our files from other SQLite files."""

STEPS: tuple[tuple[Statement, ...], ...] = (
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
    (
        # Listings: when they were there, and which pictures they show.
        "ALTER TABLE listing ADD COLUMN id TEXT",
        "ALTER TABLE listing ADD COLUMN misses INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE listing ADD COLUMN missed_at TEXT",
        """
        CREATE TABLE listing_picture (
            sha256 TEXT NOT NULL,
            listing TEXT NOT NULL,
            PRIMARY KEY (sha256, listing)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX listing_picture_listing ON listing_picture (listing)",
        filling.listings,
        "CREATE UNIQUE INDEX listing_id ON listing (id)",
        """
        CREATE TABLE sighting (
            id TEXT PRIMARY KEY,
            site TEXT NOT NULL,
            ref TEXT NOT NULL,
            at TEXT NOT NULL,
            change TEXT NOT NULL,
            before TEXT,
            after TEXT,
            body TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE INDEX sighting_at ON sighting (at)",
        "CREATE INDEX sighting_listing ON sighting (site, ref)",
    ),
    (
        # Leads: the record lies apart, so that what is searched stays small.
        "DROP VIEW standing",
        "CREATE TABLE lead_body (number INTEGER PRIMARY KEY"
        " REFERENCES lead (number) ON DELETE CASCADE, body TEXT NOT NULL)",
        "INSERT INTO lead_body (number, body) SELECT number, body FROM lead",
        "ALTER TABLE lead DROP COLUMN body",
        "ALTER TABLE lead ADD COLUMN counted TEXT NOT NULL DEFAULT ''",
        "DROP TABLE lead_words",
        f"""
        CREATE VIRTUAL TABLE lead_text USING fts5 (
            codes, {", ".join(map(column, TEXTS))}, tokenize = 'ascii', columnsize = 0
        )
        """,
        "INSERT INTO lead_text (lead_text, rank) VALUES ('automerge', 16)",
        "INSERT INTO lead_text (lead_text, rank) VALUES ('hashsize', 67108864)",  # bytes
        "DROP TABLE lead_tag",
        """
        CREATE TABLE facet (
            field TEXT NOT NULL,
            value TEXT NOT NULL,
            leads INTEGER NOT NULL,
            PRIMARY KEY (field, value)
        ) WITHOUT ROWID
        """,
        filling.leads,
        "DROP INDEX lead_listing",
        "DROP INDEX lead_right",
        "CREATE INDEX lead_ref ON lead (ref COLLATE NOCASE)",
        "DROP INDEX lead_seller",
        "CREATE INDEX lead_seller ON lead (seller COLLATE NOCASE)",
        "CREATE INDEX lead_seller_ref ON lead (seller_ref COLLATE NOCASE)",
        "CREATE INDEX lead_seller_uscc ON lead (seller_uscc COLLATE NOCASE)"
        " WHERE seller_uscc IS NOT NULL",
        "CREATE INDEX lead_cheapest ON lead (ifnull(price, 9e999))",
        "CREATE INDEX lead_dearest ON lead (ifnull(price, -9e999))",
    ),
    (
        # Visits: the same one told twice is one. Sights: near ones are found by equal bands.
        "ALTER TABLE visit ADD COLUMN id TEXT",
        filling.visits,
        "CREATE UNIQUE INDEX visit_id ON visit (id)",
        "ALTER TABLE sight RENAME TO old_sight",
        """
        CREATE TABLE sight (
            number INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE,
            legible TEXT NOT NULL,
            bank TEXT NOT NULL,
            pdq TEXT,
            body TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE sight_band (
            band TEXT NOT NULL,
            sight INTEGER NOT NULL,
            PRIMARY KEY (band, sight)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX sight_band_sight ON sight_band (sight)",
        filling.sights,
        "DROP TABLE old_sight",
        """
        CREATE VIEW 线索 AS
        SELECT lead.id AS 编号, lead.state AS 状态, triage AS 分级, score AS 分数,
               right_name AS 权利, title AS 标题, site AS 平台, ref AS 商品编号,
               seller_name AS 店铺, price AS 价格, found_at AS 发现时间,
               last."by" AS 处理人, last.at AS 处理时间, last.reason AS 处理理由
        FROM lead LEFT JOIN judgement AS last
        ON last.number = (SELECT max(number) FROM judgement WHERE judgement.lead = lead.id)
        """,
        """
        CREATE VIEW 商品 AS
        SELECT site AS 平台, ref AS 编号, title AS 标题, price AS 价格, first_seen AS 首次采集,
               last_seen AS 最近采集, misses AS 连续未见次数 FROM listing
        """,
        """
        CREATE VIEW 变动 AS
        SELECT at AS 时间, site AS 平台, ref AS 编号, change AS 变动, before AS 之前, after AS 之后
        FROM sighting
        """,
        """
        CREATE VIEW 人工结论 AS
        SELECT lead AS 线索, state AS 状态, reason AS 理由, "by" AS 处理人, at AS 时间
        FROM judgement
        """,
    ),
    (
        """
        CREATE TABLE exclusion (
            id TEXT PRIMARY KEY,
            scope TEXT NOT NULL,
            subject TEXT NOT NULL,
            right_id TEXT,
            matcher TEXT,
            effect TEXT NOT NULL,
            code TEXT NOT NULL,
            reason TEXT NOT NULL,
            decided_by TEXT NOT NULL,
            second TEXT,
            at TEXT NOT NULL,
            until TEXT,
            lifted_at TEXT,
            body TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TRIGGER exclusion_remains BEFORE DELETE ON exclusion BEGIN
            SELECT RAISE(ABORT, 'exclusions are lifted, never deleted');
        END
        """,
        """
        CREATE VIEW 排除决定 AS
        SELECT id AS 编号, scope AS 范围, subject AS 对象, right_id AS 权利, matcher AS 规则,
               effect AS 效果, code AS 原因码, reason AS 理由, decided_by AS 决定人,
               second AS 另一人, at AS 时间, until AS 有效至, lifted_at AS 解除时间 FROM exclusion
        """,
    ),
)
