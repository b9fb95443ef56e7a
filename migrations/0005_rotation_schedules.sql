-- Passwords are replaced by themselves when they have become old enough.

-- How old passwords become, as the configuration says; written anew at every start.
CREATE TABLE rotation_intervals (
    -- '*': every profile that has no row of its own.
    profile TEXT    NOT NULL PRIMARY KEY,
    seconds INTEGER NOT NULL CHECK (seconds > 0)
) STRICT, WITHOUT ROWID;

-- What a caller says of one tenant; it comes before the configuration.
ALTER TABLE tenants ADD COLUMN rotate_every_seconds INTEGER CHECK (rotate_every_seconds > 0);

-- When the password became AWSCURRENT.
ALTER TABLE users ADD COLUMN password_since INTEGER;
-- How much of the last tenth of its interval a password does not live to see, in thousandths.
ALTER TABLE users ADD COLUMN rotation_spread INTEGER NOT NULL DEFAULT 0
    CHECK (rotation_spread BETWEEN 0 AND 999);
-- Follows from the others and from failed rotations. NULL: never.
ALTER TABLE users ADD COLUMN rotation_due_at INTEGER
    CHECK (rotation_due_at IS NULL OR password_since IS NOT NULL);

-- Whether the schedule began it.
ALTER TABLE rotations ADD COLUMN scheduled INTEGER NOT NULL DEFAULT 0 CHECK (scheduled IN (0, 1));

-- That a password was made when its user was activated is at most some minutes wrong.
UPDATE users SET
    rotation_spread = (random() & 65535) % 1000,
    password_since = CASE WHEN phase NOT IN ('storing-secret', 'deleted') THEN COALESCE(
        (SELECT MAX(finished_step) FROM rotations WHERE rotations.user = users.id),
        activated_at,
        created_at
    ) END;

CREATE INDEX users_by_rotation ON users (cache, rotation_due_at) WHERE rotation_due_at IS NOT NULL;
CREATE INDEX rotations_by_start ON rotations (cache, created_at);
CREATE INDEX rotations_in_vain ON rotations (user, phase_since)
    WHERE phase IN ('cancelled', 'failed') AND finished_step IS NULL;
