INSERT INTO fleet_rotations (id, selector, mode, grace_seconds, gate, expected, reason, max_in_flight,
  state, request_id, created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-00000000000a',
   '{"labels":{"team":"checkout"},"tenants":["acme","globex","billing"]}', 'overlap', 3600, NULL, '[]',
   'INC-4712', 2, 'running', 'request-9', 1795292150000, 1795292160000);
INSERT INTO fleet_members (fleet, position, user, rotation, outcome, why) VALUES
  ('01a2001e-33c4-7e40-8f1a-00000000000a', 1, '01a2001e-33c4-7e40-8f1a-000000000001',
   '01a2001e-33c4-7e40-8f1a-000000000007', NULL, NULL),
  ('01a2001e-33c4-7e40-8f1a-00000000000a', 2, '01a2001e-33c4-7e40-8f1a-000000000002', NULL, 'skipped',
   'blocked');
UPDATE rotations SET fleet = '01a2001e-33c4-7e40-8f1a-00000000000a'
  WHERE id = '01a2001e-33c4-7e40-8f1a-000000000007';
INSERT INTO events (at, kind, fleet, detail) VALUES
  (1795292150000, 'fleet-rotation.requested', '01a2001e-33c4-7e40-8f1a-00000000000a', 'INC-4712');
