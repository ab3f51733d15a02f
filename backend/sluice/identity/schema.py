"""The tables of identity.db, step by step; a step that was released is never changed."""

MIGRATIONS = (
    """
    CREATE TABLE users (
        id TEXT PRIMARY KEY,
        email TEXT NOT NULL UNIQUE,
        email_verified INTEGER NOT NULL,
        confirmed INTEGER NOT NULL,
        salt BLOB NOT NULL,
        verifier BLOB NOT NULL,
        attributes TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE sessions (
        origin TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
        refresh_digest BLOB NOT NULL UNIQUE,
        signed_in_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        revoked INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX sessions_by_user ON sessions (user_id);
    CREATE INDEX sessions_by_expiry ON sessions (expires_at);
    CREATE TABLE challenges (
        block_digest BLOB PRIMARY KEY,
        user_id TEXT NOT NULL,
        client_value TEXT NOT NULL,
        secret BLOB NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX challenges_by_expiry ON challenges (expires_at);
    CREATE TABLE codes (
        user_id TEXT NOT NULL,
        purpose TEXT NOT NULL,
        recipient TEXT NOT NULL,
        digest BLOB NOT NULL,
        shown TEXT,
        misses INTEGER NOT NULL DEFAULT 0,
        sent_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (user_id, purpose)
    ) STRICT;
    CREATE INDEX codes_by_expiry ON codes (expires_at);
    CREATE TABLE allowances (
        name TEXT PRIMARY KEY,
        spent INTEGER NOT NULL,
        ends_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX allowances_by_end ON allowances (ends_at);
    """,
    """
    CREATE TABLE memberships (
        user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
        name TEXT NOT NULL,
        PRIMARY KEY (user_id, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX memberships_by_name ON memberships (name);
    """,
    "ALTER TABLE users ADD COLUMN pending TEXT;",
)
