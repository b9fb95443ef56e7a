INSERT INTO installation (only_row, id, created_at) VALUES (1, 'blue', 1795292100000);
INSERT INTO tenants (id, name, cache, profile, labels, key_pattern, user_id, user_name, secret_name,
  wanted, phase, phase_since, problem_code, problem_detail, retry_at, attempts, revision, created_at,
  updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-000000000001', 'acme', 'main', 'read-write', '{"plan":"gold"}', 'acme:*',
   'rf-acme', 'acme', 'ringfence/acme', 'present', 'active', 1795292109000, NULL, NULL, NULL, 0, 5,
   1795292100000, 1795292109000),
  ('01a2001e-33c4-7e40-8f1a-000000000002', 'globex', 'main', 'read-write', '{}', 'globex:*',
   'rf-globex', 'globex', 'ringfence/globex', 'present', 'creating-user', 1795292101000,
   'cloud-unavailable', 'CreateUser: no answer in time', 1795292200000, 3, 4, 1795292100000,
   1795292109000),
  ('01a2001e-33c4-7e40-8f1a-000000000003', 'initech', 'main', 'read-write', '{}', 'initech:*',
   'rf-initech', 'initech', 'ringfence/initech', 'absent', 'deleted', 1795292101000, NULL, NULL, NULL,
   0, 9, 1795292100000, 1795292109000);
INSERT INTO events (at, kind, tenant_id, tenant_name, detail, request_id) VALUES
  (1795292100000, 'tenant.requested', '01a2001e-33c4-7e40-8f1a-000000000001', 'acme', '', 'r-1');
INSERT INTO idempotency_keys (caller, key, request_hash, status, headers, body, expires_at) VALUES
  ('loopback', 'k1', 'h', 202, '{"location":"/tenants/acme"}', '{}', 1795378500000);
