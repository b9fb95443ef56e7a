-- A tenant can be suspended: its users leave the user group and keep everything else.
--
-- New words in closed sets. A CHECK has nothing to do with what is stored, so the tables are not made
-- anew for it; this is the way that SQLite's manual gives, section 7 of
-- <https://www.sqlite.org/lang_altertable.html>.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(replace(replace(sql,
    '(''present'', ''absent'')', '(''present'', ''suspended'', ''absent'')'),
    '''updating'', ''deleting''', '''updating'', ''suspended'', ''deleting'''),
    'CHECK (status <> ''deleted'' OR wanted = ''absent'')',
    'CHECK (status <> ''suspended'' OR wanted = ''suspended''),
    CHECK (status <> ''deleted'' OR wanted = ''absent'')')
WHERE type = 'table' AND name = 'tenants';

UPDATE sqlite_schema
SET sql = replace(replace(sql,
    '(''present'', ''absent'')', '(''present'', ''suspended'', ''absent'')'),
    '''attesting'', ''active''', '''attesting'', ''active'', ''suspending'', ''suspended''')
WHERE type = 'table' AND name = 'users';

-- Why a member of a fleet rotation is passed over.
UPDATE sqlite_schema
SET sql = replace(sql, '(''gone'', ''blocked'')', '(''gone'', ''blocked'', ''suspended'')')
WHERE type = 'table' AND name = 'fleet_members';

PRAGMA writable_schema = RESET;

DROP INDEX users_unsettled;
CREATE INDEX users_unsettled ON users (cache)
    WHERE phase NOT IN ('active', 'suspended', 'deleted')
       OR (phase = 'active' AND (wanted <> 'present' OR access_revision IS NULL))
       OR (phase = 'suspended' AND wanted <> 'suspended');
