//! IAM users: tokens in the place of passwords, through the gateways.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

use aws_sdk_elasticache::config::Credentials;
use aws_sdk_elasticache::types::{AuthenticationMode, InputAuthenticationType};
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use redis::{
    Client, Connection, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion,
    RedisConnectionInfo, RedisResult, cmd,
};
use ringfence_acl::EngineKind;
use ringfence_simulator::{AccessKey, EngineBinary, SeedCache};

use crate::bench::{ACCESS, Bench, CACHE, GROUP, PASSWORD, cache, config, eventually};
use crate::boto3::run;
use crate::enforcement::code;

/// The region of caches from the start.
const REGION: &str = crate::bench::REGION;

/// Makes one test for each engine out of an `async fn` that takes a [`Bench`] with a gateway. The
/// gateway is in this process and needs a thread of its own while a test waits for an answer.
macro_rules! through_the_gateway {
    ($($(#[$doc:meta])* async fn $name:ident($bench:ident: Bench) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn claim($bench: Bench) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn valkey() {
                claim(Bench::with_gateway(EngineKind::Valkey).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn redis() {
                claim(Bench::with_gateway(EngineKind::Redis).await).await;
            }
        }
    )+};
}

through_the_gateway! {
    async fn a_good_token_logs_in_by_either_protocol(bench: Bench) {
        iam_member(&bench, "acme").await;
        for protocol in [ProtocolVersion::RESP2, ProtocolVersion::RESP3] {
            let token = Token::of("acme").made(&bench);
            let login = login("acme", &token).set_protocol(protocol);
            let mut acme = connect(bench.address(), login).unwrap();
            cmd("SET").arg("app:1").arg("x").exec(&mut acme).unwrap();
            assert_eq!(code(cmd("GET").arg("other:1").exec(&mut acme)), "NOPERM");
        }
    }

    async fn a_bad_token_is_refused_like_a_wrong_password(bench: Bench) {
        iam_member(&bench, "acme").await;
        iam_member(&bench, "other").await;
        let good = Token::of("acme").made(&bench);
        let bad = [
            Token::of("other").made(&bench),
            Token { cache: "elsewhere", ..Token::of("acme") }.made(&bench),
            Token { region: "us-east-1", ..Token::of("acme") }.made(&bench),
            Token { service: "memorydb", ..Token::of("acme") }.made(&bench),
            Token { secret: "not it", ..Token::of("acme") }.made(&bench),
            good.replace("Expires=900", "Expires=90"),
            good[..good.len() - 1].to_owned(),
            PASSWORD.to_owned(),
            String::new(),
        ];
        for token in bad {
            assert_eq!(code(log_in(&bench, "acme", &token)), "WRONGPASS", "{token}");
        }
        assert_eq!(code(log_in(&bench, "nobody", &Token::of("nobody").made(&bench))), "WRONGPASS");
        log_in(&bench, "acme", &good).unwrap();
    }

    async fn a_token_expires_and_its_session_goes_on(bench: Bench) {
        iam_member(&bench, "acme").await;
        let token = Token::of("acme").made(&bench);
        let mut open = log_in(&bench, "acme", &token).unwrap();
        bench.control.advance_clock(Duration::from_mins(14)).await.unwrap();
        log_in(&bench, "acme", &token).unwrap();
        bench.control.advance_clock(Duration::from_mins(1)).await.unwrap();
        assert_eq!(code(log_in(&bench, "acme", &token)), "WRONGPASS");
        cmd("SET").arg("app:1").arg("x").exec(&mut open).unwrap();
    }

    async fn a_user_with_a_password_notices_nothing(bench: Bench) {
        bench.member("acme").await;
        let mut acme = log_in(&bench, "acme", PASSWORD).unwrap();
        let value = "x".repeat(5 * 1024 * 1024);
        cmd("SET").arg("app:1").arg(&value).exec(&mut acme).unwrap();
        assert!(cmd("GET").arg("app:1").query(&mut acme) == Ok(value));
        assert_eq!(code(log_in(&bench, "acme", "not-its-password")), "WRONGPASS");
        let token = Token::of("acme").made(&bench);
        assert_eq!(code(log_in(&bench, "acme", &token)), "WRONGPASS", "a token is no password");
    }

    async fn logins_among_other_commands_are_found_however_they_are_cut(bench: Bench) {
        iam_member(&bench, "acme").await;
        bench.member("other").await;
        let token = Token::of("acme").made(&bench);
        let sent = format!(
            "AUTH other {PASSWORD}\r\n*3\r\n$3\r\nSET\r\n$5\r\napp:1\r\n$6\r\nAUTH a\r\n\
             *3\r\n$4\r\nauth\r\n$4\r\nacme\r\n${}\r\n{token}\r\nAUTH acme {token}\r\nGET app:1\r\n",
            token.len()
        );
        let answer = b"+OK\r\n+OK\r\n+OK\r\n+OK\r\n$6\r\nAUTH a\r\n";
        for piece in [1, 7, 100, sent.len()] {
            let mut stream = TcpStream::connect(bench.address()).unwrap();
            stream.set_nodelay(true).unwrap();
            for piece in sent.as_bytes().chunks(piece) {
                stream.write_all(piece).unwrap();
            }
            let mut said = vec![0; answer.len()];
            stream.read_exact(&mut said).unwrap();
            assert_eq!(String::from_utf8_lossy(&said), String::from_utf8_lossy(answer));
        }
    }

    async fn a_removed_member_loses_its_connections(bench: Bench) {
        iam_member(&bench, "acme").await;
        let token = Token::of("acme").made(&bench);
        let mut acme = log_in(&bench, "acme", &token).unwrap();
        let remove = bench.elasticache.modify_user_group().user_group_id(GROUP);
        remove.user_ids_to_remove("acme").send().await.unwrap();
        bench.control.advance_clock(Duration::ZERO).await.unwrap();
        let cut = cmd("GET").arg("app:1").exec(&mut acme).unwrap_err();
        assert!(cut.is_connection_dropped() || cut.is_io_error(), "{cut}");
        assert_eq!(code(log_in(&bench, "acme", &token)), "WRONGPASS");
    }

    async fn a_user_goes_from_password_to_iam_and_back(bench: Bench) {
        bench.member("acme").await;
        let modify = || bench.elasticache.modify_user().user_id("acme");
        modify().authentication_mode(iam()).send().await.unwrap();
        bench.settle().await;
        assert_eq!(code(log_in(&bench, "acme", PASSWORD)), "WRONGPASS");
        log_in(&bench, "acme", &Token::of("acme").made(&bench)).unwrap();
        modify().passwords(PASSWORD).send().await.unwrap();
        bench.settle().await;
        log_in(&bench, "acme", PASSWORD).unwrap();
        let token = Token::of("acme").made(&bench);
        assert_eq!(code(log_in(&bench, "acme", &token)), "WRONGPASS");
    }

    async fn a_user_that_is_off_is_not_let_in(bench: Bench) {
        iam_member(&bench, "acme").await;
        let modify = bench.elasticache.modify_user().user_id("acme");
        modify.access_string("off ~app:* -@all +get").send().await.unwrap();
        bench.settle().await;
        let token = Token::of("acme").made(&bench);
        assert_eq!(code(log_in(&bench, "acme", &token)), "WRONGPASS");
    }

    /// What the API tells is the gateway, and what is behind it takes no token.
    async fn an_engine_by_itself_takes_no_token(bench: Bench) {
        let access = format!("{ACCESS} +info");
        let user = bench.new_user("acme").set_passwords(None).authentication_mode(iam());
        user.access_string(access).send().await.unwrap();
        join(&bench, "acme").await;
        let described = bench.elasticache.describe_replication_groups();
        let described = described.replication_group_id(CACHE).send().await.unwrap();
        let endpoint = described.replication_groups()[0].node_groups()[0].primary_endpoint();
        assert_eq!(endpoint.unwrap().port(), Some(i32::from(bench.address().port())));

        let token = Token::of("acme").made(&bench);
        let mut acme = log_in(&bench, "acme", &token).unwrap();
        let info: String = cmd("INFO").arg("server").query(&mut acme).unwrap();
        let port = info.lines().find_map(|line| line.strip_prefix("tcp_port:")).unwrap();
        let engine = SocketAddr::new(bench.address().ip(), port.trim().parse().unwrap());
        assert_ne!(engine, bench.address());
        assert_eq!(code(connect(engine, login("acme", &token))), "WRONGPASS");
    }

    async fn an_engine_that_has_died_is_found_by_its_gateway_again(bench: Bench) {
        iam_member(&bench, "acme").await;
        let admin = bench.new_user("admin").access_string("on ~* &* +@all");
        admin.send().await.unwrap();
        join(&bench, "admin").await;
        let mut admin = log_in(&bench, "admin", PASSWORD).unwrap();
        cmd("SHUTDOWN").arg("NOSAVE").exec(&mut admin).unwrap_err();
        eventually(async || log_in(&bench, "acme", &Token::of("acme").made(&bench)).is_ok()).await;
    }

    async fn ports_and_iam_users_are_there_again_after_a_restart(bench: Bench) {
        iam_member(&bench, "acme").await;
        let address = bench.address();
        let bench = bench.restart().await;
        assert_eq!(bench.address(), address);
        log_in(&bench, "acme", &Token::of("acme").made(&bench)).unwrap();
    }

    async fn each_replica_has_a_gateway(bench: Bench) {
        let bench = bench.restart_with(SeedCache { replication_group: "wide".to_owned(), replicas: 1, ..cache() }).await;
        iam_member(&bench, "acme").await;
        let nodes = bench.control.nodes("wide").await;
        assert_eq!(nodes.len(), 2);
        let token = Token { cache: "wide", ..Token::of("acme") }.made(&bench);
        for node in &nodes {
            connect(node.address, login("acme", &token)).unwrap();
        }
        bench.control.change_engine_user(nodes[1].address, "acme", &["+strlen"]).await.unwrap();
        let strlen = |node: usize| {
            let mut acme = connect(nodes[node].address, login("acme", &token)).unwrap();
            cmd("STRLEN").arg("app:1").exec(&mut acme)
        };
        assert_eq!(code(strlen(0)), "NOPERM");
        strlen(1).unwrap();
    }

    async fn a_cluster_has_no_gateways(bench: Bench) {
        let bench = bench.restart_with(SeedCache { replication_group: "sharded".to_owned(), shards: 2, ..cache() }).await;
        iam_member(&bench, "acme").await;
        bench.member("other").await;
        let node = bench.control.nodes("sharded").await[0].address;
        connect(node, login("other", PASSWORD)).unwrap();
        let token = Token { cache: "sharded", ..Token::of("acme") }.made(&bench);
        assert_eq!(code(connect(node, login("acme", &token))), "WRONGPASS");
    }

    /// Tokens of another vendor's signer, sent by another client.
    async fn boto3_and_redis_py_log_in(bench: Bench) {
        iam_member(&bench, "acme").await;
        run(&bench, "iam_test.py").await;
    }
}

impl Bench {
    async fn with_gateway(kind: EngineKind) -> Self {
        let engine = EngineBinary::find(Some(kind)).unwrap_or_else(|error| panic!("{error}"));
        let mut config = config("", engine).with_cache(cache());
        config.iam_gateway = Some(key());
        Self::start(config).await
    }
}

fn key() -> AccessKey {
    AccessKey { id: "AKIAEXAMPLE".to_owned(), secret: "secret".to_owned() }
}

/// What a token says.
struct Token<'a> {
    user: &'a str,
    cache: &'a str,
    region: &'a str,
    service: &'a str,
    secret: &'a str,
}

