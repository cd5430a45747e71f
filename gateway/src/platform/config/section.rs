//! Reads one section key by key, and remembers what was asked for.
//!
//! Here: the environment laid over the file, problems collected with the key's full name, unknown keys found by
//! what no section asked for. Not here: the sections' own keys.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use toml::{Table, Value};

use super::setting::Setting;

/// Every variable that starts so is a key of the configuration.
pub(super) const ENVIRONMENT_PREFIX: &str = "GATEWAY__";

/// One key that a section asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Full name, such as `database.url`.
    pub name: String,
    /// How the default is written; empty when there is none.
    pub default: String,
}

impl Key {
    /// The environment variable of the same meaning.
    pub fn variable(&self) -> String {
        variable_of(&self.name)
    }
}

fn variable_of(name: &str) -> String {
    format!("{ENVIRONMENT_PREFIX}{}", name.replace('.', "__").to_uppercase())
}

/// The configuration while it is being read.
pub(super) struct Reading {
    file: BTreeMap<String, Value>,
    /// Sections of the file without any key.
    empty: BTreeSet<String>,
    environment: BTreeMap<String, String>,
    folder: PathBuf,
    known: BTreeSet<Key>,
    /// Sections whose subsections have names of the operator's choice.
    named: BTreeSet<String>,
    problems: Vec<String>,
}

impl Reading {
    /// `folder` is where relative paths start from.
    pub(super) fn new(table: Table, environment: BTreeMap<String, String>, folder: &Path) -> Self {
        let (mut file, mut empty) = (BTreeMap::new(), BTreeSet::new());
        flatten("", table, &mut file, &mut empty);
        let environment = environment
            .into_iter()
            .filter_map(|(name, text)| {
                let key = name.strip_prefix(ENVIRONMENT_PREFIX)?.replace("__", ".").to_lowercase();
                Some((key, text))
            })
            .collect();
        Self {
            file,
            empty,
            environment,
            folder: folder.to_owned(),
            known: BTreeSet::new(),
            named: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    /// The section of that name.
    pub(super) fn section(&mut self, name: impl Into<String>) -> Section<'_> {
        Section { reading: self, name: name.into() }
    }

    /// What stands one level below a section, such as the names of the sources.
    pub(super) fn names_in(&mut self, section: &str) -> BTreeSet<String> {
        self.named.insert(section.to_owned());
        let prefix = format!("{section}.");
        let given = self.file.keys().chain(self.environment.keys());
        let below = given.filter_map(|key| key.strip_prefix(&prefix)?.split_once('.').map(|it| it.0));
        let empty = self.empty.iter().filter_map(|section| section.strip_prefix(&prefix));
        below.chain(empty).map(str::to_owned).collect()
    }

    /// Ends the reading: every key asked for, and every problem, unknown keys among them.
    pub(super) fn finish(mut self) -> (BTreeSet<Key>, Vec<String>) {
        let names: BTreeSet<&str> = self.known.iter().map(|it| it.name.as_str()).collect();
        let given =
            self.file.keys().map(|it| (it, false)).chain(self.environment.keys().map(|it| (it, true)));
        let unknown: Vec<_> = given
            .filter(|(key, _)| !names.contains(key.as_str()))
            .map(|(key, from_environment)| unknown_key(key, from_environment, &names))
            .chain(
                self.empty.iter().filter(|it| !self.is_section(it)).map(|it| unknown_key(it, false, &names)),
            )
            .collect();
        self.problems.extend(unknown);
        (self.known, self.problems)
    }

    /// Whether keys may stand there: a section is often left with all of them commented out.
    fn is_section(&self, name: &str) -> bool {
        let prefix = format!("{name}.");
        self.named.contains(name) || self.known.iter().any(|it| it.name.starts_with(&prefix))
    }
}

/// Tables become dotted names; everything else, lists included, is a value.
fn flatten(prefix: &str, table: Table, into: &mut BTreeMap<String, Value>, empty: &mut BTreeSet<String>) {
    if table.is_empty() && !prefix.is_empty() {
        empty.insert(prefix.to_owned());
    }
    for (name, value) in table {
        let full = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) => flatten(&full, inner, into, empty),
            value => {
                into.insert(full, value);
            }
        }
    }
}

