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
        let python = env::var_os("RINGFENCE_PYTHON").map(PathBuf::from);
        let python = python.unwrap_or_else(|| root().join("target/venv/bin/python"));
        let mut program = Self::new(&python, &Path::new("python").join(file));
        program.0.arg(library).env("PYTHONDONTWRITEBYTECODE", "1");
        program
    }

    pub(super) fn node(file: &str) -> Self {
        let clients = root().join("target/clients");
        let mut program = Self::new(&clients.join("node"), &Path::new("node").join(file));
        program.0.env("NODE_PATH", clients.join("node_modules"));
        program
    }

    fn new(interpreter: &Path, file: &Path) -> Self {
        let mut command = Command::new(interpreter);
        command.arg(root().join("tests/clients").join(file));
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

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
