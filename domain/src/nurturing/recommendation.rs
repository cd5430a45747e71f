//! Recommendations: a package offered to a partner because of a diagnosis, which it may accept or dismiss.

use chrono::{DateTime, TimeDelta, Utc};

use super::DiagnosisKind;
use crate::ids::PartnerId;

/// Days for which what was dismissed is not offered again.
const REST: TimeDelta = TimeDelta::days(90);

crate::codes! {
    /// Where a recommendation stands.
    pub enum RecommendationStatus {
        Proposed("提案中", "Proposed"),
        Accepted("採用", "Accepted"),
        Dismissed("見送り", "Dismissed"),
    }
}

/// A package offered to a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// To whom.
    pub partner: PartnerId,
    /// The code of the package.
    pub package: String,
    /// What it is meant to help with.
    pub because: DiagnosisKind,
    /// When it was offered.
    pub proposed_at: DateTime<Utc>,
    /// What the partner said, and when.
    pub answer: Option<(RecommendationStatus, DateTime<Utc>)>,
}

/// Why a recommendation is not made or not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RecommendationRefusal {
    /// The partner has not answered yet.
    #[error("`{0}` is proposed already; wait for the answer")]
    RecommendationOpen(String),
    /// The partner said no.
    #[error("the partner dismissed `{package}`; it may be proposed again from {again_at}")]
    RecommendationDismissed {
        /// What.
        package: String,
        /// From when on.
        again_at: DateTime<Utc>,
    },
    /// It was answered.
    #[error("the recommendation was answered at {0}; answers are final")]
    RecommendationAnswered(DateTime<Utc>),
}

impl Recommendation {
    /// Offers a package, unless it is on offer or was dismissed lately.
    pub fn propose(
        partner: PartnerId,
        (package, because): (&str, DiagnosisKind),
        earlier: &[Self],
        at: DateTime<Utc>,
    ) -> Result<Self, RecommendationRefusal> {
        for same in earlier.iter().filter(|it| it.partner == partner && it.package == package) {
            same.check_repeatable(at)?;
        }
        Ok(Self { partner, package: package.to_owned(), because, proposed_at: at, answer: None })
    }

    /// The partner wants it.
    pub fn accept(&mut self, at: DateTime<Utc>) -> Result<(), RecommendationRefusal> {
        self.answer(RecommendationStatus::Accepted, at)
    }

    /// The partner does not.
    pub fn dismiss(&mut self, at: DateTime<Utc>) -> Result<(), RecommendationRefusal> {
        self.answer(RecommendationStatus::Dismissed, at)
    }

    /// Where it stands.
    pub fn status(&self) -> RecommendationStatus {
        self.answer.map_or(RecommendationStatus::Proposed, |(status, _)| status)
    }

    fn answer(
        &mut self,
        status: RecommendationStatus,
        at: DateTime<Utc>,
    ) -> Result<(), RecommendationRefusal> {
        if let Some((_, answered_at)) = self.answer {
            return Err(RecommendationRefusal::RecommendationAnswered(answered_at));
        }
        self.answer = Some((status, at));
        Ok(())
    }

    fn check_repeatable(&self, at: DateTime<Utc>) -> Result<(), RecommendationRefusal> {
        let package = self.package.clone();
        match self.answer {
            None => Err(RecommendationRefusal::RecommendationOpen(package)),
            Some((RecommendationStatus::Dismissed, dismissed_at)) if at < dismissed_at + REST => {
                Err(RecommendationRefusal::RecommendationDismissed { package, again_at: dismissed_at + REST })
            }
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, partner_id};

    fn propose(earlier: &[Recommendation], date: &str) -> Result<Recommendation, RecommendationRefusal> {
        Recommendation::propose(partner_id(1), ("restart", DiagnosisKind::Inactive), earlier, day(date))
    }

    #[test]
    fn an_answer_is_final() {
        let mut it = propose(&[], "2026-07-01").unwrap();
        it.accept(day("2026-07-02")).unwrap();
        assert_eq!(it.status(), RecommendationStatus::Accepted);
        assert_eq!(
            it.dismiss(day("2026-07-03")),
            Err(RecommendationRefusal::RecommendationAnswered(day("2026-07-02")))
        );
    }

    #[test]
    fn what_is_on_offer_or_was_dismissed_lately_is_not_offered_again() {
        let mut it = propose(&[], "2026-07-01").unwrap();
        let open = propose(std::slice::from_ref(&it), "2026-07-02");
        assert_eq!(open, Err(RecommendationRefusal::RecommendationOpen("restart".to_owned())));
        it.dismiss(day("2026-07-02")).unwrap();
        let again = |date| propose(std::slice::from_ref(&it), date).is_ok();
        assert!(!again("2026-09-29") && again("2026-09-30"));
    }
}
