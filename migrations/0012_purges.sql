-- A tenant's keys can be removed with it, and then nobody inherits them by its name.

-- When no key was left under the pattern of a tenant that nobody could write for any more. NULL: keys may
-- be there.
ALTER TABLE tenants ADD COLUMN keys_purged_at INTEGER
    CHECK (keys_purged_at IS NULL OR wanted = 'absent');

-- Removals that were asked for: one for a life of a tenant. The user that removes the keys has a row in
-- `users` from when the tenant's own users are gone; its profile is `(purge)`, which no profile of the
-- configuration can be called.
CREATE TABLE purges (
    tenant_id    TEXT    NOT NULL PRIMARY KEY REFERENCES tenants (id),
    -- That user, which has its place in the user group when the last of the others is gone.
    user         TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    user_name    TEXT    NOT NULL,
    secret_name  TEXT    NOT NULL,
    -- The request that asked for it; the work on it carries the id in its logs.
    request_id   TEXT,
    requested_at INTEGER NOT NULL,
    scanned      INTEGER NOT NULL DEFAULT 0 CHECK (scanned >= 0),
    removed      INTEGER NOT NULL DEFAULT 0 CHECK (removed >= 0),
    -- [{"node": …, "life": …, "cursor": …, "found": …, "removed": …}, …]
    nodes        TEXT    NOT NULL DEFAULT '[]' CHECK (json_type(nodes) = 'array')
) STRICT, WITHOUT ROWID;
