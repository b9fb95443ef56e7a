INSERT INTO rotations (id, tenant_id, user, cache, mode, grace_seconds, gate, expected, reason, wish, phase,
  phase_since, from_version, created_step, set_step, acknowledged, attempts, revision, created_at,
  updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-000000000007', '01a2001e-33c4-7e40-8f1a-000000000001',
   '01a2001e-33c4-7e40-8f1a-000000000001', 'main', 'overlap', 3600, 'acks', '["checkout"]', NULL,
   'complete', 'testing', 1795292160000, '01a2001e-33c4-7e40-8f1a-000000000001', 1795292155000,
   1795292160000, '[]', 0, 3, 1795292150000, 1795292160000),
  ('01a2001e-33c4-7e40-8f1a-000000000008', '01a2001e-33c4-7e40-8f1a-000000000002',
   '01a2001e-33c4-7e40-8f1a-000000000002', 'main', 'emergency', NULL, NULL, '[]', 'leaked', 'complete',
   'creating', 1795292160000, NULL, NULL, NULL, '[]', 0, 1, 1795292150000, 1795292160000);
