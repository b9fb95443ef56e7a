//! Clients that applications use connect and work as tenants: under each profile, with RESP2 and
//! RESP3, and under one profile with TLS as well.
//!
//! Each logs in with the URL that its tenant is given, uses what the profile gives (keys, pipelines
//! and transactions, blocking calls, channels), is refused the rest without harm to its connection,
//! and goes on after its connection was lost. The programs are in `tests/clients`; what each client
//! sends by itself when it connects is heard on the road to the engine.

mod handshakes;
mod page;
mod program;
mod redis_rs;
mod tenants;

use handshakes::Handshakes;
pub(crate) use program::{Program, python};
use tenants::Tenants;

use crate::world::on_both_engines;

on_both_engines! {
    async fn redis_py_works_under_each_profile(kind) {
        Program::python("redis_py.py", "redis").works_as(Box::pin(Tenants::new(kind)).await, "redis-py").await;
    }

    async fn valkey_py_works_under_each_profile(kind) {
        Program::python("redis_py.py", "valkey").works_as(Box::pin(Tenants::new(kind)).await, "valkey-py").await;
    }

    async fn ioredis_works_under_each_profile(kind) {
        Program::node("ioredis.js").works_as(Box::pin(Tenants::new(kind)).await, "ioredis").await;
    }

    async fn node_redis_works_under_each_profile(kind) {
        Program::node("node_redis.js").works_as(Box::pin(Tenants::new(kind)).await, "node-redis").await;
    }

    /// It writes in cluster mode only: otherwise it does not connect without `INFO`.
    async fn valkey_glide_reads_under_each_profile(kind) {
        Program::node("valkey_glide.js").works_as(Box::pin(Tenants::new(kind)).await, "Valkey GLIDE").await;
    }

    async fn redis_rs_works_under_each_profile(kind) {
        let tenants = Box::pin(Tenants::new(kind)).await;
        for tenant in tenants.all() {
            redis_rs::works_as(tenant).await;
        }
        Handshakes::heard_by(&tenants).check("redis-rs");
    }
}
