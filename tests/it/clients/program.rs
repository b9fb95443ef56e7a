//! Programs that use a client of another language.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use tokio::process::Command;

use super::{Handshakes, Tenants};

/// A program of `tests/clients`.
pub(crate) struct Program(Command);

impl Program {
    pub(crate) fn python(file: &str, library: &str) -> Self {
        let mut command = python(&root().join("tests/clients/python").join(file));
        command.arg(library);
        Self(command)
    }

    pub(super) fn node(file: &str) -> Self {
        let clients = root().join("target/clients");
        let mut command = Command::new(clients.join("node"));
        command.arg(root().join("tests/clients/node").join(file));
        command.env("NODE_PATH", clients.join("node_modules"));
        Self(command)
    }

    /// Runs as one tenant. What it says is shown if it fails.
    pub(crate) async fn works_with(mut self, login: &Value) {
        let text = |member: &str| login[member].as_str().unwrap().to_owned();
        self.0.env("TENANT_URL", text("url")).env("TENANT_PREFIX", text("key_prefix"));
        let output = self.0.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    /// Runs as all tenants, one after the other.
    pub(super) async fn works_as(mut self, tenants: Tenants, client: &str) {
        let tenants_json = serde_json::to_string(tenants.all()).unwrap();
        self.0.env("TENANTS", tenants_json).stdin(Stdio::null()).kill_on_drop(true);
        let output =
            self.0.output().await.unwrap_or_else(|error| {
                panic!("{client} is not there, run `make engines`: {error}")
            });
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{client}: {said}");
        Handshakes::heard_by(&tenants).check(client);
    }
}

/// A program in Python, with the clients that `make engines` installs.
pub(crate) fn python(file: &Path) -> Command {
    let interpreter = env::var_os("RINGFENCE_PYTHON").map(PathBuf::from);
    let interpreter = interpreter.unwrap_or_else(|| root().join("target/venv/bin/python"));
    let mut command = Command::new(interpreter);
    command.arg(file).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
