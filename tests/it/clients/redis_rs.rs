//! What an application does with redis-rs.

use std::{fs, time::Duration};

use futures_util::StreamExt as _;
use redis::{
    AsyncCommands as _, Client, IntoConnectionInfo as _, ProtocolVersion, PushInfo, PushKind,
    RedisResult, TlsCertificates, Value,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cmd, pipe,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::tenants::Tenant;
use crate::world::code;

pub(super) async fn works_as(tenant: &Tenant) {
    for (number, protocol) in [(2, ProtocolVersion::RESP2), (3, ProtocolVersion::RESP3)] {
        let client = client(tenant, protocol).unwrap();
        let (mut connection, pushes) = connect(&client, protocol).await.unwrap();
        let connected = format!("connected: redis-rs, RESP{number}");
        cmd("ECHO").arg(&connected).exec_async(&mut connection).await.unwrap();
        keys(&mut connection, tenant).await;
        match pushes {
            Some(pushes) => hear_pushes(&mut connection, pushes, tenant).await,
            None => hear_on_a_connection_of_its_own(&client, &mut connection, tenant).await,
        }
        fence(&mut connection).await;
        lose_connection(&mut connection, &tenant.own(&connected)).await;
    }
}

fn client(tenant: &Tenant, protocol: ProtocolVersion) -> RedisResult<Client> {
    let info = tenant.url.as_str().into_connection_info()?;
    let settings = info.redis_settings().clone().set_protocol(protocol);
    let info = info.set_redis_settings(settings);
    let Some(ca) = &tenant.ca else { return Client::open(info) };
    let root_cert = Some(fs::read(ca).unwrap());
    Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert })
}

async fn connect(
    client: &Client,
    protocol: ProtocolVersion,
) -> RedisResult<(ConnectionManager, Option<UnboundedReceiver<PushInfo>>)> {
    // Half a second unless told otherwise, also for a call that blocks for longer; and a second to connect.
    let patience = Some(Duration::from_secs(10));
    let config = ConnectionManagerConfig::new().set_response_timeout(patience);
    let config = config.set_connection_timeout(patience);
    if protocol == ProtocolVersion::RESP2 {
        return Ok((client.get_connection_manager_with_config(config).await?, None));
    }
    let (sender, pushes) = unbounded_channel();
    let config = config.set_push_sender(sender).set_automatic_resubscription();
    Ok((client.get_connection_manager_with_config(config).await?, Some(pushes)))
}

async fn keys(connection: &mut ConnectionManager, tenant: &Tenant) {
    let [own, counter, jobs] = ["greeting", "counter", "jobs"].map(|key| tenant.own(key));
    if tenant.may("GET") {
        assert_eq!(connection.get::<_, Option<String>>(&own).await, Ok(None));
    }
    if !tenant.may("SET") {
        refused(connection.set(&own, "hello").await);
        return;
    }
    let answers = pipe().set_ex(&own, "hello", 60).get(&own).query_async(connection).await;
    assert_eq!(answers, Ok(("OK".to_owned(), "hello".to_owned())));
    let transaction = pipe().atomic().incr(&counter, 1).expire(&counter, 60).to_owned();
    assert_eq!(transaction.query_async(connection).await, Ok((1, 1)));
    // All or nothing: what is refused takes what is allowed with it.
    let transaction = pipe().atomic().incr(&counter, 1).set("0:greeting", "hello").to_owned();
    assert!(transaction.exec_async(connection).await.is_err());
    assert_eq!(connection.get(&counter).await, Ok(1));
    assert_eq!(connection.del(&[&own, &counter]).await, Ok(2));
    if tenant.may("BLPOP") {
        assert_eq!(connection.rpush(&jobs, "sweep").await, Ok(1));
        assert_eq!(connection.blpop(&jobs, 5.0).await, Ok((jobs, "sweep".to_owned())));
    }
}

/// RESP3: what is published comes in between the answers.
async fn hear_pushes(
    connection: &mut ConnectionManager,
    mut pushes: UnboundedReceiver<PushInfo>,
    tenant: &Tenant,
) {
    let news = tenant.own("news");
    if !tenant.may("PUBLISH") {
        refused(connection.publish(&news, "hello").await);
        return;
    }
    connection.subscribe(&news).await.unwrap();
    assert_eq!(connection.publish(&news, "hello").await, Ok(1));
    let message = loop {
        let push = pushes.recv().await.unwrap();
        if push.kind == PushKind::Message {
            break push.data;
        }
    };
    let words = [news.as_bytes(), b"hello"].map(|word| Value::BulkString(word.to_vec()));
    assert_eq!(message, words);
    refused(connection.subscribe("0:news").await);
}

/// RESP2: a connection that has subscribed can do nothing else.
async fn hear_on_a_connection_of_its_own(
    client: &Client,
    connection: &mut ConnectionManager,
    tenant: &Tenant,
) {
    let news = tenant.own("news");
    if !tenant.may("PUBLISH") {
        refused(connection.publish(&news, "hello").await);
        return;
    }
    let mut hears = client.get_async_pubsub().await.unwrap();
    hears.subscribe(&news).await.unwrap();
    assert_eq!(connection.publish(&news, "hello").await, Ok(1));
    let message = hears.on_message().next().await.unwrap();
    assert_eq!(message.get_payload(), Ok("hello".to_owned()));
    refused(hears.subscribe("0:news").await);
}

async fn fence(connection: &mut ConnectionManager) {
    for call in ["GET 0:greeting", "PUBLISH 0:news hello", "SCAN 0", "DBSIZE", "FLUSHALL"] {
        let mut words = call.split(' ');
        let mut call = cmd(words.next().unwrap());
        refused(call.arg(words.collect::<Vec<_>>()).exec_async(connection).await);
    }
    assert_eq!(cmd("PING").query_async(connection).await, Ok("PONG".to_owned()));
}

/// What was sent when the connection was lost fails; what comes next waits for the next one.
async fn lose_connection(connection: &mut ConnectionManager, which: &str) {
    let answer = cmd("ECHO").arg(format!("hang up {which}")).exec_async(connection).await;
    assert!(answer.unwrap_err().is_connection_dropped());
    assert_eq!(cmd("PING").query_async(connection).await, Ok("PONG".to_owned()));
}

fn refused(answer: RedisResult<()>) {
    assert_eq!(code(&answer.unwrap_err()), "NOPERM");
}
