//! Assets in versions and languages, and who may see them.

use chrono::{DateTime, Utc};

use super::AssetKind;
use crate::ids::AssetVersionId;
use crate::kpis::window::Span;

/// The lowest tier that may see something. Rank 1 is the highest tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct TierGate(Option<u32>);

/// One version of an asset in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetVersion {
    /// The version.
    pub id: AssetVersionId,
    /// What the asset is.
    pub kind: AssetKind,
    /// Rises with every version of the asset in this language.
    pub number: u32,
    /// ISO 639-1 code of its language.
    pub language: String,
    /// Who may see it.
    pub gate: TierGate,
    /// When it may be used.
    pub valid: Span,
}

/// Why a partner may not see an asset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum GateRefusal {
    /// A higher tier is needed.
    #[error("this asset is for partners of tier rank {needed} or higher; reach that tier to use it")]
    TierTooLow {
        /// The lowest rank that may see it.
        needed: u32,
    },
}

impl TierGate {
    /// Anyone may see it.
    pub const OPEN: Self = Self(None);

    /// Only tiers of a rank or a higher one; 1 is the highest.
    pub fn from_rank(lowest: u32) -> Self {
        Self(Some(lowest))
    }

    /// Checks the tier that a partner has at the instant of asking; one without a tier passes open gates only.
    pub fn check(self, rank: Option<u32>) -> Result<(), GateRefusal> {
        let Some(needed) = self.0 else { return Ok(()) };
        let passes = rank.is_some_and(|it| it <= needed);
        if passes { Ok(()) } else { Err(GateRefusal::TierTooLow { needed }) }
    }
}

/// The version of an asset that a partner gets at an instant: valid, allowed, in the first of its languages that has
/// one, and the latest of those.
pub fn current_version<'a>(
    versions: &'a [AssetVersion],
    languages: &[&str],
    rank: Option<u32>,
    at: DateTime<Utc>,
) -> Option<&'a AssetVersion> {
    let usable = versions.iter().filter(|it| it.valid.covers(at) && it.gate.check(rank).is_ok());
    let place = |it: &AssetVersion| languages.iter().position(|language| *language == it.language);
    let ranked = usable.filter_map(|it| Some((place(it)?, it)));
    ranked.min_by_key(|(place, it)| (*place, std::cmp::Reverse(it.number), it.id)).map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, id};

    fn version(number: u32, language: &str, from: &str) -> AssetVersion {
        AssetVersion {
            id: AssetVersionId(id(number.into())),
            kind: AssetKind::Document,
            number,
            language: language.to_owned(),
            gate: TierGate::OPEN,
            valid: Span::since(day(from)),
        }
    }

    fn current(versions: &[AssetVersion], languages: &[&str], rank: Option<u32>) -> Option<u32> {
        current_version(versions, languages, rank, day("2026-06-15")).map(|it| it.number)
    }

    #[test]
    fn the_latest_version_in_the_first_language_is_given() {
        let versions = [
            version(1, "ja", "2026-01-01"),
            version(2, "ja", "2026-06-01"),
            version(3, "ja", "2026-07-01"),
            version(4, "en", "2026-06-01"),
        ];
        assert_eq!(current(&versions, &["ja", "en"], None), Some(2));
        assert_eq!(current(&versions, &["zh", "en"], None), Some(4));
        assert_eq!(current(&versions, &["zh"], None), None);
    }

    #[test]
    fn a_gate_keeps_lower_tiers_out() {
        let gated = [AssetVersion { gate: TierGate::from_rank(2), ..version(1, "ja", "2026-01-01") }];
        assert_eq!(current(&gated, &["ja"], Some(1)), Some(1));
        assert_eq!(current(&gated, &["ja"], Some(2)), Some(1));
        assert_eq!(current(&gated, &["ja"], Some(3)), None);
        assert_eq!(TierGate::from_rank(2).check(None), Err(GateRefusal::TierTooLow { needed: 2 }));
    }
}
