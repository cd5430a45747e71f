//! `sources.<name>.schedule`: when a CRM is read without anyone asking.

use std::fmt;

use chrono_tz::Tz;
use domain::fields::RecordKind;
use toml::Value;

use super::section::Section;
use super::setting::Setting;
use crate::platform::jobs::Timetable;

/// One line of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledRun {
    /// When.
    pub times: Timetable,
    /// How much is read.
    pub mode: ScheduledMode,
    /// Only these kinds; all when empty.
    pub kinds: Vec<RecordKind>,
}

/// How much a scheduled run reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum ScheduledMode {
    /// What is new.
    Incremental,
    /// Everything.
    Full,
    /// The ids and stamps of everything, and what differs.
    Reconcile,
    /// The fields whose changes move no stamp.
    Computed,
}

impl ScheduledRun {
    /// What the line says, in one form: by it the line is known again after a restart.
    pub fn name(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for ScheduledRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mode.into())?;
        for (place, kind) in self.kinds.iter().enumerate() {
            let separator = if place == 0 { ':' } else { '+' };
            write!(f, "{separator}{}", kind.code().to_lowercase())?;
        }
        write!(f, " {}", self.times)
    }
}

/// One line as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    mode: String,
    kinds: Vec<String>,
    cron: String,
}

impl Setting for Vec<Line> {
    const EXPECTED: &'static str = "a list such as [{ cron = \"*/5 * * * *\", mode = \"incremental\", kinds = [\"lead\"] }] (in the environment: incremental:lead */5 * * * *; reconcile 0 3 * * 0)";

    fn from_text(text: &str) -> Option<Self> {
        text.split(';').filter(|it| !it.trim().is_empty()).map(Line::from_text).collect()
    }

    fn from_toml(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::from_text(text),
            value => value.as_array()?.iter().map(Line::from_toml).collect(),
        }
    }

    fn shown(&self) -> String {
        String::new()
    }
}

impl Line {
    /// `incremental:lead+account */5 * * * *`.
    fn from_text(text: &str) -> Option<Self> {
        let (what, cron) = text.trim().split_once(char::is_whitespace)?;
        let (mode, kinds) = what.split_once(':').unwrap_or((what, ""));
        let kinds = kinds.split('+').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        Some(Self { mode: mode.to_owned(), kinds, cron: cron.trim().to_owned() })
    }

    fn from_toml(value: &Value) -> Option<Self> {
        let table = value.as_table()?;
        let is_known = |key: &String| matches!(key.as_str(), "mode" | "kinds" | "cron");
        if !table.keys().all(is_known) {
            return None;
        }
        let kinds = match table.get("kinds") {
            Some(kinds) => Vec::<String>::from_toml(kinds)?,
            None => Vec::new(),
        };
        let text = |key: &str| table.get(key).and_then(String::from_toml);
        Some(Self { mode: text("mode")?, kinds, cron: text("cron")? })
    }
}

/// Reads the schedule of a source; times are those of the clocks in a zone.
pub(super) fn read(section: &mut Section<'_>, zone: Tz) -> Vec<ScheduledRun> {
    let lines: Vec<Line> = section.optional("schedule").unwrap_or_default();
    let mut runs: Vec<ScheduledRun> = Vec::new();
    for line in lines {
        match understood(&line, zone) {
            Ok(run) if runs.contains(&run) => {
                section.refuse("schedule", format_args!("`{run}` stands there twice"))
            }
            Ok(run) => runs.push(run),
            Err(problem) => section.refuse("schedule", problem),
        }
    }
    runs
}

fn understood(line: &Line, zone: Tz) -> Result<ScheduledRun, String> {
    let mode = line.mode.parse();
    let mode = mode
        .map_err(|_| format!("`{}` is no mode; use incremental, full, reconcile or computed", line.mode))?;
    let kind = |text: &String| {
        let parsed = text.to_uppercase().parse::<RecordKind>();
        parsed.map_err(|_| format!("`{text}` is no kind; use account, contact, lead or opportunity"))
    };
    let kinds = line.kinds.iter().map(kind).collect::<Result<_, _>>()?;
    let times = Timetable::new(&line.cron, zone).map_err(|it| it.to_string())?;
    Ok(ScheduledRun { times, mode, kinds })
}

/// Time zones by their names.
impl Setting for Tz {
    const EXPECTED: &'static str = "the name of a time zone such as Asia/Tokyo";

    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }

    fn shown(&self) -> String {
        self.name().to_owned()
    }
}
