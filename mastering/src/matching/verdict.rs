//! From evidence to a score, and from a score to a band.

use serde::{Deserialize, Serialize};

use super::evidence::{Comparison, Evidence, Level, Reservation, Veto};
use crate::policy::{MatchingPolicy, Points};

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

/// Collects evidence as comparisons are made.
pub(super) struct Scale<'a> {
    points: &'a Points,
    evidence: Vec<Evidence>,
}

impl<'a> Scale<'a> {
    pub(super) fn new(points: &'a Points) -> Self {
        Self { points, evidence: Vec::new() }
    }

    /// Notes a comparison; `None` means that a value is missing, which is worth nothing either way.
    pub(super) fn note(&mut self, comparison: Comparison, level: Option<Level>) {
        if let Some(level) = level {
            let points = self.points.of(comparison, level);
            if points != 0 {
                self.evidence.push(Evidence { comparison, level, points });
            }
        }
    }

    /// Weighs what was noted. `personal` are the comparisons of which one at least must agree.
    pub(super) fn verdict(
        self,
        policy: &MatchingPolicy,
        identifiers: &[&[Comparison]],
        personal: Option<&[Comparison]>,
    ) -> Verdict {
        let sum: i32 = self.evidence.iter().map(|it| it.points).sum();
        let score = u8::try_from(sum.clamp(0, 100)).expect("clamped to 0–100");
        let agrees =
            |it: &Comparison| self.evidence.iter().any(|has| has.comparison == *it && has.points > 0);
        let agreeing = identifiers.iter().filter(|it| it.iter().any(agrees)).count();
        let is_number = agrees(&Comparison::CorporateNumber);
        let (band, reservation) = if personal.is_some_and(|it| !it.iter().any(agrees)) {
            (Band::None, (score >= policy.bands.possible).then_some(Reservation::NobodyNamed))
        } else {
            match policy.band(score) {
                Band::Auto if !is_number && agreeing < policy.independent_identifiers => {
                    (Band::Review, Some(Reservation::OneIdentifier))
                }
                band => (band, None),
            }
        };
        Verdict { score, weight: sum, band, evidence: self.evidence, veto: None, reservation }
    }
}

impl MatchingPolicy {
    /// The band of a score, before reservations.
    pub fn band(&self, score: u8) -> Band {
        match score {
            it if it >= self.bands.auto => Band::Auto,
            it if it >= self.bands.review => Band::Review,
            it if it >= self.bands.possible => Band::Possible,
            _ => Band::None,
        }
    }
}
