//! `[calendar]`: on which days nobody works.

use std::path::PathBuf;

use super::section::Reading;

/// Where holidays are read from; absent means the built-in ones.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// National holidays of several years, and the company's own.
    pub holidays_file: Option<PathBuf>,
}

impl Calendar {
    pub(super) fn read(reading: &mut Reading) -> Self {
        Self { holidays_file: reading.section("calendar").path("holidays_file") }
    }
}
