-- Something that was no tenant's. Its hash is made when the store is opened, as that of all before it.
INSERT INTO events (sequence, at, kind, outcome, actor, cache, subject, detail)
SELECT max(sequence) + 1, 1795292110000, 'drift.found', 'failure', 'service', 'main', 'd1', 'unmanaged-user'
FROM events;
