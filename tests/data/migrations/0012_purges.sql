-- A tenant's keys are being removed; those of another were, before it was gone.
INSERT INTO tenants (id, tier, name, cache, labels, key_pattern, wanted, status, activated_at, revision,
  created_at, updated_at, keys_purged_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000c1', 'tenant', 'hooli', 'spare', '{}', 'hooli:*', 'absent',
   'deleting', 1795292610000, 19, 1795292600000, 1795292700000, NULL),
  ('01a2001e-33c4-7e40-8f1a-0000000000c2', 'tenant', 'umbrella', 'spare', '{}', 'umbrella:*', 'absent',
   'deleted', 1795292610000, 29, 1795292600000, 1795292700000, 1795292690000);
INSERT INTO users (id, tenant_id, cache, name, profile, key_pattern, user_id, user_name, secret_name,
  wanted, phase, phase_since, activated_at, access_revision, attempts, revision, created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000c1', '01a2001e-33c4-7e40-8f1a-0000000000c1', 'spare', 'main',
   'read-write', 'hooli:*', 'rf-hooli', 'hooli', 'ringfence/hooli', 'absent', 'deleted',
   1795292650000, 1795292610000, NULL, 0, 10, 1795292600000, 1795292650000),
  ('01a2001e-33c4-7e40-8f1a-0000000000c3', '01a2001e-33c4-7e40-8f1a-0000000000c1', 'spare', 'purge',
   '(purge)', 'hooli:*', 'rf-hooli---purge', 'hooli---purge', 'ringfence/---purge/hooli', 'present',
   'attesting', 1795292690000, NULL, '00000000-0000-0000-0000-000000000000', 0, 5, 1795292650000,
   1795292690000),
  ('01a2001e-33c4-7e40-8f1a-0000000000c2', '01a2001e-33c4-7e40-8f1a-0000000000c2', 'spare', 'main',
   'read-write', 'umbrella:*', 'rf-umbrella', 'umbrella', 'ringfence/umbrella', 'absent', 'deleted',
   1795292650000, 1795292610000, NULL, 0, 10, 1795292600000, 1795292650000);
INSERT INTO purges (tenant_id, user, user_id, user_name, secret_name, request_id, requested_at, scanned,
  removed, nodes) VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000c1', '01a2001e-33c4-7e40-8f1a-0000000000c3', 'rf-hooli---purge',
   'hooli---purge', 'ringfence/---purge/hooli', NULL, 1795292640000, 1500, 42,
   '[{"node":"10.0.3.7:6379","life":"4f1c 0a9b","cursor":17,"found":42,"removed":42}]'),
  ('01a2001e-33c4-7e40-8f1a-0000000000c2', '01a2001e-33c4-7e40-8f1a-0000000000c4', 'rf-umbrella---purge',
   'umbrella---purge', 'ringfence/---purge/umbrella', NULL, 1795292640000, 500, 0, '[]');
