//! Files that nobody but their owner can read.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use tracing::warn;

/// What a mode gives to everybody but the owner.
const OTHERS: u32 = 0o077;

/// Opens a file, or makes it, for its owner alone. SQLite gives its journal the mode of the database.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    shut(&file, path)?;
    Ok(file)
}

/// Shuts what an earlier process has left beside the database: SQLite leaves the mode of a journal that is there
/// as it is.
pub(super) fn shut_journal(database: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        let mut name = OsString::from(database);
        name.push(suffix);
        let path = PathBuf::from(name);
        match File::open(&path) {
            Ok(file) => shut(&file, &path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Takes from everybody but the owner what they may do with a file that was there, such as one that was copied
/// by hand. Who has read it so far cannot be known, so this is told.
fn shut(file: &File, path: &Path) -> io::Result<()> {
    let mode = file.metadata()?.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(mode & !OTHERS))?;
    warn!(
        file = %path.display(),
        mode = format_args!("{:03o}", mode & 0o777),
        "others could read this file, and cannot any more"
    );
    Ok(())
}
