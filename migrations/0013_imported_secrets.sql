-- An imported user goes on with the password that its secret held then.

-- The version of its secret that holds its password, where that is neither the user's first nor one
-- that a rotation made. NULL again as soon as its secret is made anew.
ALTER TABLE users ADD COLUMN imported_version TEXT CHECK (
    imported_version IS NULL OR (imported_version <> '' AND secret_name <> '')
);
