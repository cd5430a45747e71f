//! A case: every fact that a verdict rests on, in one order, whatever order they were gathered in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Claim, ClaimKey, Party, SourceReading};
use crate::ids::PartnerId;

/// A fact with the instant at which it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed<T> {
    /// The fact.
    pub value: T,
    /// When it was read.
    pub observed_at: DateTime<Utc>,
}

/// What was gathered, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The instant of judging.
    pub evaluated_at: DateTime<Utc>,
    /// The claim that asks.
    pub subject: ClaimKey,
    /// Every claim on the account, its family and the accounts that may be the same.
    pub claims: Vec<Claim>,
    /// To whom the account is reserved: a named account, or a house account when to direct sales.
    pub reserved_to: Option<Observed<Party>>,
    /// The partner named in a document that the customer signed.
    pub customer_choice: Option<Observed<PartnerId>>,
    /// How recent the systems asked are.
    pub sources: Vec<SourceReading>,
}

/// Facts that can be judged: sorted, each claim once, the subject among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Case(#[serde(deserialize_with = "checked")] Facts);

/// Why facts cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidCase {
    /// Nobody asks.
    #[error("the claim that asks is not among the claims of the case; gather it with the others")]
    CaseWithoutSubject,
    /// The same claim twice.
    #[error("{} {} is among the claims twice; gather each once", .key.kind, .key.id)]
    CaseClaimTwice {
        /// Which.
        key: ClaimKey,
    },
}

impl TryFrom<Facts> for Case {
    type Error = InvalidCase;

    fn try_from(mut facts: Facts) -> Result<Self, InvalidCase> {
        facts.claims.sort_by_key(Claim::key);
        facts.sources.sort();
        facts.sources.dedup();
        if let Some(pair) = facts.claims.windows(2).find(|pair| pair[0].key() == pair[1].key()) {
            return Err(InvalidCase::CaseClaimTwice { key: pair[0].key() });
        }
        match facts.claims.iter().any(|it| it.key() == facts.subject) {
            true => Ok(Self(facts)),
            false => Err(InvalidCase::CaseWithoutSubject),
        }
    }
}

impl Case {
    /// The facts, in the order of the case.
    pub fn facts(&self) -> &Facts {
        &self.0
    }

    /// The claim that asks.
    pub fn subject(&self) -> &Claim {
        self.claim(self.0.subject).expect("a case holds its subject")
    }

    /// A claim by its name.
    pub fn claim(&self, key: ClaimKey) -> Option<&Claim> {
        self.0.claims.iter().find(|it| it.key() == key)
    }
}

fn checked<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Facts, D::Error> {
    let facts = Facts::deserialize(from)?;
    Case::try_from(facts).map(|it| it.0).map_err(serde::de::Error::custom)
}
