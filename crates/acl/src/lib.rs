//! Access strings of Redis and Valkey.
