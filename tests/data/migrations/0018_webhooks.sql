-- One that is being rotated and has a message on its way, and one whose receiver is gone.
INSERT INTO webhooks VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000f1', 'https://example.com/hook', 'tenant.provisioned tenant.deleted',
   'the billing system', NULL, NULL, 1795292400000, 1795292300000),
  ('01a2001e-33c4-7e40-8f1a-0000000000f2', 'https://example.org/', '', '', 'gone', 1795292400000, NULL,
   1795292300000);
INSERT INTO webhook_secrets VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000f1', 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
   1795292300000, 1795378800000),
  ('01a2001e-33c4-7e40-8f1a-0000000000f1', 'whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=',
   1795292400000, NULL),
  ('01a2001e-33c4-7e40-8f1a-0000000000f2', 'whsec_QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=',
   1795292300000, NULL);
INSERT INTO webhook_deliveries (webhook, message, type, body, state, attempts, next_at, last_status, last_error,
  created_at, finished_at)
VALUES
  ('01a2001e-33c4-7e40-8f1a-0000000000f1', 'evt_3_00112233445566aa', 'tenant.provisioned', '{}', 'pending', 2,
   1795292500000, 503, NULL, 1795292300000, NULL),
  ('01a2001e-33c4-7e40-8f1a-0000000000f2', 'evt_3_00112233445566aa', 'tenant.provisioned', '{}', 'failed', 1,
   NULL, 410, NULL, 1795292300000, 1795292400000);
