-- A token that is being rotated, one for one tenant, and one that was revoked.
INSERT INTO tokens (id, name, scopes, tenant, labels, created_at, expires_at, revoked_at, last_used_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000d1', 'signup', 'tenants:write', NULL, '{"team":"checkout"}',
   1795292600000, 1803068600000, NULL, 1795292700000),
  ('01a2001e-33c4-7e40-8f1a-0000000000d2', 'acme-app', 'credentials:read', 'acme', '{}', 1795292600000,
   NULL, NULL, NULL),
  ('01a2001e-33c4-7e40-8f1a-0000000000d3', 'dashboard', 'tenants:read metrics:read', NULL, '{}',
   1795292600000, NULL, 1795292650000, NULL);
INSERT INTO token_secrets (hash_prefix, hash, token_id, made_at, valid_until) VALUES
  (x'0001020304050607', x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
   '01a2001e-33c4-7e40-8f1a-0000000000d1', 1795292600000, 1795379000000),
  (x'2021222324252627', x'202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f',
   '01a2001e-33c4-7e40-8f1a-0000000000d1', 1795292620000, NULL),
  (x'4041424344454647', x'404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f',
   '01a2001e-33c4-7e40-8f1a-0000000000d2', 1795292600000, NULL),
  (x'6061626364656667', x'606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f',
   '01a2001e-33c4-7e40-8f1a-0000000000d3', 1795292600000, NULL);
