-- What is asked for with every look at the metrics.

-- The oldest password of each cache.
CREATE INDEX users_by_password ON users (cache, password_since)
    WHERE password_since IS NOT NULL AND phase <> 'deleted';
-- Users whose last attestation did not find their fence whole: few, or there is trouble.
CREATE INDEX users_unproved ON users (cache, attested_verdict)
    WHERE attested_verdict <> 'isolated' AND phase <> 'deleted';
