-- A service asks for a second cache.
INSERT INTO tenants (id, tier, name, cache, labels, key_pattern, wanted, status, revision, created_at,
  updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000a9', 'service', 'search', 'spare', '{}', 'search:*', 'present',
   'provisioning', 1, 1795292300000, 1795292300000);
INSERT INTO users (id, tenant_id, cache, name, profile, key_pattern, user_id, user_name, secret_name,
  wanted, phase, phase_since, attempts, revision, created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000a9', '01a2001e-33c4-7e40-8f1a-0000000000a9', 'spare', 'main',
   'read-write', 'search:*', 'rf-search', 'search', 'ringfence/search', 'present', 'storing-secret',
   1795292300000, 0, 1, 1795292300000, 1795292300000);
