-- A membership that was put back twice and is gone again, and an orphan.
INSERT INTO drift_items (id, cache, kind, subject, tenant_id, tenant_name, user, user_name, found, expected,
  policy, since, seen_at, asked_at, request_id) VALUES
  ('not-in-group:main:rf-billing', 'main', 'not-in-group', 'rf-billing',
   '01a2001e-33c4-7e40-8f1a-000000000004', 'billing', '01a2001e-33c4-7e40-8f1a-000000000004', 'main',
   'no member', 'a member', 'repair', 1795292400000, 1795292400000, 1795292410000, 'req-9'),
  ('user-orphaned:main:rf-lost', 'main', 'user-orphaned', 'rf-lost', NULL, NULL, NULL, NULL,
   'a user of tenant lost', 'no user', 'report', 1795292400000, 1795292400000, NULL, NULL);
INSERT INTO drift_repairs (item, at, found, request_id) VALUES
  ('not-in-group:main:rf-billing', 1795292300000, 'no member', NULL),
  ('not-in-group:main:rf-billing', 1795292350000, 'no member', 'req-8');
INSERT INTO drift_sweeps (cache, swept_at, group_engine, endpoint_host, endpoint_port, endpoint_tls) VALUES
  ('main', 1795292400000, 'valkey', 'cache.example.com', 6379, 1);
INSERT INTO shown_access (user, access_revision, shown) VALUES
  ('01a2001e-33c4-7e40-8f1a-000000000004', '6ba7b811-9dad-51d1-80b4-00c04fd430c8',
   '6ba7b811-9dad-51d1-80b4-00c04fd430c9');
