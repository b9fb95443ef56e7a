//! The rules that access profiles are made of.
//!
//! What is absent matters most. SCAN, RANDOMKEY, DBSIZE, KEYS and CLUSTERSCAN show the names of
//! other tenants' keys whatever the key pattern says. GEORADIUS and GEORADIUSBYMEMBER with two
//! STOREs write to any key. FUNCTION and SCRIPT act on the whole server. CLIENT TRACKING streams
//! every key name. COPY, MOVE, SELECT and SWAPDB reach other databases. So the categories that
//! hold them (`@keyspace`, `@connection`, `@pubsub`, `@scripting`) are never granted; their
//! harmless commands are, by name.

/// Every type of data.
pub(super) const ALL_TYPES: &[&str] = &[
    "+@string",
    "+@hash",
    "+@list",
    "+@set",
    "+@sortedset",
    "+@stream",
    "+@bitmap",
    "+@hyperloglog",
    "+@geo",
];

/// What a work queue is made of: lists, streams, sorted sets for delays, and strings for counters
/// and locks.
pub(super) const QUEUE_TYPES: &[&str] = &["+@string", "+@list", "+@sortedset", "+@stream"];

/// What a cache is made of.
pub(super) const CACHE_TYPES: &[&str] = &["+@string", "+@hash"];

/// What a category grants and no tenant may have. Stands behind the categories, because of two
/// rules that meet the later one counts.
pub(super) const DENIALS: &[&str] =
    &["-@dangerous", "-@admin", "-@scripting", "-georadius", "-georadiusbymember"];

/// Whatever the type: own keys looked at, dated, renamed and removed.
pub(super) const OWN_KEYS: &[&str] = &[
    "+del",
    "+unlink",
    "+exists",
    "+touch",
    "+type",
    "+ttl",
    "+pttl",
    "+expire",
    "+pexpire",
    "+expireat",
    "+pexpireat",
    "+expiretime",
    "+pexpiretime",
    "+persist",
    "+rename",
    "+renamenx",
    "+dump",
    "+object|encoding",
    "+object|freq",
    "+object|idletime",
    "+object|refcount",
    "+memory|usage",
];

/// Own keys looked at.
pub(super) const OWN_KEYS_READ: &[&str] = &[
    "+exists",
    "+touch",
    "+type",
    "+ttl",
    "+pttl",
    "+expiretime",
    "+pexpiretime",
    "+dump",
    "+object|encoding",
    "+object|freq",
    "+object|idletime",
    "+object|refcount",
    "+memory|usage",
];

/// What clients send when they connect and while they idle.
pub(super) const CONNECTION: &[&str] = &[
    "+ping",
    "+echo",
    "+auth",
    "+hello",
    "+quit",
    "+reset",
    "+client|id",
    "+client|setname",
    "+client|getname",
    "+client|setinfo",
    "+client|reply",
    "+client|info",
    "+client|no-touch",
    "+command",
];

/// Transactions. Every profile has them: the attestation tries what is forbidden inside one.
pub(super) const TRANSACTIONS: &[&str] = &["+multi", "+exec", "+discard", "+watch", "+unwatch"];

/// Pub/Sub on own channels.
pub(super) const PUBSUB: &[&str] = &[
    "+subscribe",
    "+unsubscribe",
    "+psubscribe",
    "+punsubscribe",
    "+publish",
    "+ssubscribe",
    "+sunsubscribe",
    "+spublish",
];

/// Scripts, which the engine holds to the user's own keys, channels and commands. Not `+script`:
/// SCRIPT FLUSH and SCRIPT KILL reach the scripts of others.
pub(super) const SCRIPTS: &[&str] =
    &["+eval", "+evalsha", "+eval_ro", "+evalsha_ro", "+script|load", "+script|exists"];

/// What a cluster client needs to find its way. Not `+cluster`: CLUSTER GETKEYSINSLOT lists keys.
pub(super) const CLUSTER: &[&str] = &[
    "+cluster|slots",
    "+cluster|shards",
    "+cluster|nodes",
    "+cluster|myid",
    "+cluster|keyslot",
    "+readonly",
    "+readwrite",
    "+asking",
];

/// The categories that stand for a type of data.
pub(super) const TYPE_CATEGORIES: &[&str] =
    &["string", "hash", "list", "set", "sortedset", "stream", "bitmap", "hyperloglog", "geo"];
