-- Each event says on whose word it happened and how it ended, may be nobody's, and is chained to the
-- one before it.

ALTER TABLE events RENAME TO events_before;
DROP INDEX events_by_tenant;
DROP INDEX events_by_fleet;

CREATE TABLE events (
    -- One more than that of the event before it, so that none can be missing without a sign.
    sequence    INTEGER NOT NULL PRIMARY KEY,
    at          INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    outcome     TEXT    NOT NULL CHECK (outcome IN ('success', 'failure', 'refused')),
    -- service, command, anonymous, token:ID:NAME or subject:ISSUER#SUBJECT
    actor       TEXT    NOT NULL,
    -- The request that caused it; absent where the service acted by itself.
    request_id  TEXT,
    tenant_id   TEXT REFERENCES tenants (id),
    tenant_name TEXT,
    -- The user within the tenant, where it happened to one.
    user        TEXT,
    -- Where it happened to a fleet rotation, or to a user because of one.
    fleet       TEXT REFERENCES fleet_rotations (id),
    -- Where it happened to something that belongs to a cache.
    cache       TEXT,
    -- The id of what it is about: a rotation, an attestation, a drift item, a token.
    subject     TEXT,
    detail      TEXT    NOT NULL,
    -- SHA-256 over the hash of the event before it and the columns above, as docs/audit.md says. SQLite
    -- cannot make it: events from before this column get theirs when the store is opened.
    hash        BLOB CHECK (length(hash) = 32),
    CHECK ((tenant_id IS NULL) = (tenant_name IS NULL)),
    CHECK (user IS NULL OR tenant_id IS NOT NULL)
) STRICT;

-- Before this version nobody was asked who they are, and steps of the reconciler named no request.
INSERT INTO events
SELECT row_number() OVER (ORDER BY sequence), at, kind,
  iif(kind IN ('user.hindered', 'isolation.leaky', 'rotation.skipped')
    OR (kind = 'rotation.changed' AND detail = 'failed'), 'failure', 'success'),
  CASE
    WHEN kind LIKE '%.imported' THEN 'command'
    WHEN request_id IS NULL OR kind = 'drift.repair-begun' THEN 'service'
    ELSE 'anonymous'
  END,
  request_id, tenant_id, tenant_name, user, fleet, NULL, NULL, detail, NULL
FROM events_before;

DROP TABLE events_before;
CREATE INDEX events_by_tenant ON events (tenant_name, sequence) WHERE tenant_name IS NOT NULL;
CREATE INDEX events_by_fleet ON events (fleet, sequence) WHERE fleet IS NOT NULL;

-- What the oldest event is chained to: the last one that was removed because of its age, or where the
-- record begins. The row is written when the store is opened for the first time.
CREATE TABLE event_anchor (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    sequence INTEGER NOT NULL,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
