-- Bearer tokens, by which callers of the API are known.

CREATE TABLE tokens (
    id           TEXT    NOT NULL PRIMARY KEY,
    -- Says what the token is for. Free again when it is revoked.
    name         TEXT    NOT NULL,
    -- What its holder may do: names of scopes, with a space between them.
    scopes       TEXT    NOT NULL CHECK (scopes <> ''),
    -- The tenant or the labels that it is narrowed to; both empty: it is not.
    tenant       TEXT,
    labels       TEXT    NOT NULL DEFAULT '{}' CHECK (json_type(labels) = 'object'),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER,
    CHECK (tenant IS NULL OR labels = '{}')
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL;

-- What the secrets of tokens are known by. A token has more than one while it is being rotated.
CREATE TABLE token_secrets (
    -- The first bytes of the hash, by which a secret is looked up. The rest is compared in constant time.
    hash_prefix  BLOB    NOT NULL CHECK (length(hash_prefix) = 8),
    -- The SHA-256 of the secret.
    hash         BLOB    NOT NULL CHECK (length(hash) = 32),
    token_id     TEXT    NOT NULL REFERENCES tokens (id),
    made_at      INTEGER NOT NULL,
    -- Until when it works beside its successor. NULL: it has none.
    valid_until  INTEGER
) STRICT;

CREATE INDEX token_secrets_by_prefix ON token_secrets (hash_prefix);
CREATE INDEX token_secrets_by_token ON token_secrets (token_id);
