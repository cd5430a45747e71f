//! The configured sources, each ready to be read.

use std::collections::BTreeMap;

use domain::sources::SourceSystem;

use super::run::SyncJob;
use super::webhooks::{Expectations, WebhookKeys};
use crate::platform::config::sources::ScheduledRun;

/// The configured sources, by the names of their sections.
#[derive(Clone, Default)]
pub struct Sources(BTreeMap<String, ConfiguredSource>);

/// One source.
#[derive(Clone)]
pub struct ConfiguredSource {
    /// The name of its section.
    pub name: String,
    /// How it is read.
    pub job: SyncJob,
    /// When it is read without anyone asking.
    pub schedule: Vec<ScheduledRun>,
    /// Percent of its requests that are left to others.
    pub reserve_percent: u8,
    /// Percent that runs leave to people.
    pub interactive_reserve_percent: u8,
    /// Whether it is told what is served.
    pub write_back: bool,
    /// Who may push changes of it.
    pub webhook: WebhookKeys,
    /// What is expected of who pushes.
    pub pushes: Expectations,
}

impl Sources {
    /// These sources.
    pub fn of(sources: impl IntoIterator<Item = ConfiguredSource>) -> Self {
        Self(sources.into_iter().map(|it| (it.name.clone(), it)).collect())
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &ConfiguredSource> {
        self.0.values()
    }

    /// The source of that name.
    pub fn named(&self, name: &str) -> Option<&ConfiguredSource> {
        self.0.get(name)
    }

    /// The source with that code.
    pub fn of_system(&self, system: &SourceSystem) -> Option<&ConfiguredSource> {
        self.0.values().find(|it| it.job.connector.system() == system)
    }
}
