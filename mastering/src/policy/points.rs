//! What a comparison is worth: points by level, and what rare values add.

use std::collections::BTreeMap;
use std::str::FromStr;

use domain::codes::UnknownCode;
use foldhash::HashMap;
use smol_str::SmolStr;

use super::PolicyError;
use crate::matching::evidence::{Comparison, Level};

/// Points by what was compared and how far it agreed. What is not listed is worth nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Points([[i32; Level::ALL.len()]; Comparison::ALL.len()]);

/// The form in a document: comparison, level, points.
pub(super) type PointsText = BTreeMap<String, BTreeMap<String, i32>>;
/// The form in a document: comparison, points, values separated by `|`.
pub(super) type RarityText = BTreeMap<String, BTreeMap<String, String>>;

impl Points {
    pub(super) fn parse(section: &str, given: &PointsText) -> Result<Self, PolicyError> {
        let mut points = Self::default();
        for (comparison, levels) in given {
            let place = format!("{section}.{comparison}");
            for (level, &worth) in levels {
                let key = format!("{place}.{level}");
                require((-100..=100).contains(&worth), &key, "-100 to 100")?;
                points.set(code(&place, comparison)?, code(&key, level)?, worth);
            }
        }
        Ok(points)
    }

    pub(crate) fn of(&self, comparison: Comparison, level: Level) -> i32 {
        self.0[comparison as usize][level as usize]
    }

    pub(crate) fn set(&mut self, comparison: Comparison, level: Level, worth: i32) {
        self.0[comparison as usize][level as usize] = worth;
    }
}

/// What agreement on a value adds, because few have it, or takes, because many have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rarity(BTreeMap<Comparison, HashMap<SmolStr, i32>>);

impl Rarity {
    pub(super) fn parse(given: &RarityText) -> Result<Self, PolicyError> {
        let mut rarity = Self::default();
        for (comparison, by_points) in given {
            let place = format!("rarity.{comparison}");
            let of = code(&place, comparison)?;
            for (points, values) in by_points {
                let key = format!("{place}.{points}");
                let worth = points.parse().ok().filter(|it| (-100..=100).contains(it));
                let Some(worth) = worth else { return Err(out_of_range(&key, "-100 to 100")) };
                values.split('|').filter(|it| !it.is_empty()).for_each(|it| rarity.set(of, it, worth));
            }
        }
        Ok(rarity)
    }

    pub(crate) fn has(&self, of: Comparison) -> bool {
        self.0.contains_key(&of)
    }

    pub(crate) fn of(&self, of: Comparison, value: &str) -> i32 {
        self.0.get(&of).and_then(|it| it.get(value)).copied().unwrap_or(0)
    }

    pub(crate) fn set(&mut self, of: Comparison, value: &str, worth: i32) {
        self.0.entry(of).or_default().insert(value.into(), worth);
    }

    pub(crate) fn set_all(&mut self, of: Comparison, worths: HashMap<SmolStr, i32>) {
        self.0.insert(of, worths);
    }

    /// The values of each comparison by what they are worth, in order.
    pub(super) fn by_points(&self) -> BTreeMap<Comparison, BTreeMap<i32, Vec<&str>>> {
        let mut sorted: BTreeMap<Comparison, BTreeMap<i32, Vec<&str>>> = BTreeMap::new();
        for (of, values) in &self.0 {
            for (value, worth) in values {
                sorted.entry(*of).or_default().entry(*worth).or_default().push(value);
            }
        }
        sorted.values_mut().flat_map(BTreeMap::values_mut).for_each(|it| it.sort_unstable());
        sorted
    }
}

pub(super) fn code<T: FromStr<Err = UnknownCode>>(key: &str, given: &str) -> Result<T, PolicyError> {
    given.parse().map_err(|cause| PolicyError::UnknownCode { key: key.to_owned(), cause })
}

pub(super) fn require(holds: bool, key: &str, expected: &'static str) -> Result<(), PolicyError> {
    if holds { Ok(()) } else { Err(out_of_range(key, expected)) }
}

fn out_of_range(key: &str, expected: &'static str) -> PolicyError {
    PolicyError::OutOfRange { key: key.to_owned(), expected }
}
