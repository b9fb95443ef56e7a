-- One whose last attestation could not be made.
UPDATE users SET attested_at = 1795292400000, attested_verdict = 'inconclusive'
WHERE id = '01a2001e-33c4-7e40-8f1a-0000000000b1';
