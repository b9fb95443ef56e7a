//! `ringfence openapi`

use std::io::{self, Write};

use clap::Args;

use crate::api::openapi_json;

/// Print the OpenAPI document of the HTTP API.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence openapi > openapi/ringfence.json")]
pub(super) struct OpenapiArgs {}

pub(super) fn run(OpenapiArgs {}: OpenapiArgs) -> anyhow::Result<()> {
    io::stdout().write_all(openapi_json().as_bytes())?;
    Ok(())
}
