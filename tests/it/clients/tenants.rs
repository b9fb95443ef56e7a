//! One tenant of each profile, and the roads on which they reach the engine.

use std::path::PathBuf;

use futures_util::future::join_all;
use ringfence::domain::{OptIn, Profile};
use ringfence_acl::{AccessString, Engine, EngineKind, explain};
use ringfence_simulator::EngineBinary;
use serde::Serialize;
use serde_json::{Value, json};

use crate::world::{Request, Road, World};

/// What a client has to know of the tenant that it works as.
#[derive(Serialize)]
pub(super) struct Tenant {
    pub(super) url: String,
    pub(super) prefix: String,
    /// Which of [`ASKED`] it may on its own keys and channels.
    pub(super) may: Vec<&'static str>,
    /// A file with the certificate to trust, if the URL asks for TLS.
    pub(super) ca: Option<PathBuf>,
}

/// The commands that tell clients what there is to do under a profile.
const ASKED: [&str; 4] =
    ["GET prefix:k", "SET prefix:k v", "BLPOP prefix:k 1", "PUBLISH prefix:k v"];

/// A tenant of each profile, and the first of them once more with TLS, which is the same for all.
pub(super) struct Tenants {
    all: Vec<Tenant>,
    access_strings: Vec<AccessString>,
    engine: Engine,
    roads: [Road; 2],
    _world: World,
}

impl Tenants {
    pub(super) async fn new(kind: EngineKind) -> Self {
        let engine = EngineBinary::find(Some(kind)).unwrap().engine;
        let mut world =
            World::with(kind, |config| config.opt_in_profiles = [OptIn::Scripting].into()).await;
        let created = create(&world).await;
        let aws = world.aws().await;
        let access_strings: Vec<AccessString> = created
            .iter()
            .map(|tenant| aws.access_string(tenant["user_id"].as_str().unwrap()).parse().unwrap())
            .collect();

        let address = world.engine_address();
        let roads = [Road::plain(address).await, Road::with_tls(address).await];
        let mut all = Vec::new();
        for (road, n) in roads.iter().zip([created.len(), 1]) {
            world.move_cache_to(road).await;
            for (tenant, access_string) in created.iter().zip(&access_strings).take(n) {
                let path = format!("/tenants/{}/credentials", tenant["name"].as_str().unwrap());
                let login = world.get(&path).await.body;
                all.push(Tenant::new(&login, road, may(access_string, &login, engine)));
            }
        }
        Self { all, access_strings, engine, roads, _world: world }
    }

    pub(super) fn all(&self) -> &[Tenant] {
        &self.all
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// The requests of each connection that clients have made.
    pub(super) fn connections(&self) -> impl Iterator<Item = Vec<Request>> {
        self.roads.iter().flat_map(Road::connections)
    }

    /// Whether any of the tenants may not make this call.
    pub(super) fn refuse(&self, call: &Request) -> bool {
        let words: Vec<&[u8]> = call.words().iter().map(String::as_bytes).collect();
        let is_refused = |string| {
            // What the engine does not know is an error, and no matter of rights.
            explain(string, &self.engine, &words).is_ok_and(|decision| !decision.is_allowed())
        };
        self.access_strings.iter().any(is_refused)
    }

    /// Whether each has lost a connection on the way, with RESP2 and with RESP3.
    pub(super) fn have_lost_connections(&self) -> bool {
        self.roads.iter().map(Road::n_hung_up).sum::<usize>() == 2 * self.all.len()
    }
}

impl Tenant {
    /// The name of a key or channel of its own.
    pub(super) fn own(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(super) fn may(&self, command: &str) -> bool {
        self.may.contains(&command)
    }

    fn new(login: &Value, road: &Road, may: Vec<&'static str>) -> Self {
        let text = |member: &str| login[member].as_str().unwrap().to_owned();
        let ca = road.authority().map(Into::into);
        Self { url: text("url"), prefix: text("key_prefix"), may, ca }
    }
}

/// Asks for a tenant of each profile, and waits until they are active.
async fn create(world: &World) -> Vec<Value> {
    let profiles = world.config.access_profiles().unwrap();
    let created = profiles.iter().map(Profile::name).map(|profile| {
        world.create_as(json!({ "name": format!("t-{profile}"), "profile": profile.as_str() }))
    });
    join_all(created).await.into_iter().map(|answer| answer.body).collect()
}

fn may(string: &AccessString, login: &Value, engine: Engine) -> Vec<&'static str> {
    let prefix = login["key_prefix"].as_str().unwrap();
    let is_allowed = |call: &&str| {
        let call = call.replace("prefix:", prefix);
        let words: Vec<&[u8]> = call.split(' ').map(str::as_bytes).collect();
        explain(string, &engine, &words).unwrap().is_allowed()
    };
    let allowed = ASKED.into_iter().filter(is_allowed);
    allowed.map(|call| call.split_once(' ').unwrap().0).collect()
}
