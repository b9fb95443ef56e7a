INSERT INTO rotation_intervals (profile, seconds) VALUES ('*', 2592000), ('queue', 86400);
UPDATE tenants SET rotate_every_seconds = 604800 WHERE name = 'billing';
UPDATE users SET rotation_due_at = password_since + 604800000 WHERE user_name = 'billing';
INSERT INTO rotations (id, tenant_id, user, cache, mode, grace_seconds, gate, expected, wish, phase,
  phase_since, from_version, acknowledged, attempts, problem_code, problem_detail, scheduled, revision,
  created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-000000000009', '01a2001e-33c4-7e40-8f1a-000000000004',
   '01a2001e-33c4-7e40-8f1a-000000000004', 'main', 'overlap', 7200, 'time', '[]', 'complete', 'failed',
   1795292160000, NULL, '[]', 1, 'secret-changed', 'by hand', 1, 2, 1795292150000, 1795292160000);
