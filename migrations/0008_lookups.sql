-- What is looked up often is found by an index, however many rows there are that nobody asks for.

-- What every key of the tenant starts with: its pattern up to the first character that is not plain.
-- Two patterns can share a key only if the prefix of one begins the prefix of the other.
ALTER TABLE tenants ADD COLUMN key_prefix TEXT GENERATED ALWAYS AS (
    substr(key_pattern, 1, length(key_pattern) - length(ltrim(
        key_pattern, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.'
    )))
) VIRTUAL;
CREATE INDEX tenants_by_prefix ON tenants (cache, key_prefix) WHERE tier <> 'break-glass';

-- Pages of tenants, in the order of their ids, for each filter.
DROP INDEX tenants_by_cache;
CREATE INDEX tenants_by_status ON tenants (tier, status, id) WHERE status <> 'deleted';
CREATE INDEX tenants_by_cache ON tenants (cache, tier, id) WHERE status <> 'deleted';
CREATE INDEX tenants_by_cache_and_status ON tenants (cache, tier, status, id)
    WHERE status <> 'deleted';
CREATE INDEX users_due ON users (rotation_due_at, tenant_id) WHERE rotation_due_at IS NOT NULL;

-- The labels of living tenants, which follow from `tenants.labels`.
CREATE TABLE tenant_labels (
    key       TEXT NOT NULL,
    value     TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    PRIMARY KEY (key, value, tenant_id)
) STRICT, WITHOUT ROWID;

INSERT INTO tenant_labels
SELECT label.key, label.value, tenants.id FROM tenants, json_each(tenants.labels) AS label
WHERE tenants.status <> 'deleted';

CREATE TRIGGER tenant_labels_given AFTER INSERT ON tenants WHEN NEW.status <> 'deleted' BEGIN
    INSERT INTO tenant_labels SELECT key, value, NEW.id FROM json_each(NEW.labels);
END;
CREATE TRIGGER tenant_labels_changed AFTER UPDATE OF labels ON tenants WHEN NEW.labels <> OLD.labels BEGIN
    DELETE FROM tenant_labels
    WHERE tenant_id = OLD.id AND (key, value) IN (SELECT key, value FROM json_each(OLD.labels));
    INSERT INTO tenant_labels SELECT key, value, NEW.id FROM json_each(NEW.labels);
END;
CREATE TRIGGER tenant_labels_forgotten AFTER UPDATE OF status ON tenants
WHEN NEW.status = 'deleted' AND OLD.status <> 'deleted' BEGIN
    DELETE FROM tenant_labels
    WHERE tenant_id = NEW.id AND (key, value) IN (SELECT key, value FROM json_each(NEW.labels));
END;

-- Until when time alone keeps a rotation from going on; NULL if it need not wait for a time.
ALTER TABLE rotations ADD COLUMN rests_until INTEGER GENERATED ALWAYS AS (
    CASE WHEN phase = 'grace' AND mode = 'overlap' AND wish <> 'retire-now'
         THEN finished_step + grace_seconds * 1000 END
) VIRTUAL;
CREATE INDEX rotations_moving ON rotations (cache, id)
    WHERE phase NOT IN ('queued', 'completed', 'cancelled', 'failed') AND rests_until IS NULL;
-- A rotation whose old password is retired by a person's word waits for no time.
CREATE INDEX rotations_resting ON rotations (cache, rests_until)
    WHERE rests_until IS NOT NULL AND gate <> 'manual';
