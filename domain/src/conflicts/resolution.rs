//! A person's answer to a conflict that the rules left open, or that somebody appealed.

use std::collections::BTreeMap;

use super::{ClaimKey, Verdict};

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
