UPDATE attestations SET request_id = '01a2001e-33c4-7e40-8f1a-0000000000d1' WHERE found_at IS NULL;
