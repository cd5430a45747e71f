//! `[telemetry]`: logs and traces.

use std::time::Duration;

use super::section::Reading;

/// What is logged, how, and where traces go.
#[derive(Debug, Clone)]
pub struct Telemetry {
    /// How a log line is written.
    pub log_format: LogFormat,
    /// What is logged: a level, or directives such as `info,gateway::sync=debug`.
    pub log_level: String,
    /// Base address of an OpenTelemetry collector (OTLP over HTTP), such as `http://localhost:4318`.
    pub otlp_endpoint: Option<String>,
    /// The name traces carry.
    pub service_name: String,
    /// An operation that takes longer is logged.
    pub slow_operation: Duration,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Text,
            log_level: "info".to_owned(),
            otlp_endpoint: None,
            service_name: "partner-gateway".to_owned(),
            slow_operation: Duration::from_secs(1),
        }
    }
}

impl Telemetry {
    pub(super) fn read(reading: &mut Reading) -> Option<Self> {
        let default = Self::default();
        let mut section = reading.section("telemetry");
        let format: String = section.or("log_format", "text".to_owned());
        let log_format = format.parse().ok();
        if log_format.is_none() {
            section.refuse("log_format", "expected text or json");
        }
        let log_level = section.or("log_level", default.log_level);
        if tracing_subscriber::EnvFilter::try_new(&log_level).is_err() {
            section
                .refuse("log_level", "expected a level such as info, or directives such as info,sqlx=warn");
        }
        let otlp_endpoint: Option<String> = section.optional("otlp_endpoint");
        if otlp_endpoint.as_deref().is_some_and(|it| reqwest::Url::parse(it).is_err()) {
            section.refuse("otlp_endpoint", "expected an address such as http://localhost:4318");
        }
        let service_name = section.or("service_name", default.service_name);
        let slow_operation = section.or("slow_operation", default.slow_operation);
        Some(Self { log_format: log_format?, log_level, otlp_endpoint, service_name, slow_operation })
    }
}
