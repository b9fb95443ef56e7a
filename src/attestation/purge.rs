//! Removing the keys of a tenant that is gone.
//!
//! `SCAN` looks at every key of a node and answers with those that match; what it found is sent back to
//! be unlinked, one command for each key, because in cluster mode the keys of one command must share a
//! slot. The engine checks once more that each key is under the pattern.
//!
//! `SCAN` promises to come by every key that is there from its beginning to its end
//! (<https://valkey.io/commands/scan/>), and nobody is left who could write such keys. The promise holds
//! for one run of one primary with the same slots. So before each slice of the work all primaries are
//! asked for their lives, and once more before a pass over them counts as proof.

use std::num::NonZeroU32;

use redis::{RedisResult, aio::MultiplexedConnection, cmd, pipe};

use super::{
    login::{Attestor, Subject},
    primaries::{Primary, at},
};
use crate::domain::{KeyPattern, PrimaryLife, PurgeProgress, PurgeSlice, Scanned};

/// How many keys one `SCAN` is asked to look at. An engine does nothing else meanwhile, and this takes it
/// half a millisecond.
const COUNT_MAX: u32 = 500;

impl Attestor {
    /// Goes on with the removal of all keys under the subject's pattern until it has looked at about
    /// `budget` keys, or no key is left. `progress` tells how far it came, also when something stands in
    /// the way.
    pub async fn purge(
        &self,
        subject: &Subject<'_>,
        progress: &mut PurgeProgress,
        budget: NonZeroU32,
    ) -> PurgeSlice {
        match self.slice(subject, progress, budget.get()).await {
            Ok(end) => end,
            Err(why) => PurgeSlice::Hindered { why },
        }
    }

    async fn slice(
        &self,
        subject: &Subject<'_>,
        progress: &mut PurgeProgress,
        mut budget: u32,
    ) -> Result<PurgeSlice, String> {
        let mut primaries = self.primaries(subject).await?;
        progress.meet(&lives(&primaries));
        let mut open: Option<(usize, MultiplexedConnection)> = None;
        while budget > 0 {
            let Some((place, cursor)) = progress.next() else {
                primaries = self.primaries(subject).await?;
                progress.meet(&lives(&primaries));
                if progress.proves_emptiness() {
                    return Ok(PurgeSlice::Empty);
                }
                if progress.next().is_none() {
                    progress.begin_pass();
                }
                open = None;
                continue;
            };
            let node = &primaries[place].endpoint;
            let mut connection = match open.take() {
                Some((there, connection)) if there == place => connection,
                _ => self.log_in(node, subject).await.map_err(|error| at(node, error))?,
            };
            let count = budget.min(COUNT_MAX);
            let scanned = sweep(&mut connection, subject.pattern, (cursor, count)).await;
            progress.note(place, scanned.map_err(|error| at(node, error))?);
            open = Some((place, connection));
            budget -= count;
        }
        Ok(PurgeSlice::Unfinished)
    }
}

fn lives(primaries: &[Primary]) -> Vec<PrimaryLife> {
    primaries.iter().map(|primary| primary.life.clone()).collect()
}

/// Looks at about `count` keys from the cursor on, and removes those under the pattern.
async fn sweep(
    connection: &mut MultiplexedConnection,
    pattern: &KeyPattern,
    (cursor, count): (u64, u32),
) -> RedisResult<Scanned> {
    let mut scan = cmd("SCAN");
    scan.arg(cursor).arg("MATCH").arg(pattern.to_string()).arg("COUNT").arg(count);
    let (cursor, keys): (u64, Vec<Vec<u8>>) = scan.query_async(connection).await?;
    let mut unlink = pipe();
    for key in &keys {
        unlink.cmd("UNLINK").arg(key);
    }
    let removed: Vec<u64> =
        if keys.is_empty() { Vec::new() } else { unlink.query_async(connection).await? };
    Ok(Scanned {
        cursor,
        looked_at: count.into(),
        found: keys.len() as u64,
        removed: removed.iter().sum(),
    })
}
