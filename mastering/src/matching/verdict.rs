//! From evidence to a score, and from a score to a band.

use serde::{Deserialize, Serialize};

use super::evidence::{Comparison, Evidence, Level, Reservation, Veto};
use crate::policy::{MatchingPolicy, Points, Thresholds};

domain::codes! {
    /// What a score means.
    pub enum Band {
        None("該当なし", "None"),
        Possible("可能性あり", "Possible"),
        Review("要確認", "Review"),
        Auto("自動統合", "Automatic"),
    }
}

/// What was found about two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// How sure it is that the two are one, 0 to 100.
    pub score: u8,
    /// What the score is made from, without bounds. Stronger joins come first.
    #[serde(default)]
    pub weight: i32,
    /// What the score means here.
    pub band: Band,
    /// What it is made of.
    pub evidence: Vec<Evidence>,
    /// What forbids a match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub veto: Option<Veto>,
    /// Why the band is lower than the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<Reservation>,
}

impl Verdict {
    /// Nothing to compare.
    pub fn nothing() -> Self {
        Self { score: 0, weight: 0, band: Band::None, evidence: Vec::new(), veto: None, reservation: None }
    }

    /// The sum of the points, without what was likely before anything was compared.
    pub fn evidence_weight(&self) -> i32 {
        self.evidence.iter().map(|it| it.points).sum()
    }

    /// Whether the comparison reached that level.
    pub fn has(&self, comparison: Comparison, level: Level) -> bool {
        self.evidence.iter().any(|it| it.comparison == comparison && it.level == level)
    }
}

/// The probability, in percent, of log-odds in tenths of a power of ten.
pub(super) fn percent(weight: i32) -> u8 {
    let odds = 10f64.powf(f64::from(weight.clamp(-100, 100)) / 10.0);
    // Between 0 and 100, so nothing is cut off.
    (100.0 * odds / (1.0 + odds)).round() as u8
}

/// Collects evidence as comparisons are made.
pub(super) struct Scale<'a> {
    points: &'a Points,
    evidence: [Evidence; COMPARISONS],
    length: usize,
}

/// Comparisons that one verdict holds at most.
const COMPARISONS: usize = 8;

impl<'a> Scale<'a> {
    pub(super) fn new(points: &'a Points) -> Self {
        let nothing = Evidence { comparison: Comparison::Name, level: Level::Equal, points: 0 };
        Self { points, evidence: [nothing; COMPARISONS], length: 0 }
    }

    /// Notes a comparison; `None` means that a value is missing, which is worth nothing either way.
    pub(super) fn note(&mut self, comparison: Comparison, level: Option<Level>) {
        if let Some(level) = level {
            self.put(comparison, level, self.points.of(comparison, level));
        }
    }

    /// Notes what a comparison is worth here. Evidence worth nothing is not told.
    pub(super) fn put(&mut self, comparison: Comparison, level: Level, points: i32) {
        if points != 0 {
            self.evidence[self.length] = Evidence { comparison, level, points };
            self.length += 1;
        }
    }

    /// The sum of the points.
    pub(super) fn sum(&self) -> i32 {
        self.noted().iter().map(|it| it.points).sum()
    }

    /// What was noted.
    pub(super) fn into_evidence(self) -> Vec<Evidence> {
        self.noted().to_vec()
    }

    fn noted(&self) -> &[Evidence] {
        &self.evidence[..self.length]
    }

    /// Weighs what was noted about organisations: their own bands, and independent identifiers.
    pub(super) fn verdict(self, policy: &MatchingPolicy, identifiers: &[&[Comparison]]) -> Verdict {
        let weight = self.sum();
        let score = u8::try_from(weight.clamp(0, 100)).expect("clamped to 0–100");
        let agrees = |it: &Comparison| self.noted().iter().any(|has| has.comparison == *it && has.points > 0);
        let agreeing = identifiers.iter().filter(|it| it.iter().any(agrees)).count();
        let is_number = agrees(&Comparison::CorporateNumber);
        let (band, reservation) = match policy.band(score) {
            Band::Auto if !is_number && agreeing < policy.independent_identifiers => {
                (Band::Review, Some(Reservation::OneIdentifier))
            }
            band => (band, None),
        };
        Verdict { score, weight, band, evidence: self.into_evidence(), veto: None, reservation }
    }
}

impl MatchingPolicy {
    /// The band of an organisation's score, before reservations.
    pub fn band(&self, score: u8) -> Band {
        self.bands.of(i32::from(score))
    }

    /// The band of a person's weight, before reservations.
    pub fn person_band(&self, weight: i32) -> Band {
        self.person_bands.of(weight)
    }
}

impl<T: Copy + Into<i32>> Thresholds<T> {
    fn of(&self, reached: i32) -> Band {
        match reached {
            it if it >= self.auto.into() => Band::Auto,
            it if it >= self.review.into() => Band::Review,
            it if it >= self.possible.into() => Band::Possible,
            _ => Band::None,
        }
    }
}
