-- Many passwords are replaced at one request, a few at a time.

CREATE TABLE fleet_rotations (
    id            TEXT    NOT NULL PRIMARY KEY,
    -- Whose: {"cache": …, "profile": …, "labels": {…}, "tenants": […], "rotated_before": …}
    selector      TEXT    NOT NULL CHECK (json_type(selector) = 'object'),
    mode          TEXT    NOT NULL CHECK (mode IN ('overlap', 'emergency')),
    grace_seconds INTEGER CHECK (grace_seconds >= 0),
    -- NULL in an overlap: what the settings of each cache say.
    gate          TEXT CHECK (gate IN ('time', 'acks', 'manual')),
    expected      TEXT    NOT NULL CHECK (json_type(expected) = 'array'),
    reason        TEXT    NOT NULL,
    max_in_flight INTEGER NOT NULL CHECK (max_in_flight >= 1),
    state         TEXT    NOT NULL CHECK (state IN ('running', 'paused', 'completed', 'cancelled')),
    request_id    TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    CHECK ((mode = 'overlap') = (grace_seconds IS NOT NULL)),
    CHECK (mode = 'overlap' OR gate IS NULL)
) STRICT;

ALTER TABLE rotations ADD COLUMN fleet TEXT REFERENCES fleet_rotations (id);

-- The users that were selected when the fleet rotation was asked for. One without a rotation and
-- without an outcome waits for its turn; how one with a rotation is, its rotation says.
CREATE TABLE fleet_members (
    fleet    TEXT    NOT NULL REFERENCES fleet_rotations (id),
    -- From 1: the order in which they are started.
    position INTEGER NOT NULL CHECK (position >= 1),
    user     TEXT    NOT NULL REFERENCES users (id),
    rotation TEXT UNIQUE REFERENCES rotations (id),
    -- Of those that were never started.
    outcome  TEXT CHECK (outcome IN ('skipped', 'withdrawn')),
    why      TEXT CHECK (why IN ('gone', 'blocked')),
    PRIMARY KEY (fleet, position),
    UNIQUE (fleet, user),
    CHECK (rotation IS NULL OR outcome IS NULL),
    CHECK ((outcome IS NOT NULL AND outcome = 'skipped') = (why IS NOT NULL))
) STRICT;

CREATE INDEX fleet_rotations_running ON fleet_rotations (id) WHERE state = 'running';
CREATE INDEX fleet_members_waiting ON fleet_members (fleet, position)
    WHERE rotation IS NULL AND outcome IS NULL;
CREATE INDEX rotations_by_fleet ON rotations (fleet)
    WHERE fleet IS NOT NULL AND phase NOT IN ('completed', 'cancelled', 'failed');

-- What happens to a fleet rotation as a whole is recorded too, and is no tenant's.

ALTER TABLE events RENAME TO events_before;
DROP INDEX events_by_tenant;

CREATE TABLE events (
    sequence    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    tenant_id   TEXT REFERENCES tenants (id),
    tenant_name TEXT,
    -- The user within the tenant, where it happened to one.
    user        TEXT,
    -- Where it happened to a fleet rotation, or to a user because of one.
    fleet       TEXT REFERENCES fleet_rotations (id),
    detail      TEXT    NOT NULL,
    -- The request that caused it; absent where the reconciler acted.
    request_id  TEXT,
    CHECK ((tenant_id IS NULL) = (tenant_name IS NULL)),
    CHECK (user IS NULL OR tenant_id IS NOT NULL),
    CHECK (tenant_id IS NOT NULL OR fleet IS NOT NULL)
) STRICT;

INSERT INTO events
SELECT sequence, at, kind, tenant_id, tenant_name, user, NULL, detail, request_id
FROM events_before;

DROP TABLE events_before;
CREATE INDEX events_by_tenant ON events (tenant_id, sequence);
CREATE INDEX events_by_fleet ON events (fleet, sequence) WHERE fleet IS NOT NULL;
