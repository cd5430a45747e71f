//! What a registration must say, and who may hand it in.

use chrono::NaiveDate;

use super::{DealType, RegistrationRefusal};
use crate::money::Money;
use crate::partners::PartnerStatus;
use crate::products::ProductScope;

/// What a partner has filled in so far.
#[derive(Debug, Clone, Default)]
pub struct RegistrationForm {
    /// The customer as the partner wrote it.
    pub company_name: String,
    /// Products of the deal; a submission names at least one.
    pub products: ProductScope,
    /// Kind of business.
    pub deal_type: Option<DealType>,
    /// Expected amount, above zero.
    pub amount: Option<Money>,
    /// Expected date of the decision.
    pub expected_close: Option<NaiveDate>,
}

/// What the guards ask about the partner that submits.
#[derive(Debug, Clone)]
pub struct Registrant<'a> {
    /// Where the partner stands.
    pub status: PartnerStatus,
    /// Product scopes of its contracts in force.
    pub contracted: &'a [ProductScope],
}

impl RegistrationForm {
    /// Checks that the form is complete and that its partner may sell what it names (domain model, section 5.1).
    pub fn check(&self, registrant: &Registrant<'_>) -> Result<(), RegistrationRefusal> {
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(RegistrationRefusal::RegistrationIncomplete { missing });
        }
        if registrant.status != PartnerStatus::Active {
            return Err(RegistrationRefusal::RegistrantNotActive { status: registrant.status });
        }
        let is_covered = |product: &&str| registrant.contracted.iter().any(|it| it.covers(product));
        match self.products.codes().find(|it| !is_covered(it)) {
            Some(product) => Err(RegistrationRefusal::ProductOutsideContract { product: product.to_owned() }),
            None => Ok(()),
        }
    }

    fn missing(&self) -> Vec<&'static str> {
        let fields = [
            ("companyName", !self.company_name.trim().is_empty()),
            ("products", !self.products.is_all()),
            ("dealType", self.deal_type.is_some()),
            ("amount", self.amount.as_ref().is_some_and(|it| it.minor > 0)),
            ("expectedClose", self.expected_close.is_some()),
        ];
        fields.into_iter().filter(|(_, is_given)| !is_given).map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> RegistrationForm {
        RegistrationForm {
            company_name: "株式会社サンプル商事".to_owned(),
            products: ["X"].into_iter().collect(),
            deal_type: Some(DealType::New),
            amount: Some(Money { minor: 1_200_000, currency: "JPY".to_owned() }),
            expected_close: NaiveDate::from_ymd_opt(2026, 9, 30),
        }
    }

    fn check(
        form: &RegistrationForm,
        status: PartnerStatus,
        contracted: &str,
    ) -> Option<RegistrationRefusal> {
        let contracted = [contracted.split_whitespace().collect()];
        form.check(&Registrant { status, contracted: &contracted }).err()
    }

    #[test]
    fn a_complete_form_of_an_active_partner_is_accepted() {
        assert_eq!(check(&form(), PartnerStatus::Active, "X Y"), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        let empty = RegistrationForm::default();
        let Some(RegistrationRefusal::RegistrationIncomplete { missing }) =
            check(&empty, PartnerStatus::Active, "X")
        else {
            panic!("an empty form was accepted");
        };
        assert_eq!(missing, ["companyName", "products", "dealType", "amount", "expectedClose"]);
    }

    #[test]
    fn a_suspended_partner_registers_nothing() {
        let refusal = check(&form(), PartnerStatus::Suspended, "X");
        assert_eq!(
            refusal,
            Some(RegistrationRefusal::RegistrantNotActive { status: PartnerStatus::Suspended })
        );
    }

    #[test]
    fn a_product_outside_the_contract_is_refused() {
        let refusal = check(&form(), PartnerStatus::Active, "Y");
        assert_eq!(refusal, Some(RegistrationRefusal::ProductOutsideContract { product: "X".to_owned() }));
        let none = form().check(&Registrant { status: PartnerStatus::Active, contracted: &[] });
        assert!(matches!(none, Err(RegistrationRefusal::ProductOutsideContract { .. })));
    }
}
