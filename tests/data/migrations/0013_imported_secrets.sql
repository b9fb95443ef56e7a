-- A tenant that was imported after its password had been replaced.
UPDATE users SET imported_version = '01a2001e-33c4-7e40-8f1a-0000000000c1'
WHERE id = '01a2001e-33c4-7e40-8f1a-0000000000b1';
