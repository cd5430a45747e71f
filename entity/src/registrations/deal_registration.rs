//! A partner's claim on a deal, from its draft to its end.

use domain::ids::{GoldenId, PartnerId, PartnerUserId, RegistrationId, VerdictId};
use domain::registrations::{ClaimFinding, DealType, RegistrationStatus, RejectCode};
use sea_orm::entity::prelude::*;

/// A partner's claim on a deal, from its draft to its end.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_registrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RegistrationId,
    /// Counts changes; an update names the version it saw.
    pub version: i32,
    pub partner_id: PartnerId,
    /// Whose it is at the partner; null when staff entered it.
    pub partner_user_id: Option<PartnerUserId>,
    pub status: RegistrationStatus,
    /// The customer as the partner wrote it.
    pub company_name: String,
    pub company_corporate_number: Option<String>,
    pub company_phone: Option<String>,
    pub company_website: Option<String>,
    pub company_postal_code: Option<String>,
    /// JIS X 0401, such as `JP-13`.
    pub company_prefecture: Option<String>,
    /// JSIC major, such as `E`.
    pub company_industry: Option<String>,
    /// What the claim is compared by: the golden account, or the first registration of the same unknown company.
    pub claimed_id: Option<GoldenId>,
    /// The golden account that the claim leads to.
    pub account_id: Option<GoldenId>,
    /// Set when a person said which account it is.
    pub account_fixed_by: Option<String>,
    pub lead_id: Option<GoldenId>,
    pub opportunity_id: Option<GoldenId>,
    /// Product codes, separated by commas.
    pub products: String,
    pub deal_type: Option<DealType>,
    /// In minor units of `currency`.
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
    pub expected_close: Option<Date>,
    /// JIS X 0401; the company's head office counts when it is null.
    pub site_prefecture: Option<String>,
    /// Where the document is that the customer signed.
    pub customer_choice_document: Option<String>,
    pub customer_choice_confirmed_at: Option<DateTimeUtc>,
    pub customer_choice_confirmed_by: Option<String>,
    pub submitted_by: Option<String>,
    pub priority_time: Option<DateTimeUtc>,
    pub submission_seq: Option<i64>,
    /// The last verdict on it, and what that says.
    pub verdict_id: Option<VerdictId>,
    pub finding: Option<ClaimFinding>,
    /// Why it does not go first, if so.
    pub finding_code: Option<RejectCode>,
    pub decide_by: Option<DateTimeUtc>,
    pub escalated_at: Option<DateTimeUtc>,
    /// A resubmission until then keeps the priority.
    pub answer_by: Option<DateTimeUtc>,
    pub decided_at: Option<DateTimeUtc>,
    pub decided_by: Option<String>,
    pub reject_code: Option<RejectCode>,
    pub protected_from: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    pub extensions: i32,
    /// When the partner is to be warned next of the end.
    pub warn_at: Option<DateTimeUtc>,
    /// When something was last done about the deal.
    pub last_activity_at: Option<DateTimeUtc>,
    /// When its life ended.
    pub ended_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
