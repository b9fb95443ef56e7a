-- The request that asked for an attestation, so that its logins are found from it. One that a user needs to
-- become active has none: the user's row names the request.

ALTER TABLE attestations ADD COLUMN request_id TEXT;
