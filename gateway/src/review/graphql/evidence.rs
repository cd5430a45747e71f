//! What was found when the two records of a task were compared.

use async_graphql::SimpleObject;
use domain::text::Language;
use mastering::matching::evidence::{Evidence, Reservation, Veto};
use mastering::matching::verdict::{Band, Verdict};

/// One comparison of two records.
#[derive(SimpleObject)]
pub struct MatchEvidence {
    /// What was compared.
    comparison: String,
    /// Its label in the caller's language.
    comparison_label: &'static str,
    /// How it came out.
    level: String,
    /// Its label in the caller's language.
    level_label: &'static str,
    /// What that is worth.
    points: i32,
}

/// What the matching policy makes of two records.
#[derive(SimpleObject)]
pub struct MatchFinding {
    /// What the score means.
    band: Band,
    /// Its label in the caller's language.
    band_label: &'static str,
    /// Why the band is lower than the score.
    reservation: Option<Reservation>,
    /// Its label in the caller's language.
    reservation_label: Option<&'static str>,
    /// What forbids a match.
    veto: Option<Veto>,
    /// Its label in the caller's language.
    veto_label: Option<&'static str>,
}

impl MatchEvidence {
    pub(super) fn of(evidence: &Evidence, language: Language) -> Self {
        Self {
            comparison: evidence.comparison.code().to_owned(),
            comparison_label: evidence.comparison.label(language),
            level: evidence.level.code().to_owned(),
            level_label: evidence.level.label(language),
            points: evidence.points,
        }
    }
}

impl MatchFinding {
    pub(super) fn of(verdict: &Verdict, language: Language) -> Self {
        Self {
            band: verdict.band,
            band_label: verdict.band.label(language),
            reservation: verdict.reservation,
            reservation_label: verdict.reservation.map(|it| it.label(language)),
            veto: verdict.veto,
            veto_label: verdict.veto.map(|it| it.label(language)),
        }
    }
}
