//! Which CRMs we can talk to.
//!
//! Here: one line per kind of CRM. Not here: their settings (their folders), where those come from (the gateway).

use std::sync::Arc;

use crate::connector::Connector;
use crate::csv::{self, Csv};
use crate::error::ConnectorError;
use crate::salesforce::{self, Salesforce};

/// The settings of one source, by kind of CRM.
#[derive(Debug, Clone)]
pub enum SourceConfig {
    /// A Salesforce org.
    Salesforce(Box<salesforce::Config>),
    /// A file.
    Csv(Box<csv::Config>),
}

/// The connector for a source. Checks its settings; talks to nobody yet.
pub fn connect(config: SourceConfig) -> Result<Arc<dyn Connector>, ConnectorError> {
    match config {
        SourceConfig::Salesforce(config) => Ok(Arc::new(Salesforce::new(*config)?)),
        SourceConfig::Csv(config) => Ok(Arc::new(Csv::new(*config))),
    }
}
