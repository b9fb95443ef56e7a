-- A label that is given and taken away, and a tenant that is gone with its own.
UPDATE tenants SET labels = '{"plan":"silver","team":"checkout"}'
WHERE id = '01a2001e-33c4-7e40-8f1a-000000000002';
UPDATE tenants SET labels = '{"team":"checkout"}' WHERE id = '01a2001e-33c4-7e40-8f1a-000000000002';
INSERT INTO tenants (id, tier, name, cache, labels, key_pattern, wanted, status, revision, created_at, updated_at)
VALUES ('01a2001e-33c4-7e40-8f1a-000000000010', 'tenant', 'umbrella', 'main', '{"team":"checkout"}', 'umbrella:*',
  'absent', 'deleting', 1, 1795292300000, 1795292300000);
INSERT INTO users (id, tenant_id, cache, name, profile, key_pattern, user_id, user_name, secret_name, auth,
  wanted, phase, phase_since, attempts, revision, created_at, updated_at)
VALUES ('01a2001e-33c4-7e40-8f1a-000000000010', '01a2001e-33c4-7e40-8f1a-000000000010', 'main', 'main',
  'read-write', 'umbrella:*', 'rf-umbrella', 'umbrella', 'ringfence/umbrella', 'password', 'absent', 'deleted',
  1795292300000, 0, 1, 1795292300000, 1795292300000);
UPDATE tenants SET status = 'deleted' WHERE id = '01a2001e-33c4-7e40-8f1a-000000000010';
