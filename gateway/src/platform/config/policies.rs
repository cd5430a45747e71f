//! `[policies]`: files of rules that replace the built-in ones.

use std::path::PathBuf;

use super::section::Reading;

/// Where rules are read from; absent means the built-in ones.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Which source is believed for which field.
    pub precedence_file: Option<PathBuf>,
    /// When two records are one.
    pub matching_file: Option<PathBuf>,
}

impl Policies {
    pub(super) fn read(reading: &mut Reading) -> Self {
        let mut section = reading.section("policies");
        Self {
            precedence_file: section.path("precedence_file"),
            matching_file: section.path("matching_file"),
        }
    }
}
