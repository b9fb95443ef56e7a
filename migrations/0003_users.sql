-- A tenant gets several users, each with its own rights, password and place in the user group.
-- What the reconciler works on moves from `tenants` to `users`.

ALTER TABLE tenants RENAME TO tenants_before;
DROP INDEX tenants_by_name;
DROP INDEX tenants_by_user_id;
DROP INDEX tenants_by_cache;
DROP INDEX tenants_unsettled;

-- One row for each life of a tenant, of a service, or of a break-glass session. A deleted one
-- stays as a tombstone: its keys may still be in the cache.
CREATE TABLE tenants (
    id           TEXT    NOT NULL PRIMARY KEY,
    tier         TEXT    NOT NULL CHECK (tier IN ('tenant', 'service', 'break-glass')),
    name         TEXT    NOT NULL,
    cache        TEXT    NOT NULL,
    labels       TEXT    NOT NULL CHECK (json_type(labels) = 'object'),
    key_pattern  TEXT    NOT NULL,
    -- Of a break-glass session: why it was opened, and when it ends by itself.
    reason       TEXT,
    expires_at   INTEGER,
    -- What the API asks for …
    wanted       TEXT    NOT NULL CHECK (wanted IN ('present', 'absent')),
    -- … and what its users add up to. Written with every change to one of them.
    status       TEXT    NOT NULL CHECK (status IN (
        'provisioning', 'active', 'updating', 'deleting', 'blocked', 'deleted'
    )),
    activated_at INTEGER,
    revision     INTEGER NOT NULL CHECK (revision >= 1),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    CHECK ((tier = 'break-glass') = (reason IS NOT NULL)),
    CHECK ((tier = 'break-glass') = (expires_at IS NOT NULL)),
    CHECK ((tier = 'break-glass') = (key_pattern = '*')),
    CHECK (status <> 'active' OR (wanted = 'present' AND activated_at IS NOT NULL)),
    CHECK (status <> 'deleted' OR wanted = 'absent')
) STRICT;

-- One row for each life of a user.
CREATE TABLE users (
    id               TEXT    NOT NULL PRIMARY KEY,
    tenant_id        TEXT    NOT NULL REFERENCES tenants (id),
    -- Its tenant's; repeated here because work is looked for by cache.
    cache            TEXT    NOT NULL,
    -- Within its tenant; `main` is the one that every tenant has.
    name             TEXT    NOT NULL,
    -- NULL: everything, for break-glass sessions.
    profile          TEXT,
    key_pattern      TEXT    NOT NULL,
    user_id          TEXT    NOT NULL,
    user_name        TEXT    NOT NULL,
    secret_name      TEXT    NOT NULL,
    -- The request that last said what is wanted; the work on it carries the id in its logs.
    request_id       TEXT,
    wanted           TEXT    NOT NULL CHECK (wanted IN ('present', 'absent')),
    phase            TEXT    NOT NULL CHECK (phase IN (
        'storing-secret', 'creating-user', 'joining-group', 'modifying-user', 'attesting', 'active',
        'leaving-group', 'removing-user', 'awaiting-removal', 'removing-secret', 'deleted'
    )),
    phase_since      INTEGER NOT NULL,
    -- When it could log in for the first time.
    activated_at     INTEGER,
    -- Names the rules of the access string that AWS was last given. NULL: it is to be given one.
    access_revision  TEXT,
    -- What stands in the way. Without a time to retry it needs a person.
    problem_code     TEXT,
    problem_detail   TEXT,
    retry_at         INTEGER,
    attempts         INTEGER NOT NULL CHECK (attempts >= 0),
    attested_at      INTEGER,
    attested_verdict TEXT,
    revision         INTEGER NOT NULL CHECK (revision >= 1),
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    CHECK ((profile IS NULL) = (key_pattern = '*')),
    CHECK (phase <> 'active' OR activated_at IS NOT NULL),
    CHECK ((problem_code IS NULL) = (problem_detail IS NULL)),
    CHECK (retry_at IS NULL OR problem_code IS NOT NULL),
    CHECK (wanted = 'absent' OR phase IN (
        'storing-secret', 'creating-user', 'joining-group', 'modifying-user', 'attesting', 'active'
    )),
    CHECK (phase <> 'deleted' OR problem_code IS NULL),
    CHECK ((attested_verdict IS NULL) = (attested_at IS NULL)),
    CHECK (attested_verdict IS NULL OR attested_verdict IN (
        'isolated', 'leaky', 'too-tight', 'login-refused', 'inconclusive'
    ))
) STRICT;

