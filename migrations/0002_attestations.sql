-- Dated records that a login as a tenant was tried. One without a finding waits for its turn.
CREATE TABLE attestations (
    id            TEXT    NOT NULL PRIMARY KEY,
    tenant_id     TEXT    NOT NULL REFERENCES tenants (id),
    requested_at  INTEGER NOT NULL,
    found_at      INTEGER,
    verdict       TEXT CHECK (
        verdict IN ('isolated', 'leaky', 'too-tight', 'login-refused', 'inconclusive')
    ),
    -- Why nothing could be decided.
    why           TEXT,
    engine        TEXT,
    access_string TEXT,
    -- [{"command": …, "may": …, "could": …}, …]
    probes        TEXT CHECK (json_type(probes) = 'array'),
    CHECK ((found_at IS NULL) = (verdict IS NULL)),
    CHECK ((found_at IS NULL) = (engine IS NULL)),
    CHECK ((found_at IS NULL) = (access_string IS NULL)),
    CHECK ((found_at IS NULL) = (probes IS NULL)),
    CHECK ((why IS NOT NULL) = (verdict IS NOT NULL AND verdict = 'inconclusive'))
) STRICT;

CREATE INDEX attestations_by_tenant ON attestations (tenant_id, id);
CREATE INDEX attestations_waiting ON attestations (tenant_id) WHERE found_at IS NULL;

-- The newest finding, for those who ask for the tenant.
ALTER TABLE tenants ADD COLUMN attested_at INTEGER;
ALTER TABLE tenants ADD COLUMN attested_verdict TEXT CHECK (
    (attested_verdict IS NULL) = (attested_at IS NULL)
    AND (attested_verdict IS NULL
         OR attested_verdict IN ('isolated', 'leaky', 'too-tight', 'login-refused', 'inconclusive'))
);