fn unknown_key(key: &str, from_environment: bool, names: &BTreeSet<&str>) -> String {
    let shown = if from_environment { format!("{key} ({})", variable_of(key)) } else { key.to_owned() };
    match nearest(key, names) {
        Some(name) => format!("{shown}: unknown key; did you mean {name}"),
        None => format!("{shown}: unknown key; docs/configuration.md lists them all"),
    }
}

/// The known name that a slip of up to a third of the letters would explain.
fn nearest<'a>(key: &str, names: &BTreeSet<&'a str>) -> Option<&'a str> {
    let distances = names.iter().map(|name| (distance(key, name), *name));
    distances.min().filter(|(distance, _)| *distance <= key.chars().count() / 3).map(|(_, name)| name)
}

/// Levenshtein distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

/// One section while it is being read.
///
/// A value that is missing or wrong is noted as a problem and read as its default, so that one reading finds
/// every problem; the caller throws the result away if there was any.
pub(super) struct Section<'a> {
    reading: &'a mut Reading,
    name: String,
}

impl Section<'_> {
    /// A value that may be absent.
    pub(super) fn optional<T: Setting>(&mut self, key: &str) -> Option<T> {
        self.ask(key, String::new())
    }

    /// A value, or its default.
    pub(super) fn or<T: Setting>(&mut self, key: &str, default: T) -> T {
        self.ask(key, default.shown()).unwrap_or(default)
    }

    /// A value that must be given.
    pub(super) fn required<T: Setting>(&mut self, key: &str) -> Option<T> {
        let problems = self.reading.problems.len();
        let value = self.ask(key, String::new());
        if value.is_none() && self.reading.problems.len() == problems {
            self.refuse(key, format_args!("is missing; expected {}", T::EXPECTED));
        }
        value
    }

    /// A number within bounds, or its default.
    pub(super) fn within(&mut self, key: &str, bounds: RangeInclusive<u64>, default: u64) -> u64 {
        let number = self.or(key, default);
        if bounds.contains(&number) {
            return number;
        }
        self.refuse(key, format_args!("{number} is outside {} to {}", bounds.start(), bounds.end()));
        default
    }

    /// A file; relative paths start at the folder of the configuration file.
    pub(super) fn path(&mut self, key: &str) -> Option<PathBuf> {
        self.optional::<PathBuf>(key).map(|path| self.reading.folder.join(path))
    }

    /// Parses a text that was given under the key, and notes why it cannot.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str, text: &str) -> Option<T> {
        text.parse().map_err(|error| self.refuse(key, error)).ok()
    }

    /// Notes a problem of a key.
    pub(super) fn refuse(&mut self, key: &str, problem: impl Display) {
        let name = self.full(key);
        let problem = match self.reading.environment.contains_key(&name) {
            true => format!("{name} ({}): {problem}", variable_of(&name)),
            false => format!("{name}: {problem}"),
        };
        self.reading.problems.push(problem);
    }

    fn full(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    /// The environment speaks first. A wrong value is never repeated: it may be a secret in the wrong place.
    fn ask<T: Setting>(&mut self, key: &str, default: String) -> Option<T> {
        let name = self.full(key);
        let from_environment = self.reading.environment.get(&name).map(|text| T::from_text(text));
        let value = from_environment.or_else(|| self.reading.file.get(&name).map(T::from_toml));
        self.reading.known.insert(Key { name, default });
        if let Some(None) = value {
            self.refuse(key, format_args!("expected {}", T::EXPECTED));
        }
        value.flatten()
    }
}