INSERT INTO tenants
SELECT id, 'tenant', name, cache, labels, key_pattern, NULL, NULL, wanted,
       CASE
           WHEN phase = 'deleted' THEN 'deleted'
           WHEN problem_code IS NOT NULL AND retry_at IS NULL THEN 'blocked'
           WHEN wanted = 'absent' THEN 'deleting'
           WHEN phase = 'active' THEN 'active'
           ELSE 'provisioning'
       END,
       CASE WHEN phase = 'active' THEN phase_since END,
       revision, created_at, updated_at
FROM tenants_before;

-- A main user has its tenant's id. What the users were given is not known, which is older than
-- any revision.
INSERT INTO users
SELECT id, id, cache, 'main', profile, key_pattern, user_id, user_name, secret_name, request_id,
       wanted, phase, phase_since,
       CASE WHEN phase = 'active' THEN phase_since END,
       CASE WHEN phase NOT IN ('storing-secret', 'creating-user')
            THEN '00000000-0000-0000-0000-000000000000' END,
       problem_code, problem_detail, retry_at, attempts, attested_at, attested_verdict, revision,
       created_at, updated_at
FROM tenants_before;

ALTER TABLE events RENAME TO events_before;
DROP INDEX events_by_tenant;

-- What happened, in the order in which it was committed.
CREATE TABLE events (
    sequence    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    tenant_id   TEXT    NOT NULL REFERENCES tenants (id),
    tenant_name TEXT    NOT NULL,
    -- The user within the tenant, where it happened to one.
    user        TEXT,
    detail      TEXT    NOT NULL,
    -- The request that caused it; absent where the reconciler acted.
    request_id  TEXT
) STRICT;

INSERT INTO events
SELECT sequence, at, kind, tenant_id, tenant_name, NULL, detail, request_id FROM events_before;

DROP TABLE events_before;
CREATE INDEX events_by_tenant ON events (tenant_id, sequence);

ALTER TABLE attestations RENAME TO attestations_before;
DROP INDEX attestations_by_tenant;
DROP INDEX attestations_waiting;

-- Dated records that a login as a user was tried. One without a finding waits for its turn.
CREATE TABLE attestations (
    id            TEXT    NOT NULL PRIMARY KEY,
    tenant_id     TEXT    NOT NULL REFERENCES tenants (id),
    user          TEXT    NOT NULL REFERENCES users (id),
    requested_at  INTEGER NOT NULL,
    found_at      INTEGER,
    verdict       TEXT CHECK (
        verdict IN ('isolated', 'leaky', 'too-tight', 'login-refused', 'inconclusive')
    ),
    -- Why nothing could be decided.
    why           TEXT,
    engine        TEXT,
    access_string TEXT,
    -- [{"command": …, "may": …, "could": …}, …]
    probes        TEXT CHECK (json_type(probes) = 'array'),
    CHECK ((found_at IS NULL) = (verdict IS NULL)),
    CHECK ((found_at IS NULL) = (engine IS NULL)),
    CHECK ((found_at IS NULL) = (access_string IS NULL)),
    CHECK ((found_at IS NULL) = (probes IS NULL)),
    CHECK ((why IS NOT NULL) = (verdict IS NOT NULL AND verdict = 'inconclusive'))
) STRICT;

INSERT INTO attestations
SELECT id, tenant_id, tenant_id, requested_at, found_at, verdict, why, engine, access_string, probes
FROM attestations_before;

DROP TABLE attestations_before;
CREATE INDEX attestations_by_tenant ON attestations (tenant_id, id);
CREATE INDEX attestations_by_user ON attestations (user, id);
CREATE INDEX attestations_waiting ON attestations (user) WHERE found_at IS NULL;

DROP TABLE tenants_before;

CREATE UNIQUE INDEX tenants_by_name ON tenants (name) WHERE status <> 'deleted';
CREATE INDEX tenants_by_tier ON tenants (tier, id) WHERE status <> 'deleted';
CREATE INDEX tenants_by_cache ON tenants (cache, status);
CREATE INDEX tenants_expiring ON tenants (cache, expires_at)
    WHERE expires_at IS NOT NULL AND wanted = 'present';
CREATE INDEX users_by_tenant ON users (tenant_id);
CREATE UNIQUE INDEX users_by_name ON users (tenant_id, name) WHERE phase <> 'deleted';
CREATE UNIQUE INDEX users_by_user_id ON users (user_id) WHERE phase <> 'deleted';
CREATE INDEX users_by_cache ON users (cache, phase);
CREATE INDEX users_by_access ON users (cache, profile, access_revision)
    WHERE wanted = 'present' AND phase <> 'deleted';
CREATE INDEX users_unsettled ON users (cache)
    WHERE phase NOT IN ('active', 'deleted')
       OR (phase = 'active' AND (wanted = 'absent' OR access_revision IS NULL));
