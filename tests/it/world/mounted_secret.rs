//! Files that are replaced all at once, as the kubelet replaces those of a Secret.

use std::{
    cell::Cell,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::authority::Pair;

/// A directory in which each file is a link through `..data`, itself a link to the directory of one version.
pub(crate) struct MountedSecret {
    directory: TempDir,
    n_versions: Cell<u32>,
}

impl MountedSecret {
    /// Has a certificate and its key.
    pub(crate) fn new(pair: &Pair) -> Self {
        let secret = Self { directory: TempDir::new().unwrap(), n_versions: Cell::new(0) };
        secret.put(pair);
        for name in ["tls.crt", "tls.key", "ca.crt"] {
            symlink(Path::new("..data").join(name), secret.path(name)).unwrap();
        }
        secret
    }

    /// Has another certificate and its key from now on.
    pub(crate) fn put(&self, pair: &Pair) {
        self.put_files(&[("tls.crt", &pair.certificate), ("tls.key", &pair.key)]);
    }

    /// Has these files from now on.
    pub(crate) fn put_files(&self, files: &[(&str, &str)]) {
        self.n_versions.set(self.n_versions.get() + 1);
        let version = format!("..version-{}", self.n_versions.get());
        fs::create_dir(self.path(&version)).unwrap();
        for (name, text) in files {
            fs::write(self.path(&version).join(name), text).unwrap();
        }
        symlink(&version, self.path("..next")).unwrap();
        fs::rename(self.path("..next"), self.path("..data")).unwrap();
    }

    /// Where a file of it is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
