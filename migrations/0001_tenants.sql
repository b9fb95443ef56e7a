-- Times are milliseconds since 1970-01-01T00:00:00Z. No column ever holds a password.

-- Who we are to AWS: the value of the tag `ringfence:installation`.
CREATE TABLE installation (
    only_row   INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    id         TEXT    NOT NULL CHECK (id <> ''),
    created_at INTEGER NOT NULL
) STRICT;

-- One row for each life of a tenant. A deleted one stays as a tombstone: its keys may still be
-- in the cache.
CREATE TABLE tenants (
    id             TEXT    NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL,
    cache          TEXT    NOT NULL,
    profile        TEXT    NOT NULL,
    labels         TEXT    NOT NULL CHECK (json_type(labels) = 'object'),
    key_pattern    TEXT    NOT NULL,
    user_id        TEXT    NOT NULL,
    user_name      TEXT    NOT NULL,
    secret_name    TEXT    NOT NULL,
    -- The request that last said what is wanted; the work on it carries the id in its logs.
    request_id     TEXT,
    -- What the API asks for …
    wanted         TEXT    NOT NULL CHECK (wanted IN ('present', 'absent')),
    -- … and how far the reconciler has come.
    phase          TEXT    NOT NULL CHECK (phase IN (
        'storing-secret', 'creating-user', 'joining-group', 'attesting', 'active',
        'leaving-group', 'removing-user', 'awaiting-removal', 'removing-secret', 'deleted'
    )),
    phase_since    INTEGER NOT NULL,
    -- What stands in the way. Without a time to retry it needs a person.
    problem_code   TEXT,
    problem_detail TEXT,
    retry_at       INTEGER,
    attempts       INTEGER NOT NULL CHECK (attempts >= 0),
    revision       INTEGER NOT NULL CHECK (revision >= 1),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    CHECK ((problem_code IS NULL) = (problem_detail IS NULL)),
    CHECK (retry_at IS NULL OR problem_code IS NOT NULL),
    CHECK (wanted = 'absent' OR phase IN (
        'storing-secret', 'creating-user', 'joining-group', 'attesting', 'active'
    )),
    CHECK (phase <> 'deleted' OR problem_code IS NULL)
) STRICT;

CREATE UNIQUE INDEX tenants_by_name ON tenants (name) WHERE phase <> 'deleted';
CREATE UNIQUE INDEX tenants_by_user_id ON tenants (user_id) WHERE phase <> 'deleted';
CREATE INDEX tenants_by_cache ON tenants (cache, phase);
CREATE INDEX tenants_unsettled ON tenants (cache)
    WHERE phase NOT IN ('active', 'deleted') OR (phase = 'active' AND wanted = 'absent');

-- What happened, in the order in which it was committed.
CREATE TABLE events (
    sequence    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    tenant_id   TEXT    NOT NULL REFERENCES tenants (id),
    tenant_name TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    -- The request that caused it; absent where the reconciler acted.
    request_id  TEXT
) STRICT;

CREATE INDEX events_by_tenant ON events (tenant_id, sequence);

-- The first answer to a request with an `Idempotency-Key`, to be given again.
CREATE TABLE idempotency_keys (
    caller       TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL CHECK (status BETWEEN 200 AND 299),
    headers      TEXT    NOT NULL CHECK (json_type(headers) = 'object'),
    body         TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
