//! The engines of one cache.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use futures_util::future::join_all;

use super::arrangement::arrange;
use super::engines::EngineError;
use super::node::{Node, wait_for_port};
use super::ports;
use super::process::{AdminPassword, Company, Launch, Launcher, last_port};
use crate::elasticache::{Accounts, CacheKey, Layout};
use crate::gateway::{Door, Entrance, listen};

/// How often ports are picked when nobody asked for certain ones: another program may take one in
/// the moment between finding it free and listening on it.
const PORTS_TRIED: u32 = 5;

/// The engines of one cache, shard by shard as in its layout.
#[derive(Debug)]
pub(super) struct Fleet {
    cache: Site,
    password: AdminPassword,
    nodes: Vec<Node>,
    /// Where clients come in, if not to the engines themselves.
    entrance: Option<Entrance>,
}

/// A cache, and where it keeps its engines' data.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) name: String,
    /// The region that its ARN says.
    region: String,
    pub(super) directory: PathBuf,
    company: Company,
    /// The names of the nodes' directories; empty for a node alone.
    nodes: Vec<String>,
}

impl Site {
    pub(super) fn new(cache: &CacheKey, directory: PathBuf, layout: &Layout) -> Self {
        let name = cache.id.as_str();
        let company = match (layout.cluster_mode, layout.len()) {
            (true, _) => Company::Cluster,
            (false, 1) => Company::Alone,
            (false, _) => Company::Replicas,
        };
        let mut nodes = Vec::new();
        for (shard, its) in layout.shards.iter().enumerate() {
            nodes.extend((0..its.ports.len()).map(|place| layout.member(name, shard, place)));
        }
        if company == Company::Alone {
            nodes = vec![String::new()];
        }
        let (name, region) = (name.to_owned(), cache.place.region.clone());
        Self { name, region, directory, company, nodes }
    }

    /// Whether the cache never had an engine.
    pub(super) fn is_new(&self) -> bool {
        !self.home(0).join("appendonlydir").exists()
    }

    /// Waits until the engines of an earlier run have saved what is to be read now, and until the
    /// ports that clients know are free.
    async fn wait_for_predecessors(&self, layout: &Layout) {
        if self.is_new() {
            return;
        }
        let engines = (0..self.nodes.len()).filter_map(|node| last_port(&self.home(node)));
        let ports: BTreeSet<_> = engines.chain(layout.ports().flatten()).collect();
        join_all(ports.into_iter().map(|port| wait_for_port(port, self.company))).await;
    }

    fn home(&self, node: usize) -> PathBuf {
        self.directory.join(Path::new(&self.nodes[node]))
    }

    fn launch<'a>(&self, node: usize, port: u16, password: &'a AdminPassword) -> Launch<'a> {
        Launch { directory: self.home(node), port, password, company: self.company }
    }
}

impl Fleet {
    /// Starts all engines of a cache side by side.
    pub(super) async fn start(
        launcher: &Launcher,
        cache: &Site,
        layout: &Layout,
    ) -> Result<Self, EngineError> {
        cache.wait_for_predecessors(layout).await;
        // A cluster's engines tell clients of each other, and not of gateways.
        let Some(iam) = launcher.iam.as_ref().filter(|_| !layout.cluster_mode) else {
            return match layout.ports().collect::<Option<Vec<u16>>>() {
                Some(wanted) => Self::start_on(launcher, cache, &wanted).await,
                None => Self::start_anywhere(launcher, cache, layout).await,
            };
        };
        let failed = |source| EngineError::NotStarted { cache: cache.name.clone(), source };
        let listeners = listen(layout.ports()).await.map_err(failed)?;
        let mut fleet = Self::start_anywhere(launcher, cache, layout).await?;
        let engines: Vec<_> = fleet.nodes.iter().map(|node| node.process.address).collect();
        let door = Door::new(iam.clone(), &cache.name, &cache.region);
        fleet.entrance = Some(Entrance::open(door, listeners, &engines).map_err(failed)?);
        Ok(fleet)
    }

    async fn start_anywhere(
        launcher: &Launcher,
        cache: &Site,
        layout: &Layout,
    ) -> Result<Self, EngineError> {
        let mut attempt = 1;
        loop {
            let picked = ports::pick(layout.len(), layout.cluster_mode)
                .map_err(|source| EngineError::NotStarted { cache: cache.name.clone(), source })?;
            match Self::start_on(launcher, cache, &picked).await {
                Err(EngineError::NotUp { .. }) if attempt < PORTS_TRIED => attempt += 1,
                result => return result,
            }
        }
    }

    async fn start_on(
        launcher: &Launcher,
        cache: &Site,
        ports: &[u16],
    ) -> Result<Self, EngineError> {
        let password = AdminPassword::random();
        let starts = ports.iter().enumerate().map(|(node, port)| {
            Node::start(launcher, &cache.name, cache.launch(node, *port, &password))
        });
        let mut nodes = Vec::new();
        let mut failure = None;
        for result in join_all(starts).await {
            match result {
                Ok(node) => nodes.push(node),
                Err(error) => failure = Some(error),
            }
        }
        let fleet = Self { cache: cache.clone(), password, nodes, entrance: None };
        let Some(failure) = failure else { return Ok(fleet) };
        // The others must be gone before the next attempt writes where they write.
        fleet.stop().await;
        Err(failure)
    }

    /// Whether all engines run.
    pub(super) fn is_whole(&self) -> bool {
        self.nodes.iter().all(|node| node.process.is_running())
    }

    /// Where clients connect, node by node.
    pub(super) fn ports(&self) -> Vec<u16> {
        if let Some(entrance) = &self.entrance {
            return entrance.ports().to_vec();
        }
        self.nodes.iter().map(|node| node.process.address.port()).collect()
    }

    /// The node that clients reach on a port.
    pub(super) fn node_on(&mut self, port: u16) -> Option<&mut Node> {
        let place = self.ports().iter().position(|its| *its == port)?;
        self.nodes.get_mut(place)
    }

    /// Starts the engines that have stopped by themselves.
    pub(super) async fn repair(&mut self, launcher: &Launcher) -> Result<(), EngineError> {
        for (place, node) in self.nodes.iter_mut().enumerate() {
            if !node.process.is_running() {
                let port = node.process.address.port();
                let launch = self.cache.launch(place, port, &self.password);
                *node = Node::start(launcher, &self.cache.name, launch).await?;
            }
        }
        Ok(())
    }

    /// Gives each engine its role, and all of them the users.
    pub(super) async fn obey(
        &mut self,
        layout: &Layout,
        mut accounts: Accounts,
    ) -> Result<(), EngineError> {
        let name = &self.cache.name;
        if self.cache.company != Company::Alone {
            arrange(name, &mut self.nodes, layout).await?;
        }
        let door = self.entrance.as_ref().map(Entrance::door);
        let with_tokens = door.map(|door| door.equip(&mut accounts));
        for node in &mut self.nodes {
            node.obey(&accounts)
                .await
                .map_err(|source| EngineError::Unreachable { cache: name.clone(), source })?;
        }
        if let (Some(door), Some(users)) = (door, with_tokens) {
            door.expect(users);
        }
        Ok(())
    }

    /// Tells all engines to stop.
    pub(super) fn release(&mut self) {
        for node in &mut self.nodes {
            node.process.release();
        }
    }

    /// Stops all engines and waits until they have saved their data.
    pub(super) async fn stop(mut self) {
        self.release();
        if let Some(entrance) = self.entrance {
            entrance.close().await;
        }
        for node in self.nodes {
            node.process.stop().await;
        }
    }
}