impl<'a> Token<'a> {
    fn of(user: &'a str) -> Self {
        Self { user, cache: CACHE, region: REGION, service: "elasticache", secret: "secret" }
    }

    /// Signs it now, by the simulator's clock.
    fn made(&self, bench: &Bench) -> String {
        let identity = Credentials::new(key().id, self.secret, None, None, "test").into();
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_mins(15));
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(SystemTime::from(bench.control.now()))
            .settings(settings)
            .build()
            .unwrap();
        let query = format!("{}/?Action=connect&User={}", self.cache, self.user);
        let url = format!("http://{query}");
        let body = SignableBody::Bytes(&[]);
        let request = SignableRequest::new("GET", &url, std::iter::empty(), body).unwrap();
        let (signed, _) = sign(request, &params.into()).unwrap().into_parts();
        let mut more = form_urlencoded::Serializer::new(String::new());
        more.extend_pairs(signed.params());
        format!("{query}&{}", more.finish())
    }
}

fn iam() -> AuthenticationMode {
    AuthenticationMode::builder().r#type(InputAuthenticationType::Iam).build()
}

async fn iam_member(bench: &Bench, id: &str) {
    let user = bench.new_user(id).set_passwords(None).authentication_mode(iam());
    user.send().await.unwrap();
    join(bench, id).await;
}

async fn join(bench: &Bench, id: &str) {
    bench.settle().await;
    let add = bench.elasticache.modify_user_group().user_group_id(GROUP);
    add.user_ids_to_add(id).send().await.unwrap();
    bench.settle().await;
}

fn login(name: &str, password: &str) -> RedisConnectionInfo {
    RedisConnectionInfo::default().set_username(name).set_password(password)
}

fn connect(address: SocketAddr, login: RedisConnectionInfo) -> RedisResult<Connection> {
    let to: ConnectionInfo = (address.ip().to_string(), address.port()).into_connection_info()?;
    Client::open(to.set_redis_settings(login))?.get_connection()
}

fn log_in(bench: &Bench, name: &str, password: &str) -> RedisResult<Connection> {
    connect(bench.address(), login(name, password))
}
