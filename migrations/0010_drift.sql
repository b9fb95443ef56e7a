-- What AWS says, where it is not what the other tables say.

-- What a sweep has found to differ. A row goes when the thing does not differ any more.
CREATE TABLE drift_items (
    -- The kind, the cache and the subject, joined.
    id             TEXT    NOT NULL PRIMARY KEY,
    cache          TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    -- What AWS calls the thing that differs: user, secret, user group or cache.
    subject        TEXT    NOT NULL,
    -- Whose it is. NULL: nobody's, or the cache's.
    tenant_id      TEXT,
    tenant_name    TEXT,
    user           TEXT,
    user_name      TEXT,
    found          TEXT    NOT NULL,
    expected       TEXT    NOT NULL,
    policy         TEXT    NOT NULL CHECK (policy IN ('repair', 'report')),
    since          INTEGER NOT NULL,
    seen_at        INTEGER NOT NULL,
    -- When its repair was asked for, and by which request. NULL: by nobody, or it has begun.
    asked_at       INTEGER,
    request_id     TEXT,
    CHECK ((tenant_id IS NULL) = (tenant_name IS NULL)),
    CHECK ((tenant_id IS NULL) = (user IS NULL)),
    CHECK ((tenant_id IS NULL) = (user_name IS NULL)),
    CHECK (request_id IS NULL OR asked_at IS NOT NULL)
) STRICT;

CREATE INDEX drift_by_cache ON drift_items (cache, id);
CREATE INDEX drift_by_tenant ON drift_items (tenant_name, id) WHERE tenant_name IS NOT NULL;
CREATE INDEX drift_by_kind ON drift_items (kind, id);

-- Repairs that were begun, for good: who repaired what when, and who undoes it again and again.
CREATE TABLE drift_repairs (
    item       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    found      TEXT    NOT NULL,
    -- NULL: it was repaired by the policy.
    request_id TEXT
) STRICT;

CREATE INDEX drift_repairs_by_item ON drift_repairs (item, at);

-- What is known of each cache beside its users, and when it was last swept.
CREATE TABLE drift_sweeps (
    cache         TEXT    NOT NULL PRIMARY KEY,
    swept_at      INTEGER,
    group_engine  TEXT,
    endpoint_host TEXT,
    endpoint_port INTEGER CHECK (endpoint_port BETWEEN 0 AND 65535),
    endpoint_tls  INTEGER CHECK (endpoint_tls IN (0, 1)),
    CHECK ((endpoint_host IS NULL) = (endpoint_port IS NULL)),
    CHECK ((endpoint_host IS NULL) = (endpoint_tls IS NULL))
) STRICT, WITHOUT ROWID;

-- The name of the access string that AWS showed when its user was attested, where that is not known
-- to mean the same as what was asked for, and the revision of the rights that it was given by then.
CREATE TABLE shown_access (
    user            TEXT NOT NULL PRIMARY KEY,
    access_revision TEXT NOT NULL,
    shown           TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whose a secret is, and which rotation made the password of a user.
CREATE INDEX users_by_secret ON users (secret_name) WHERE phase <> 'deleted' AND secret_name <> '';
-- Partial, so that no query takes it that does not ask for a time.
CREATE INDEX rotations_by_user ON rotations (user, updated_at) WHERE updated_at > 0;
CREATE INDEX rotations_promoted ON rotations (user, finished_step) WHERE finished_step IS NOT NULL;
