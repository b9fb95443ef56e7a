-- The tenant `billing` changes from a password to IAM.
UPDATE users SET outgoing_since = 1795292200000, outgoing_grace_seconds = 7200
WHERE id = '01a2001e-33c4-7e40-8f1a-000000000004';
INSERT INTO users (id, tenant_id, cache, name, profile, key_pattern, user_id, user_name, secret_name, auth,
  wanted, phase, phase_since, activated_at, access_revision, attempts, revision, created_at, updated_at) VALUES
  ('01a2001e-33c4-7e40-8f1a-000000000009', '01a2001e-33c4-7e40-8f1a-000000000004', 'main', 'main',
   'read-write', 'billing:*', 'rf-billing---iam', 'rf-billing---iam', '', 'iam', 'present',
   'creating-user', 1795292200000, NULL, NULL, 0, 1, 1795292200000, 1795292200000);
