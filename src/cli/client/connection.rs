//! Which service is asked, and as whom.

use std::{fs, path::PathBuf};

use clap::{
    Args,
    builder::{StringValueParser, TypedValueParser as _},
};
use reqwest::Url;
use secrecy::SecretString;

use super::{error::ClientError, output::Output, service::Service, trust::TrustArgs};

#[derive(Debug, Args)]
#[command(next_help_heading = "Connection and output")]
pub(super) struct ConnectionArgs {
    /// Where the service is
    #[arg(long, global = true, value_name = "URL", env = "RINGFENCE_URL", value_parser = parse_url)]
    #[arg(default_value = "http://127.0.0.1:8080")]
    url: Url,

    /// Who calls; other users of this machine can see what is given here, so prefer the variable
    #[arg(long, global = true, value_name = "TOKEN", env = "RINGFENCE_TOKEN")]
    #[arg(hide_env_values = true, value_parser = StringValueParser::new().map(SecretString::from))]
    token: Option<SecretString>,

    /// A file that holds the token, and goes before `--token`
    #[arg(long, global = true, value_name = "FILE", env = "RINGFENCE_TOKEN_FILE")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    trust: TrustArgs,

    /// How to tell the result
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    output: Output,
}

impl ConnectionArgs {
    /// The service, and how to tell what it answers.
    pub(super) fn open(self) -> Result<(Service, Output), ClientError> {
        let token = match self.token_file {
            Some(path) => {
                let read = fs::read_to_string(&path);
                let text = read.map_err(|source| ClientError::TokenFile { path, source })?;
                Some(SecretString::from(text.trim()))
            }
            None => self.token,
        };
        Ok((Service::new(self.url, token, self.trust.read()?)?, self.output))
    }
}

fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let is_base = ["http", "https"].contains(&url.scheme()) && url.has_host();
    let names_nothing_else =
        url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
    if is_base && names_nothing_else {
        Ok(url)
    } else {
        Err("must be like https://ringfence.example: http or https, without user or query".into())
    }
}
