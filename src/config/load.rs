//! Reading: defaults, then a file, then variables; each wins over what comes before it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use config::{ConfigError as Fault, File, FileFormat};

use super::{
    Config, ConfigError, Origin, UnknownSetting,
    variables::{Variable, key_of, settings_in},
};

impl Config {
    /// Reads the configuration from a file, if one is given, and from the variables, which win.
    pub fn load(
        path: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut sources = Sources { path: None, variables: settings_in(variables) };
        let mut builder = config::Config::builder();
        if let Some(path) = path {
            let text = fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
            builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
            sources.path = Some(path.to_owned());
        }
        sources.read(builder)
    }
}

/// Where the settings stand, to be able to say so.
pub(super) struct Sources {
    pub(super) path: Option<PathBuf>,
    pub(super) variables: Vec<Variable>,
}

type Builder = config::ConfigBuilder<config::builder::DefaultState>;

impl Sources {
    /// Lays the variables over what the builder has, and reads the whole.
    pub(super) fn read(&self, mut builder: Builder) -> Result<Config, ConfigError> {
        for variable in &self.variables {
            let value = variable.value.as_str();
            let laid = if variable.is_standard {
                builder.set_default(&variable.key, value)
            } else {
                builder.set_override(&variable.key, value)
            };
            builder = laid.map_err(|_| self.unknown([variable.key.clone()]))?;
        }
        let values = builder.build().map_err(|fault| self.name(fault))?;
        let mut unknown = Vec::new();
        let config = serde_ignored::deserialize(values, |path: serde_ignored::Path<'_>| {
            unknown.push(key_of(path.to_string().split('.')));
        });
        // First of all: a required setting that is missing may only be misspelt.
        if !unknown.is_empty() {
            return Err(self.unknown(unknown));
        }
        let config: Config = config.map_err(|fault| self.name(fault))?;
        config.check_together()?;
        Ok(config)
    }

    fn unknown(&self, keys: impl IntoIterator<Item = String>) -> ConfigError {
        let mut settings: Vec<_> =
            keys.into_iter().map(|key| UnknownSetting { origin: self.origin(&key), key }).collect();
        settings.sort();
        ConfigError::Unknown { settings }
    }

    /// Says which setting is at fault and where it stands.
    pub(super) fn name(&self, fault: Fault) -> ConfigError {
        match fault {
            Fault::FileParse { cause, .. } => ConfigError::Syntax {
                path: self.path.clone().unwrap_or_default(),
                detail: cause.to_string().trim_end().to_owned(),
            },
            Fault::NotFound(key) => ConfigError::Invalid {
                key: key_in(Some(key)),
                fault: "is missing: give it a value".to_owned(),
                origin: Origin::Unset,
            },
            Fault::Type { unexpected, expected, key, .. } => {
                let key = key_in(key);
                let fault = format!("{unexpected} is refused: give {expected}");
                ConfigError::Invalid { origin: self.origin(&key), key, fault }
            }
            Fault::At { error, key, .. } => {
                let key = key_in(key);
                let fault = error.to_string();
                ConfigError::Invalid { origin: self.origin(&key), key, fault }
            }
            other => ConfigError::Invalid {
                key: "configuration".to_owned(),
                fault: other.to_string(),
                origin: Origin::Unset,
            },
        }
    }

    fn origin(&self, key: &str) -> Origin {
        match self.variables.iter().find(|variable| variable.key == key) {
            Some(variable) => Origin::Variable(variable.name.clone()),
            None => self.path.clone().map_or(Origin::Unset, Origin::File),
        }
    }
}

/// A key as we write it. The crate leaves out the dot after a place in a list.
fn key_in(fault: Option<String>) -> String {
    let key = fault.unwrap_or_default();
    key_of(key.split(['.', '[', ']']).filter(|part| !part.is_empty()))
}
