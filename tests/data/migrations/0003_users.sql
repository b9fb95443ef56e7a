INSERT INTO tenants (id, tier, name, cache, labels, key_pattern, reason, expires_at, wanted, status,
  activated_at, revision, created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-000000000004', 'service', 'billing', 'main', '{}', 'billing:*', NULL,
   NULL, 'present', 'updating', 1795292140000, 7, 1795292130000, 1795292150000),
  ('01a2001e-33c4-7e40-8f1a-000000000005', 'break-glass', 'break-glass-1', 'main', '{}', '*',
   'INC-7', 1795299999000, 'present', 'provisioning', NULL, 1, 1795292130000, 1795292150000);
INSERT INTO users (id, tenant_id, cache, name, profile, key_pattern, user_id, user_name, secret_name,
  wanted, phase, phase_since, activated_at, access_revision, attempts, revision, created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-000000000004', '01a2001e-33c4-7e40-8f1a-000000000004', 'main', 'main',
   'read-write', 'billing:*', 'rf-billing', 'billing', 'ringfence/billing', 'present', 'active',
   1795292140000, 1795292140000, '6ba7b811-9dad-51d1-80b4-00c04fd430c8', 0, 5, 1795292130000, 1795292140000),
  ('01a2001e-33c4-7e40-8f1a-000000000006', '01a2001e-33c4-7e40-8f1a-000000000004', 'main', 'queue',
   'queue', 'billing:queue:*', 'rf-billing--queue', 'billing--queue', 'ringfence/billing/queue',
   'present', 'joining-group', 1795292150000, NULL, '6ba7b811-9dad-51d1-80b4-00c04fd430c8', 0, 3,
   1795292145000, 1795292150000),
  ('01a2001e-33c4-7e40-8f1a-000000000005', '01a2001e-33c4-7e40-8f1a-000000000005', 'main', 'main',
   NULL, '*', 'rf-break-glass-1', 'break-glass-1', 'ringfence/break-glass-1', 'present',
   'storing-secret', 1795292130000, NULL, NULL, 0, 1, 1795292130000, 1795292130000);
INSERT INTO events (at, kind, tenant_id, tenant_name, user, detail, request_id) VALUES
  (1795292150000, 'user.phase-changed', '01a2001e-33c4-7e40-8f1a-000000000004', 'billing', 'queue',
   'joining-group', NULL);
