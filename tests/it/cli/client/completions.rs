//! `ringfence completions`

use std::process::Stdio;

use tokio::process::Command;

use super::*;

#[tokio::test]
async fn bash_understands_its_completions_and_the_others_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]).await;
        assert!(script.success, "{script:?}");
        for command in
            ["tenant", "rotation", "status", "start-fleet", "purge-keys", "dry-run", "members"]
        {
            assert!(script.stdout.contains(command), "{shell} does not know {command}");
        }
    }
    let script = run(&["completions", "bash"]).await.stdout;
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).await.unwrap();
    assert!(bash.wait().await.unwrap().success());
}
