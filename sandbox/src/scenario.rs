//! A whole bad day as a file: faults with rates, and things that happen after so many requests.
//!
//! Here: what a file may say, and which event is due. The same file and seed give the same faults at the same requests.
//! Not here: how a fault is played (`server`), how an event is carried out (`admin`).

use std::path::Path;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use crate::error::Error;
use crate::faults::{Fault, FaultKind, When};
use crate::org::duplicates::DuplicateRule;

/// Everything that goes wrong in one run of a sandbox.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// Seeds every die.
    pub seed: u64,
    /// How far the org's clock is ahead of the machine's, in seconds.
    pub clock_ahead_seconds: u64,
    /// How often a bulk job says that it is under way.
    pub bulk_polls: Option<u32>,
    /// How long a write keeps its record and its parents locked, in milliseconds.
    pub row_lock_millis: u64,
    /// Whether each use of a refresh token brings a new one.
    pub rotates_refresh_tokens: bool,
    /// Rules that refuse duplicates.
    pub duplicate_rules: Vec<DuplicateRule>,
    /// Faults, each with its rate.
    pub faults: Vec<RatedFault>,
    /// What happens after so many requests.
    pub events: Vec<Event>,
}

/// A fault, and how often: `rate`, `every` or `times`; always when none is given.
#[derive(Debug, Clone, Deserialize)]
pub struct RatedFault {
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Which requests; see [`Fault::path`].
    #[serde(default)]
    pub path: String,
    /// By chance: between 0 and 1.
    pub rate: Option<f64>,
    /// Every n-th request.
    pub every: Option<u32>,
    /// The first so many requests.
    pub times: Option<u32>,
}

/// Something that happens once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// After so many requests under `/services/data`, before the next one is answered.
    pub after_requests: u64,
    /// What happens.
    #[serde(flatten)]
    pub action: Action,
}

/// What may happen in an org.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// The recycle bin is emptied, and the list of deletions forgets it all.
    PurgeDeleted,
    /// All sessions end.
    EndSessions,
    /// The clock moves on.
    AdvanceClock {
        /// How far.
        seconds: u64,
    },
    /// A field is taken away from the integration user.
    HideField {
        /// The object.
        object: String,
        /// The field.
        field: String,
    },
    /// A hidden field is given back.
    ShowField {
        /// The object.
        object: String,
        /// The field.
        field: String,
    },
    /// Somebody else edits a text field of some records, chosen by the seed.
    Edit {
        /// The object.
        object: String,
        /// The field.
        field: String,
        /// How many records.
        count: u32,
    },
    /// Somebody else deletes some records, chosen by the seed.
    Delete {
        /// The object.
        object: String,
        /// How many records.
        count: u32,
    },
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// When it is not there, or says what scenarios do not know.
    pub fn read(path: &Path) -> Result<Scenario, Error> {
        let broken = |problem: String| Error::Scenario { path: path.to_owned(), problem };
        let text = std::fs::read_to_string(path).map_err(|it| broken(it.to_string()))?;
        Scenario::parse(&text).map_err(broken)
    }

    /// Reads the text of a scenario.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Scenario, String> {
        let scenario: Scenario = toml::from_str(text).map_err(|it| it.to_string())?;
        for fault in &scenario.faults {
            if fault.rate.is_some_and(|it| !(0.0..=1.0).contains(&it)) {
                return Err("a fault's rate lies between 0 and 1".to_owned());
            }
            if [fault.rate.is_some(), fault.every.is_some(), fault.times.is_some()]
                .iter()
                .filter(|it| **it)
                .count()
                > 1
            {
                return Err("a fault has one of rate, every and times".to_owned());
            }
        }
        Ok(scenario)
    }

    /// The faults as switches. Each has dice of its own, so that another one does not change its strikes.
    pub(crate) fn switches(&self) -> impl Iterator<Item = Fault> {
        self.faults.iter().enumerate().map(|(place, fault)| {
            let when = match (fault.rate, fault.every, fault.times) {
                (Some(probability), ..) => When::Chance {
                    probability,
                    seed: self.seed.wrapping_mul(1_000).wrapping_add(place as u64),
                },
                (_, Some(n), _) => When::EveryNth(n),
                (_, _, Some(times)) => When::Times(times),
                _ => When::Always,
            };
            Fault::new(fault.kind.clone()).on(fault.path.clone()).when(when)
        })
    }
}

/// The events that are still to come.
#[derive(Debug)]
pub(crate) struct Agenda {
    seed: u64,
    met: u64,
    coming: Vec<Event>,
}

impl Agenda {
    pub(crate) fn of(scenario: &Scenario) -> Agenda {
        Agenda { seed: scenario.seed, met: 0, coming: scenario.events.clone() }
    }

    /// Counts a request; answers what is due before it is answered, each with dice of its own.
    pub(crate) fn meet(&mut self) -> Vec<(Action, ChaCha8Rng)> {
        let due = self.coming.extract_if(.., |it| it.after_requests <= self.met);
        let seed = self.seed ^ (self.met << 32);
        let due =
            due.enumerate().map(|(n, it)| (it.action, ChaCha8Rng::seed_from_u64(seed + n as u64))).collect();
        self.met += 1;
        due
    }
}

/// Some of many, each at most once.
pub(crate) fn chosen<T: Clone>(mut dice: ChaCha8Rng, mut all: Vec<T>, count: u32) -> Vec<T> {
    let mut chosen = Vec::new();
    while chosen.len() < count as usize && !all.is_empty() {
        chosen.push(all.swap_remove(dice.random_range(0..all.len())));
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD_DAY: &str = r#"
        seed = 7
        clock_ahead_seconds = 600
        [[faults]]
        kind = "too_many_requests"
        retry_after = 0
        rate = 0.1
        [[faults]]
        kind = "expired_token"
        path = "/services/data"
        every = 50
        [[events]]
        after_requests = 2
        do = "purge_deleted"
        [[events]]
        after_requests = 1
        do = "edit"
        object = "Lead"
        field = "Title"
        count = 3
    "#;

    #[test]
    fn a_file_says_what_goes_wrong_and_when() {
        let scenario = Scenario::parse(BAD_DAY).unwrap();
        let switches: Vec<Fault> = scenario.switches().collect();
        assert_eq!(switches[0].when, When::Chance { probability: 0.1, seed: 7_000 });
        assert_eq!((switches[1].when, &*switches[1].path), (When::EveryNth(50), "/services/data"));
        let mut agenda = Agenda::of(&scenario);
        let due: Vec<usize> = (0..4).map(|_| agenda.meet().len()).collect();
        assert_eq!(due, [0, 1, 1, 0]);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in [
            "speed = 3",
            "[[faults]]\nkind = \"explosion\"",
            "[[faults]]\nkind = \"unavailable\"\nrate = 2.0",
            "[[faults]]\nkind = \"unavailable\"\nrate = 0.5\nevery = 2",
            "[[events]]\ndo = \"nothing\"\nafter_requests = 1",
        ] {
            assert!(Scenario::parse(text).is_err(), "{text}");
        }
    }
}
