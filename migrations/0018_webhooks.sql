-- Who is told what happens, and the messages that are on their way to them.

CREATE TABLE webhooks (
    id               TEXT    NOT NULL PRIMARY KEY,
    url              TEXT    NOT NULL,
    -- Names of types with a space between them; empty: all.
    types            TEXT    NOT NULL,
    description      TEXT    NOT NULL,
    disabled_because TEXT    CHECK (disabled_because IN ('asked', 'gone', 'failing')),
    disabled_at      INTEGER,
    -- When a message last arrived.
    delivered_at     INTEGER,
    created_at       INTEGER NOT NULL,
    CHECK ((disabled_because IS NULL) = (disabled_at IS NULL))
) STRICT, WITHOUT ROWID;

-- What messages are signed with, in clear text: they have to be read to sign, and open nothing but the way
-- to their receiver. A webhook has more than one while they are being rotated.
CREATE TABLE webhook_secrets (
    webhook     TEXT    NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    secret      TEXT    NOT NULL CHECK (secret LIKE 'whsec_%'),
    made_at     INTEGER NOT NULL,
    -- Until when it signs beside its successor. NULL: it has none.
    valid_until INTEGER
) STRICT;

CREATE INDEX webhook_secrets_by_webhook ON webhook_secrets (webhook);

-- The outbox: a row is written in the transaction of the event that it tells of.
CREATE TABLE webhook_deliveries (
    sequence    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    webhook     TEXT    NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    message     TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    -- What is sent, the same with each try.
    body        TEXT    NOT NULL CHECK (json_valid(body)),
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts    INTEGER NOT NULL CHECK (attempts >= 0),
    next_at     INTEGER,
    last_status INTEGER,
    last_error  TEXT,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    UNIQUE (webhook, message),
    CHECK ((state = 'pending') = (next_at IS NOT NULL)),
    CHECK ((state = 'pending') = (finished_at IS NULL))
) STRICT;

CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook, next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, sequence);
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at) WHERE state <> 'pending';
