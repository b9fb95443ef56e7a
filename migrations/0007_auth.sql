-- A user proves who it is by a password, which a secret holds, or by a token that IAM checks.
ALTER TABLE users ADD COLUMN auth TEXT NOT NULL DEFAULT 'password' CHECK (
    auth IN ('password', 'iam') AND (auth = 'iam') = (secret_name = '')
);

-- A tenant that changes from one to the other has two main users for a while. Of the one that gives
-- way: since when, and how long it goes on once the other can log in.
ALTER TABLE users ADD COLUMN outgoing_since INTEGER CHECK (outgoing_since IS NULL OR name = 'main');
ALTER TABLE users ADD COLUMN outgoing_grace_seconds INTEGER CHECK (
    (outgoing_grace_seconds IS NULL) = (outgoing_since IS NULL) AND outgoing_grace_seconds >= 0
);

DROP INDEX users_by_name;
CREATE UNIQUE INDEX users_by_name ON users (tenant_id, name)
    WHERE phase <> 'deleted' AND outgoing_since IS NULL;
CREATE INDEX users_outgoing ON users (cache)
    WHERE outgoing_since IS NOT NULL AND wanted = 'present';
