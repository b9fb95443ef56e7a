//! Being stopped while traces are sent to a collector that takes them and does not answer.

use tempfile::TempDir;
use tokio::net::TcpListener;

use super::running::{Running, ringfence};

/// Who sends traces there does so at its end, and not before.
fn sending_to(collector: &TcpListener) -> [(&'static str, String); 2] {
    let url = format!("http://{}", collector.local_addr().unwrap());
    [("RINGFENCE_TELEMETRY__OTLP_ENDPOINT", url), ("OTEL_BSP_SCHEDULE_DELAY", "3600000".to_owned())]
}

#[tokio::test]
async fn a_second_signal_cuts_off_the_last_traces_of_the_service() {
    let (collector, directory) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TempDir::new().unwrap());
    let simulator = Running::simulate(&directory, &["--latency", "none"]).await;
    let mut serve = ringfence(&["serve"]);
    serve.current_dir(directory.path()).envs(simulator.exports()).envs(sending_to(&collector));
    let service = Running::serve(serve.env("RINGFENCE_LISTEN", "127.0.0.1:0")).await;
    is_stopped_at_once(service, &collector).await;
    simulator.stop().await;
}

#[tokio::test]
async fn a_second_signal_cuts_off_the_last_traces_of_dev() {
    let (collector, directory) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TempDir::new().unwrap());
    let dev = Running::dev_with(&directory, &[], sending_to(&collector)).await;
    is_stopped_at_once(dev, &collector).await;
}

/// Without the second signal it would end well, later.
async fn is_stopped_at_once(running: Running, collector: &TcpListener) {
    running.get("/tenants").await;
    running.send("TERM").await;
    let _held = collector.accept().await.unwrap();
    running.send("TERM").await;
    assert_eq!(running.ended().await.code(), Some(1));
}
