INSERT INTO attestations (id, tenant_id, requested_at, found_at, verdict, why, engine, access_string,
  probes) VALUES
  ('01a2001e-33c4-7e40-8f1a-00000000000a', '01a2001e-33c4-7e40-8f1a-000000000001', 1795292110000,
   1795292111000, 'isolated', NULL, 'valkey 9.1.2', 'on ~acme:* -@all +get',
   '[{"command":"GET {own}","may":true,"could":true}]'),
  ('01a2001e-33c4-7e40-8f1a-00000000000b', '01a2001e-33c4-7e40-8f1a-000000000001', 1795292120000,
   1795292121000, 'inconclusive', 'the engine did not answer in time', 'valkey 9.1.2',
   'on ~acme:* -@all +get', '[]'),
  ('01a2001e-33c4-7e40-8f1a-00000000000c', '01a2001e-33c4-7e40-8f1a-000000000001', 1795292130000,
   NULL, NULL, NULL, NULL, NULL, NULL);
UPDATE tenants SET attested_at = 1795292121000, attested_verdict = 'inconclusive' WHERE name = 'acme';
