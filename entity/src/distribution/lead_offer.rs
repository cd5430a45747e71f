//! One lead offered to one partner.

use domain::distribution::OfferOutcome;
use domain::ids::{ContractId, GoldenId, LeadOfferId, PartnerId};
use domain::leads::SharingBasis;
use sea_orm::entity::prelude::*;

/// One lead offered to one partner.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lead_offers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LeadOfferId,
    /// The lead as it was called then; it may have lost a merge since.
    pub lead_id: GoldenId,
    pub partner_id: PartnerId,
    /// Its place in the ranking; null for a partner that a person chose although it was left out.
    pub rank: Option<i32>,
    pub outcome: OfferOutcome,
    /// On what it rests that the person's data goes to the partner.
    pub basis: SharingBasis,
    /// The contract by which the partner works on our behalf, where that is the basis.
    pub entrustment_id: Option<ContractId>,
    /// Codes of products, separated by commas; empty when it may be any.
    pub products: String,
    /// What the partner was told of the lead: nothing of the person.
    pub company: Option<String>,
    pub region: Option<String>,
    pub industry: Option<String>,
    pub offered_at: DateTimeUtc,
    pub offered_by: String,
    /// Why a person chose this partner.
    pub offer_reason: Option<String>,
    pub accept_by: DateTimeUtc,
    /// Null while it is open.
    pub ended_at: Option<DateTimeUtc>,
    pub ended_by: Option<String>,
    pub end_reason: Option<String>,
    /// Once it is accepted: when it is noticed that nobody begins to work the lead.
    pub alert_after: Option<DateTimeUtc>,
    /// Once it is accepted: when a lead that nobody works is taken back.
    pub recall_after: Option<DateTimeUtc>,
    /// When the job looks at it again; null when time does nothing to it any more.
    pub due_at: Option<DateTimeUtc>,
    pub recalled_at: Option<DateTimeUtc>,
    pub recall_reason: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
