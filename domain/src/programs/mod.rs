//! Partner programs: tiers, what it takes to hold one, and the evaluation at the end of a quarter.
//!
//! Here: a program's version for one fiscal year, criteria, promotion, grace and demotion.
//! Not here: how a metric is measured (`kpis`).

mod criteria;
mod evaluation;

use std::collections::BTreeSet;

use serde::Deserialize;

pub use criteria::{Comparison, Criterion, InvalidCriterion, Metric};
pub use evaluation::{CriterionResult, Evaluation, Standing, TierChange, evaluate, quarter_due};

use crate::calendar::FiscalYear;

crate::codes! {
    /// Where a version of a program stands.
    pub enum ProgramState {
        Draft("下書き", "Draft"),
        Active("有効", "Active"),
        Retired("廃止", "Retired"),
    }
}

/// What a program says in one fiscal year. Only a valid document becomes one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ProgramVersion {
    name: String,
    fiscal_year: FiscalYear,
    /// The best first.
    tiers: Vec<Tier>,
}

/// One level of a program.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Tier {
    /// Its stable code, such as `GOLD`.
    pub code: String,
    /// 1 is the highest.
    pub rank: u32,
    /// What it takes: all of them.
    pub criteria: Vec<Criterion>,
    /// What it entitles to.
    pub benefits: BTreeSet<String>,
}

/// Why a program was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidProgram {
    /// Not the expected form.
    #[error("the program cannot be read: {0}")]
    ProgramUnreadable(String),
    /// A criterion that says nothing.
    #[error(transparent)]
    Criterion(#[from] InvalidCriterion),
    /// No order.
    #[error("tiers are ranked 1, 2, 3 without gaps and have different codes; correct `{code}`")]
    ProgramRanks {
        /// The first tier that is out of place.
        code: String,
    },
    /// A partner could be left without a tier.
    #[error("the lowest tier, `{code}`, has criteria; remove them, so that everybody has a tier")]
    ProgramLowestTier {
        /// Which.
        code: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    fiscal_year: FiscalYear,
    tiers: Vec<TierText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TierText {
    code: String,
    rank: u32,
    #[serde(default)]
    criteria: Vec<String>,
    #[serde(default)]
    benefits: BTreeSet<String>,
}

impl InvalidProgram {
    /// The stable code of what is wrong.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Criterion(criterion) => criterion.into(),
            other => other.into(),
        }
    }
}

impl TryFrom<TierText> for Tier {
    type Error = InvalidCriterion;

    fn try_from(TierText { code, rank, criteria, benefits }: TierText) -> Result<Self, InvalidCriterion> {
        let criteria = criteria.iter().map(|it| it.parse()).collect::<Result<_, _>>()?;
        Ok(Self { code, rank, criteria, benefits })
    }
}

impl ProgramVersion {
    /// Reads a document: ranks without gaps, different codes, a lowest tier that everybody holds.
    pub fn parse(text: &str) -> Result<Self, InvalidProgram> {
        let document: Document =
            toml::from_str(text).map_err(|it| InvalidProgram::ProgramUnreadable(it.to_string()))?;
        if !(1900..=9999).contains(&document.fiscal_year.0) {
            let refusal = format!("{} is no fiscal year", document.fiscal_year.0);
            return Err(InvalidProgram::ProgramUnreadable(refusal));
        }
        let tiers = document.tiers.into_iter().map(Tier::try_from);
        let mut tiers = tiers.collect::<Result<Vec<Tier>, _>>()?;
        tiers.sort_by(|a, b| (a.rank, &a.code).cmp(&(b.rank, &b.code)));
        for (at, tier) in tiers.iter().enumerate() {
            let is_repeated = tiers[..at].iter().any(|it| it.code == tier.code);
            if is_repeated || tier.rank as usize != at + 1 {
                return Err(InvalidProgram::ProgramRanks { code: tier.code.clone() });
            }
        }
        match tiers.last() {
            None => Err(InvalidProgram::ProgramUnreadable("it has no tiers".to_owned())),
            Some(lowest) if !lowest.criteria.is_empty() => {
                Err(InvalidProgram::ProgramLowestTier { code: lowest.code.clone() })
            }
            Some(_) => Ok(Self { name: document.name, fiscal_year: document.fiscal_year, tiers }),
        }
    }

    /// What the program is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The year it is for.
    pub fn fiscal_year(&self) -> FiscalYear {
        self.fiscal_year
    }

    /// The tiers, the best first.
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// A tier by its code.
    pub fn tier(&self, code: &str) -> Option<&Tier> {
        self.tiers.iter().find(|it| it.code == code)
    }

    /// Everything that the criteria ask, to be measured before an evaluation.
    pub fn metrics(&self) -> BTreeSet<Metric> {
        self.tiers.iter().flat_map(|it| &it.criteria).map(|it| it.metric).collect()
    }
}

#[cfg(test)]
pub(crate) const PROGRAM: &str = r#"
name = "Sample partners"
fiscal_year = 2026

[[tiers]]
code = "GOLD"
rank = 1
criteria = ["partnerSourcedRevenue >= 5000000", "certifiedUsers >= 3", "engagementScore >= 70"]
benefits = ["EARLY_MATERIAL", "DEDICATED_DESK"]

[[tiers]]
code = "SILVER"
rank = 2
criteria = ["partnerSourcedRevenue >= 1000000", "certifiedUsers >= 1"]

[[tiers]]
code = "BRONZE"
rank = 3
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str, code: &str) {
        assert!(PROGRAM.contains(from), "{from}");
        let error = ProgramVersion::parse(&PROGRAM.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }

    #[test]
    fn a_program_ranks_its_tiers() {
        let program = ProgramVersion::parse(PROGRAM).unwrap();
        let codes: Vec<&str> = program.tiers().iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["GOLD", "SILVER", "BRONZE"]);
        assert_eq!(program.fiscal_year().to_string(), "FY2026");
        assert_eq!(program.metrics().len(), 3);
    }

    #[test]
    fn a_program_that_leaves_questions_is_refused() {
        check("rank = 2", "rank = 1", "PROGRAM_RANKS");
        check("rank = 3", "rank = 4", "PROGRAM_RANKS");
        check("code = \"SILVER\"", "code = \"GOLD\"", "PROGRAM_RANKS");
        check("rank = 3\n", "rank = 3\ncriteria = [\"certifiedUsers > 0\"]\n", "PROGRAM_LOWEST_TIER");
        check("fiscal_year = 2026", "fiscal_year = 20260401", "PROGRAM_UNREADABLE");
        check("certifiedUsers >= 3", "goodLooks >= 3", "CRITERION_METRIC_UNKNOWN");
        check("certifiedUsers >= 3", "certifiedUsers", "CRITERION_UNREADABLE");
    }
}
