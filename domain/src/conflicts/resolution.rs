//! A person's answer to a conflict that the rules left open, or that somebody appealed.

use std::collections::BTreeMap;

use super::{ClaimKey, OutcomeKind, Verdict};

/// All of a deal, in basis points.
const WHOLE: u32 = 10_000;

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "resolution", rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Resolution {
    /// One claim goes first.
    Upheld {
        /// Which.
        winner: ClaimKey,
    },
    /// 按分: several share the deal.
    Split {
        /// Basis points of each; 10,000 in all.
        shares: Vec<(ClaimKey, u32)>,
    },
    /// All may stay.
    Coexist,
}

/// Why a resolution was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidResolution {
    /// A claim that is no part of the conflict.
    #[error("{} {} does not contest this deal; choose among the claims of the verdict", .claim.kind, .claim.id)]
    ResolutionClaim {
        /// Which.
        claim: ClaimKey,
    },
    /// Shares that do not make a whole.
    #[error(
        "shares are above zero, belong to two claims or more, and add up to 10000 basis points, not {total}"
    )]
    ResolutionShares {
        /// What they add up to.
        total: u64,
    },
}

impl Resolution {
    /// The code, with its labels.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Upheld { .. } => OutcomeKind::Upheld,
            Self::Split { .. } => OutcomeKind::Split,
            Self::Coexist => OutcomeKind::Coexist,
        }
    }

    /// One of the contesting claims goes first.
    pub fn upheld(verdict: &Verdict, winner: ClaimKey) -> Result<Self, InvalidResolution> {
        check_contests(verdict, winner)?;
        Ok(Self::Upheld { winner })
    }

    /// Several of the contesting claims share the deal.
    pub fn split(verdict: &Verdict, shares: &BTreeMap<ClaimKey, u32>) -> Result<Self, InvalidResolution> {
        for &claim in shares.keys() {
            check_contests(verdict, claim)?;
        }
        let total = shares.values().map(|it| u64::from(*it)).sum();
        let is_whole = total == u64::from(WHOLE) && shares.len() > 1 && shares.values().all(|it| *it > 0);
        match is_whole {
            true => {
                Ok(Self::Split { shares: shares.iter().map(|(claim, share)| (*claim, *share)).collect() })
            }
            false => Err(InvalidResolution::ResolutionShares { total }),
        }
    }
}

fn check_contests(verdict: &Verdict, claim: ClaimKey) -> Result<(), InvalidResolution> {
    match verdict.contested.contains(&claim) {
        true => Ok(()),
        false => Err(InvalidResolution::ResolutionClaim { claim }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::{P1, P2, P3, facts, judged, registration};
    use super::*;

    #[test]
    fn shares_make_a_whole_of_contesting_claims() {
        let claims = [registration(P1, "04-06"), registration(P2, "04-07")];
        let verdict = judged(facts(&claims));
        let split =
            |shares: &[(ClaimKey, u32)]| Resolution::split(&verdict, &shares.iter().copied().collect());
        let [first, second] = [claims[0].key(), claims[1].key()];
        assert_eq!(split(&[(first, 6_000), (second, 4_000)]).map(|it| it.kind()), Ok(OutcomeKind::Split));
        for shares in [[(first, 6_000), (second, 4_001)], [(first, 10_000), (second, 0)]] {
            assert!(matches!(split(&shares), Err(InvalidResolution::ResolutionShares { .. })));
        }
        assert!(matches!(split(&[(first, 10_000)]), Err(InvalidResolution::ResolutionShares { .. })));
        let stranger = registration(P3, "04-06").key();
        assert_eq!(
            Resolution::upheld(&verdict, stranger),
            Err(InvalidResolution::ResolutionClaim { claim: stranger })
        );
    }
}
