//! `ringfence import`

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, ValueEnum};

use super::variables;
use crate::{
    clock::{SystemClock, SystemEntropy},
    cloud::AwsAccess,
    config::Config,
    domain::{CacheName, NameTemplate, ProfileName},
    import::{ImportReport, ImportRequest, OrphanedSecret, Outcome, ReportedTenant, import},
    logging,
    service::Surroundings,
};

/// Make the database again from what is in AWS, or take over users that other tools made.
///
/// Without --apply it tells what it would do, and changes nothing: neither the database nor AWS.
/// The service must not run meanwhile. Fails if something was found that cannot be imported; the rest
/// is imported all the same, and it can be run again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ImportArgs {
    /// The TOML file to read; without it, the variables say everything
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Only this cache
    #[arg(long, value_name = "NAME")]
    cache: Option<CacheName>,

    /// Also users of other tools whose `UserName` or `UserId` is made so; can be given several times
    #[arg(long, value_name = "PATTERN")]
    name_pattern: Vec<NameTemplate>,

    /// The secret with the password of such a user: its text, or the member "password" of its JSON
    #[arg(long, value_name = "PATTERN", requires = "name_pattern")]
    password_secret: Option<NameTemplate>,

    /// The access profile for users whose rights are no profile's
    #[arg(long, value_name = "NAME")]
    profile: Option<ProfileName>,

    /// Put users that are not in the user group back into it, also those that are suspended
    #[arg(long)]
    rejoin: bool,

    /// Do it
    #[arg(long)]
    apply: bool,

    /// How to tell
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// A line for each tenant
    Text,
    /// One JSON document
    Json,
}

const EXAMPLES: &str = "\
Examples:
  ringfence import --config ringfence.toml                      what is in AWS?
  ringfence import --config ringfence.toml --apply              the database is lost: make it again
  ringfence import --config ringfence.toml \\
    --name-pattern 'legacy-{tenant}-user' --password-secret 'legacy/{tenant}/redis'

docs/import.md has the rules.";

impl ImportArgs {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(self.config.as_deref(), variables())?;
        logging::start(&config.log, config.log_format, None)?;
        let surroundings = Surroundings {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy::default()),
        };
        let output = self.output;
        let request = ImportRequest {
            cache: self.cache,
            names: self.name_pattern,
            password_secret: self.password_secret,
            instead: self.profile,
            rejoin: self.rejoin,
            apply: self.apply,
        };
        let importing = import(&config, &AwsAccess::Standard, &surroundings, &request);
        let report = Box::pin(importing).await?;
        match output {
            Output::Text => write_text(&report)?,
            Output::Json => writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&report)?)?,
        }
        let is_whole = report.n_refused() == 0;
        Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn write_text(report: &ImportReport) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for tenant in &report.tenants {
        write_tenant(&mut out, tenant)?;
    }
    for OrphanedSecret { secret, tenant, user, advice } in &report.orphaned_secrets {
        writeln!(
            out,
            "{secret}: the user {user} of {tenant} that it is for is not there: {advice}"
        )?;
    }
    let (imported, refused) = (report.n_imported(), report.n_refused());
    let there = report.tenants.len() - imported - refused;
    writeln!(out, "{imported} to import, {there} already there, {refused} refused")?;
    match (report.applied, imported) {
        (true, _) => writeln!(out, "done, as installation {}", report.installation),
        (false, 0) => Ok(()),
        (false, _) => writeln!(out, "nothing was changed: run it again with --apply"),
    }
}

fn write_tenant(out: &mut impl Write, tenant: &ReportedTenant) -> io::Result<()> {
    let ReportedTenant { cache, tenant, users, outcome } = tenant;
    match outcome {
        Outcome::Imported { tier, key_pattern, profile, notes } => {
            let profile = profile.as_deref().unwrap_or("everything");
            let users = users.join(", ");
            writeln!(out, "{cache}/{tenant}: {tier}, {profile} on {key_pattern}: {users}")?;
            notes.iter().try_for_each(|note| writeln!(out, "    {note}"))
        }
        Outcome::AlreadyThere => writeln!(out, "{cache}/{tenant}: already there"),
        Outcome::Refused { why } => writeln!(out, "{cache}/{tenant}: refused: {why}"),
    }
}
