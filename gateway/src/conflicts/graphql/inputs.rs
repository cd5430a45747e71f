//! What clients send about conflicts.

use async_graphql::{Enum, ID, InputObject};
use chrono::NaiveDate;
use domain::conflicts::{ClaimKey, ClaimKind};
use domain::ids::{ConflictId, PartnerId};
use domain::registrations::DealType;
use uuid::Uuid;

use crate::conflicts::service::{Ruling, Wanted};
use crate::error::{NotFound, OfField as _, Refusal, Result};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::registrations::service::{Company, RegistrationDetails};

/// What a partner would register.
#[derive(Debug, InputObject)]
pub struct CheckDealRegistrationInput {
    /// For which partner; for staff. Partners ask for themselves.
    pub partner_id: Option<ID>,
    /// The customer.
    pub company_name: String,
    /// 法人番号 of the customer.
    pub corporate_number: Option<String>,
    /// Telephone of the customer.
    pub phone: Option<String>,
    /// Web site of the customer.
    pub website: Option<String>,
    /// Postal code of the customer.
    pub postal_code: Option<String>,
    /// Prefecture of the customer's head office (JIS X 0401).
    pub prefecture: Option<String>,
    /// Industry of the customer (JSIC major group).
    pub industry: Option<String>,
    /// Codes of the products; any when left out.
    #[graphql(default)]
    pub products: Vec<String>,
    /// Kind of business.
    pub deal_type: Option<DealType>,
    /// Where it is to be installed (JIS X 0401).
    pub site_prefecture: Option<String>,
}

impl CheckDealRegistrationInput {
    pub(super) fn details(&self) -> Result<(Option<PartnerId>, RegistrationDetails)> {
        let company = Company {
            name: self.company_name.parse().of_field("companyName")?,
            corporate_number: self
                .corporate_number
                .as_deref()
                .map(str::parse)
                .transpose()
                .of_field("corporateNumber")?,
            phone: self.phone.clone(),
            website: self.website.clone(),
            postal_code: self.postal_code.clone(),
            prefecture: self.prefecture.as_deref().map(str::parse).transpose().of_field("prefecture")?,
            industry: self.industry.as_deref().map(str::parse).transpose().of_field("industry")?,
        };
        let details = RegistrationDetails {
            company: company.checked()?,
            lead: None,
            products: self.products.iter().cloned().collect(),
            deal_type: self.deal_type,
            amount: None,
            expected_close: None,
            site_prefecture: self
                .site_prefecture
                .as_deref()
                .map(str::parse)
                .transpose()
                .of_field("sitePrefecture")?,
            customer_choice_document: None,
        };
        let partner = self
            .partner_id
            .as_ref()
            .map(|it| NodeId::decode(it, NodeType::Partner))
            .transpose()
            .of_field("partnerId")?;
        Ok((partner, details))
    }
}

/// What a person decides about whose a deal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ConflictResolution {
    /// One claim goes first.
    Upheld,
    /// Several share the deal.
    Split,
    /// All may stay.
    Coexist,
}

/// A claim of a conflict, by the record it rests on.
#[derive(Debug, InputObject)]
pub struct ConflictClaimInput {
    /// The kind of record.
    pub kind: ClaimKind,
    /// Id of the record, as `parties` gives it.
    pub claim_id: ID,
    /// Its share in basis points, for a split.
    pub share: Option<u32>,
}

/// How a conflict is settled.
#[derive(Debug, InputObject)]
pub struct ResolveConflictInput {
    /// The conflict.
    pub conflict_id: ID,
    /// What is decided.
    pub resolution: ConflictResolution,
    /// The claim that goes first, or those that share the deal, with 10,000 basis points in all.
    #[graphql(default)]
    pub claims: Vec<ConflictClaimInput>,
    /// Why.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A conflict that is a false alarm.
#[derive(Debug, InputObject)]
pub struct DismissConflictInput {
    /// The conflict.
    pub conflict_id: ID,
    /// Why.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A decision that a partner disagrees with.
#[derive(Debug, InputObject)]
pub struct AppealConflictInput {
    /// The registration whose claim does not go first.
    pub registration_id: ID,
    /// Why it should.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// To whom an account is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccountHolder {
    /// A partner: a named account.
    Partner,
    /// Direct sales: a house account.
    Direct,
    /// Nobody any more.
    Nobody,
}

/// An account to be reserved.
#[derive(Debug, InputObject)]
pub struct ReserveAccountInput {
    /// The account.
    pub account_id: ID,
    /// To whom.
    pub holder: AccountHolder,
    /// The partner, for a named account.
    pub partner_id: Option<ID>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A product that an account runs.
#[derive(Debug, InputObject)]
pub struct RecordInstalledProductInput {
    /// The account.
    pub account_id: ID,
    /// Through whom it was bought: the incumbent.
    pub partner_id: ID,
    /// Code of the product.
    pub product: String,
    /// The first date of its contract.
    pub valid_from: NaiveDate,
    /// The first date after its contract; open-ended when left out.
    pub valid_until: Option<NaiveDate>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// When the contract of a product ends that an account runs.
#[derive(Debug, InputObject)]
pub struct EndInstalledProductInput {
    /// Id of the note, as `installedProducts` of an account gives it.
    pub installed_product_id: ID,
    /// The first date after its contract.
    pub valid_until: NaiveDate,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What does not fit together.
#[derive(Debug, Clone, Copy, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RulingRefusal {
    /// Not exactly one claim.
    #[error("name exactly one claim that goes first")]
    WinnerMissing,
    /// A split says how much everybody gets.
    #[error("give each claim its `share` in basis points")]
    ShareMissing,
    /// A named account has a partner.
    #[error("name the partner to whom the account is reserved")]
    HolderUnknown,
}

impl Refusal for RulingRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

impl ResolveConflictInput {
    pub(super) fn ruling(&self) -> Result<Ruling> {
        let wanted = match self.resolution {
            ConflictResolution::Coexist => Wanted::Coexist,
            ConflictResolution::Upheld => match self.claims.as_slice() {
                [only] => Wanted::Upheld(only.key().of_field("claims")?),
                _ => return Err(RulingRefusal::WinnerMissing.into()),
            },
            ConflictResolution::Split => {
                let share =
                    |it: &ConflictClaimInput| Ok((it.key()?, it.share.ok_or(RulingRefusal::ShareMissing)?));
                Wanted::Split(self.claims.iter().map(share).collect::<Result<_>>().of_field("claims")?)
            }
        };
        Ok(Ruling {
            id: conflict(&self.conflict_id).of_field("conflictId")?,
            wanted,
            reason: self.reason.parse().of_field("reason")?,
        })
    }
}

impl ConflictClaimInput {
    fn key(&self) -> Result<ClaimKey> {
        let id = Uuid::try_parse(&self.claim_id).map_err(|_| NotFound("claim"))?;
        Ok(ClaimKey { kind: self.kind, id })
    }
}

/// The conflict behind a global id.
pub(super) fn conflict(id: &ID) -> Result<ConflictId> {
    Ok(NodeId::decode(id, NodeType::ChannelConflict)?)
}
