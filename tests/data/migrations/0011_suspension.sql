-- A tenant is suspended, and one of its users waits to be.
INSERT INTO tenants (id, tier, name, cache, labels, key_pattern, wanted, status, activated_at, revision,
  created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000b1', 'tenant', 'initech', 'spare', '{}', 'initech:*', 'suspended',
   'suspended', 1795292410000, 9, 1795292400000, 1795292500000);
INSERT INTO users (id, tenant_id, cache, name, profile, key_pattern, user_id, user_name, secret_name,
  wanted, phase, phase_since, activated_at, access_revision, attempts, revision, created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000b1', '01a2001e-33c4-7e40-8f1a-0000000000b1', 'spare', 'main',
   'read-write', 'initech:*', 'rf-initech', 'initech', 'ringfence/initech', 'suspended', 'suspended',
   1795292500000, 1795292410000, NULL, 0, 8, 1795292400000, 1795292500000);
