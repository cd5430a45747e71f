//! 認定: how long a pass is worth something, and when a partner as a whole holds it.

use std::collections::BTreeSet;

use chrono::{DateTime, Months, Utc};

use super::CertificationStatus;
use crate::ids::{PartnerId, PartnerUserId};

/// A user's certification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certification {
    /// Who holds it.
    pub user: PartnerUserId,
    /// The holder's partner.
    pub partner: PartnerId,
    /// When it was first earned.
    pub earned_at: DateTime<Utc>,
    /// When it was last earned.
    pub renewed_at: DateTime<Utc>,
    /// The first instant at which it is no longer valid.
    pub expires_at: DateTime<Utc>,
    /// By when a product release asks to earn it again.
    pub recertify_by: Option<DateTime<Utc>>,
    /// When it was taken away.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Why a certification stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum CertificationRefusal {
    /// It was taken away.
    #[error("the certification was revoked at {revoked_at}; it has to be earned anew")]
    CertificationRevoked {
        /// When.
        revoked_at: DateTime<Utc>,
    },
}

/// Whether a partner holds a certification, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerCertification {
    /// Users whose own certification is valid.
    pub holders: BTreeSet<PartnerUserId>,
    /// How many it takes.
    pub needed: usize,
}

impl Certification {
    /// Earned for the first time.
    pub fn earn(user: PartnerUserId, partner: PartnerId, validity_months: u32, at: DateTime<Utc>) -> Self {
        Self {
            user,
            partner,
            earned_at: at,
            renewed_at: at,
            expires_at: months_after(at, validity_months),
            recertify_by: None,
            revoked_at: None,
        }
    }

    /// Earned again: valid for as long again from now or from the old expiry, whichever is later.
    pub fn renew(&mut self, validity_months: u32, at: DateTime<Utc>) -> Result<(), CertificationRefusal> {
        if let Some(revoked_at) = self.revoked_at {
            return Err(CertificationRefusal::CertificationRevoked { revoked_at });
        }
        self.expires_at = months_after(at.max(self.expires_at), validity_months);
        self.renewed_at = self.renewed_at.max(at);
        self.recertify_by = None;
        Ok(())
    }

    /// A product release asks for it to be earned again by a date; an earlier demand stands.
    ///
    /// Who earned it after the release knows the new product already.
    pub fn ask_again(&mut self, released_at: DateTime<Utc>, by: DateTime<Utc>) {
        if self.renewed_at < released_at {
            self.recertify_by = Some(self.recertify_by.map_or(by, |it| it.min(by)));
        }
    }

    /// Takes it away.
    pub fn revoke(&mut self, at: DateTime<Utc>) {
        self.revoked_at = Some(self.revoked_at.map_or(at, |it| it.min(at)));
    }

    /// Where it stands at an instant.
    pub fn status(&self, at: DateTime<Utc>) -> CertificationStatus {
        let ends_at = self.recertify_by.map_or(self.expires_at, |it| it.min(self.expires_at));
        if self.revoked_at.is_some_and(|it| it <= at) {
            CertificationStatus::Revoked
        } else if at < ends_at {
            CertificationStatus::Valid
        } else {
            CertificationStatus::Expired
        }
    }
}

impl PartnerCertification {
    /// Whether enough users hold it.
    pub fn is_held(&self) -> bool {
        self.holders.len() >= self.needed
    }

    /// How many more it takes.
    pub fn missing(&self) -> usize {
        self.needed.saturating_sub(self.holders.len())
    }
}

/// Whether a partner holds a certification at an instant: while enough of its enabled users hold theirs.
pub fn partner_certification(
    partner: PartnerId,
    certifications: &[Certification],
    enabled: &BTreeSet<PartnerUserId>,
    needed: usize,
    at: DateTime<Utc>,
) -> PartnerCertification {
    let valid = certifications.iter().filter(|it| it.partner == partner);
    let valid = valid.filter(|it| enabled.contains(&it.user) && it.status(at) == CertificationStatus::Valid);
    PartnerCertification { holders: valid.map(|it| it.user).collect(), needed }
}

/// The same day some months later, the last of the month when there is no such day.
fn months_after(at: DateTime<Utc>, months: u32) -> DateTime<Utc> {
    at.checked_add_months(Months::new(months)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, partner_id, user_id};

    fn certification() -> Certification {
        Certification::earn(user_id(1, 1), partner_id(1), 12, day("2026-04-10"))
    }

    #[test]
    fn it_is_valid_until_its_last_instant() {
        let it = certification();
        assert_eq!(it.status(day("2027-04-10") - chrono::TimeDelta::seconds(1)), CertificationStatus::Valid);
        assert_eq!(it.status(day("2027-04-10")), CertificationStatus::Expired);
    }

    #[test]
    fn passing_again_early_loses_nothing_and_late_starts_from_then() {
        let mut early = certification();
        early.renew(12, day("2027-03-01")).unwrap();
        assert_eq!(early.expires_at, day("2028-04-10"));
        let mut late = certification();
        late.renew(12, day("2027-06-01")).unwrap();
        assert_eq!(late.expires_at, day("2028-06-01"));
    }

    #[test]
    fn a_product_release_ends_it_early_unless_it_is_earned_again() {
        let mut it = certification();
        it.ask_again(day("2026-06-01"), day("2026-09-01"));
        assert_eq!(it.status(day("2026-08-31")), CertificationStatus::Valid);
        assert_eq!(it.status(day("2026-09-01")), CertificationStatus::Expired);
        it.renew(12, day("2026-09-10")).unwrap();
        assert_eq!(it.status(day("2026-09-10")), CertificationStatus::Valid);
        it.ask_again(day("2026-06-01"), day("2026-09-01"));
        assert_eq!(it.recertify_by, None, "earned after the release");
    }

    #[test]
    fn what_was_revoked_cannot_be_renewed() {
        let mut it = certification();
        it.revoke(day("2026-05-01"));
        assert_eq!(it.status(day("2026-05-01")), CertificationStatus::Revoked);
        assert!(it.renew(12, day("2026-06-01")).is_err());
    }

    #[test]
    fn a_partner_holds_it_while_enough_enabled_users_do() {
        let of = |number| Certification { user: user_id(1, number), ..certification() };
        let foreign = Certification { partner: partner_id(2), ..of(9) };
        let all = [of(1), of(2), of(3), foreign];
        let enabled = [1, 2, 9].map(|it| user_id(1, it)).into();
        let held = partner_certification(partner_id(1), &all, &enabled, 2, day("2026-06-01"));
        assert!(held.is_held());
        let held = partner_certification(partner_id(1), &all, &enabled, 3, day("2026-06-01"));
        assert_eq!((held.is_held(), held.missing()), (false, 1));
        assert_eq!(
            partner_certification(partner_id(1), &all, &enabled, 2, day("2027-06-01")).holders.len(),
            0
        );
    }
}
