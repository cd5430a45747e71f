//! What refusals say in Japanese, by their codes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static TEXTS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| toml::from_str(include_str!("japanese.toml")).expect("a test reads every text"));

/// What a refusal says in Japanese, where that is written down.
pub(crate) fn of(code: &str) -> Option<&'static str> {
    TEXTS.get(code).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use domain::conflicts::{ConflictRefusal, InvalidResolution};
    use domain::contracts::{InvalidAmendment, InvalidTerm};
    use domain::partners::{InvalidInvoiceRegistration, PartnerGuard};
    use domain::registrations::RegistrationRefusal;
    use domain::territories::{InvalidRegion, InvalidTerritory};
    use strum::VariantNames;

    use super::*;
    use crate::contracts::refusal::ContractRefusal;
    use crate::partners::service::PartnerRefusal;
    use crate::registrations::service::{FormRefusal, LinkRefusal};
    use crate::territories::service::TerritoryRefusal;

    fn check<R: VariantNames>(wrapping: &[&str]) {
        for code in R::VARIANTS.iter().filter(|it| !wrapping.contains(it)) {
            assert!(of(code).is_some_and(|it| it.ends_with('。')), "{code}");
        }
    }

    #[test]
    fn every_refusal_of_the_channel_is_said_in_japanese() {
        check::<RegistrationRefusal>(&[]);
        check::<ConflictRefusal>(&[]);
        check::<InvalidResolution>(&[]);
        check::<InvalidTerm>(&[]);
        check::<InvalidAmendment>(&["TERM"]);
        check::<InvalidTerritory>(&[]);
        check::<InvalidRegion>(&[]);
        check::<PartnerGuard>(&[]);
        check::<InvalidInvoiceRegistration>(&[]);
        check::<ContractRefusal>(&[]);
        check::<PartnerRefusal>(&[]);
        check::<FormRefusal>(&[]);
        check::<LinkRefusal>(&[]);
        check::<TerritoryRefusal>(&[]);
        assert!(of("FORBIDDEN").is_some() && of("NOT_FOUND").is_some() && of("no code").is_none());
    }
}
