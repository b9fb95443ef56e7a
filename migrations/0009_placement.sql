-- Tenants are placed where there is room, which is decided in the transaction that reserves them.

-- What lives in each cache. Kept by triggers, so that no write can forget it, and because counting a
-- hundred thousand users for each sign-up would take longer than everything else about it. A
-- migration that makes `tenants` or `users` anew has to make their triggers anew.
CREATE TABLE cache_counts (
    cache         TEXT    NOT NULL PRIMARY KEY,
    -- Living tenants and services.
    tenants       INTEGER NOT NULL CHECK (tenants >= 0),
    -- Living users: each has a place in the user group, or is to get one, or is about to leave it.
    users         INTEGER NOT NULL CHECK (users >= 0),
    -- When the first user was asked for that ever lived here.
    first_user_at INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO cache_counts
SELECT cache,
       (SELECT COUNT(*) FROM tenants WHERE tenants.cache = users.cache
          AND tenants.status <> 'deleted' AND tenants.tier <> 'break-glass'),
       SUM(phase <> 'deleted'),
       MIN(created_at)
FROM users GROUP BY cache;

CREATE TRIGGER count_new_tenant AFTER INSERT ON tenants WHEN NEW.tier <> 'break-glass' BEGIN
    INSERT INTO cache_counts (cache, tenants, users)
    VALUES (NEW.cache, NEW.status <> 'deleted', 0)
    ON CONFLICT (cache) DO UPDATE SET tenants = tenants + excluded.tenants;
END;

CREATE TRIGGER count_changed_tenant AFTER UPDATE OF status ON tenants
WHEN NEW.tier <> 'break-glass' AND (OLD.status = 'deleted') <> (NEW.status = 'deleted') BEGIN
    UPDATE cache_counts
    SET tenants = tenants + (OLD.status = 'deleted') - (NEW.status = 'deleted')
    WHERE cache = NEW.cache;
END;

CREATE TRIGGER count_new_user AFTER INSERT ON users BEGIN
    INSERT INTO cache_counts (cache, tenants, users, first_user_at)
    VALUES (NEW.cache, 0, NEW.phase <> 'deleted', NEW.created_at)
    ON CONFLICT (cache) DO UPDATE SET
        users = users + excluded.users,
        first_user_at = COALESCE(first_user_at, excluded.first_user_at);
END;

CREATE TRIGGER count_changed_user AFTER UPDATE OF phase ON users
WHEN (OLD.phase = 'deleted') <> (NEW.phase = 'deleted') BEGIN
    UPDATE cache_counts
    SET users = users + (OLD.phase = 'deleted') - (NEW.phase = 'deleted')
    WHERE cache = NEW.cache;
END;

-- How a cache grew lately: who came, and who is gone. Partial, so that no query takes it that does not
-- ask for a time.
CREATE INDEX users_by_birth ON users (cache, created_at) WHERE created_at IS NOT NULL;
CREATE INDEX users_by_end ON users (cache, phase_since) WHERE phase = 'deleted';

-- How many tenants have ever been made to work.
CREATE INDEX tenants_activated ON tenants (tier) WHERE activated_at IS NOT NULL;
