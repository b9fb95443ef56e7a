-- A rotation replaces the password of one user. No column holds a password: versions of a secret are
-- named by their ids.
CREATE TABLE rotations (
    id             TEXT    NOT NULL PRIMARY KEY,
    tenant_id      TEXT    NOT NULL REFERENCES tenants (id),
    user           TEXT    NOT NULL REFERENCES users (id),
    -- The user's; repeated here because work is looked for by cache.
    cache          TEXT    NOT NULL,
    mode           TEXT    NOT NULL CHECK (mode IN ('overlap', 'emergency')),
    -- Of an overlap: how long the old password goes on working, and what else has to be so.
    grace_seconds  INTEGER CHECK (grace_seconds >= 0),
    gate           TEXT CHECK (gate IN ('time', 'acks', 'manual')),
    -- Who has to acknowledge the new password: ["…", …]
    expected       TEXT    NOT NULL CHECK (json_type(expected) = 'array'),
    -- Why it was asked for; an emergency has a reason always.
    reason         TEXT,
    -- What callers want …
    wish           TEXT    NOT NULL CHECK (wish IN ('complete', 'retire-now', 'cancel')),
    -- … and how far the work has come.
    phase          TEXT    NOT NULL CHECK (phase IN (
        'queued', 'creating', 'setting', 'testing', 'finishing', 'grace', 'retiring', 'proving', 'cutting',
        'rejoining', 'completed', 'reverting', 'discarding', 'cancelled', 'failed'
    )),
    phase_since    INTEGER NOT NULL,
    -- The version that was AWSCURRENT when it began.
    from_version   TEXT,
    created_step   INTEGER,
    set_step       INTEGER,
    tested_step    INTEGER,
    finished_step  INTEGER,
    retired_step   INTEGER,
    -- [{"consumer": …, "at": …}, …]
    acknowledged   TEXT    NOT NULL CHECK (json_type(acknowledged) = 'array'),
    problem_code   TEXT,
    problem_detail TEXT,
    retry_at       INTEGER,
    attempts       INTEGER NOT NULL CHECK (attempts >= 0),
    request_id     TEXT,
    revision       INTEGER NOT NULL CHECK (revision >= 1),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    CHECK ((mode = 'overlap') = (grace_seconds IS NOT NULL)),
    CHECK ((mode = 'overlap') = (gate IS NOT NULL)),
    CHECK (mode = 'overlap' OR reason IS NOT NULL),
    CHECK ((problem_code IS NULL) = (problem_detail IS NULL)),
    CHECK (retry_at IS NULL OR problem_code IS NOT NULL),
    CHECK (phase <> 'failed' OR problem_code IS NOT NULL),
    CHECK (phase IN ('queued', 'creating', 'discarding', 'cancelled', 'failed') OR from_version IS NOT NULL)
) STRICT;

CREATE INDEX rotations_by_tenant ON rotations (tenant_id, id);
-- One runs at a time, and one emergency may wait for its end.
CREATE UNIQUE INDEX rotations_running ON rotations (user)
    WHERE phase NOT IN ('queued', 'completed', 'cancelled', 'failed');
CREATE UNIQUE INDEX rotations_queued ON rotations (user) WHERE phase = 'queued';
-- What each pass asks for: with the order in it, it wins over other indexes that begin with the cache.
CREATE INDEX rotations_by_cache ON rotations (cache, id)
    WHERE phase NOT IN ('queued', 'completed', 'cancelled', 'failed');
CREATE INDEX rotations_open ON rotations (user)
    WHERE phase NOT IN ('completed', 'cancelled', 'failed');
