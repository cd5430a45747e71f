//! What the API shows of a registration.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Permission;
use domain::registrations::{DealType, RegistrationStatus, RejectCode};
use entity::registrations::deal_registration;

use super::history::RegistrationEvent;
use crate::accounts::graphql::Account;
use crate::conflicts::graphql::{ChannelConflict, ClaimStandingView, ConflictVerdict};
use crate::conflicts::loader::{ConflictOfRegistration, VerdictById};
use crate::error::Result;
use crate::leads::graphql::Lead;
use crate::opportunities::graphql::{Money, Opportunity};
use crate::partners::graphql::{Partner, PartnerUser};
use crate::partners::loader::{PartnerById, PartnerUserById};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::registrations::loader::EventsOfRegistration;
use crate::registrations::service::{amount, products};
use crate::{accounts, conflicts, leads, opportunities};

/// A deal registration: a partner's claim on a deal, which protects it for a known time once it is approved.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct DealRegistration {
    /// Global id.
    pub id: ID,
    /// Counts changes; an update names the version it saw.
    version: i32,
    /// Where it stands.
    status: RegistrationStatus,
    /// The customer as the partner wrote it.
    company_name: String,
    /// 法人番号 of the customer, as the partner wrote it.
    corporate_number: Option<String>,
    /// Telephone of the customer, as the partner wrote it.
    phone: Option<String>,
    /// Web site of the customer, as the partner wrote it.
    website: Option<String>,
    /// Postal code of the customer, as the partner wrote it.
    postal_code: Option<String>,
    /// Prefecture of the customer's head office (JIS X 0401, such as `JP-13`), as the partner wrote it.
    prefecture: Option<String>,
    /// Industry of the customer (JSIC major group, `A` to `T`), as the partner wrote it.
    industry: Option<String>,
    /// Codes of the products.
    products: Vec<String>,
    /// Kind of business.
    deal_type: Option<DealType>,
    /// Expected amount.
    amount: Option<Money>,
    /// Expected date of the decision.
    expected_close: Option<NaiveDate>,
    /// Where it is to be installed (JIS X 0401); the head office counts when it is null.
    site_prefecture: Option<String>,
    /// Where the document is in which the customer named the partner.
    customer_choice_document: Option<String>,
    /// When the vendor confirmed that document.
    customer_choice_confirmed_at: Option<DateTime<Utc>>,
    /// Server time of the first complete submission: who was first. A late resubmission resets it.
    priority_time: Option<DateTime<Utc>>,
    /// Until when the vendor is to decide.
    decide_by: Option<DateTime<Utc>>,
    /// A returned registration keeps its priority time when it is resubmitted by then.
    answer_by: Option<DateTime<Utc>>,
    /// When a person decided.
    decided_at: Option<DateTime<Utc>>,
    /// Why it was rejected.
    reject_code: Option<RejectCode>,
    /// From when on the deal is protected, once approved.
    protected_from: Option<DateTime<Utc>>,
    /// When the protection ends: midnight in Asia/Tokyo after the last protected day.
    expires_at: Option<DateTime<Utc>>,
    /// How often the protection was extended.
    extensions: i32,
    /// When something was last done about the deal.
    last_activity_at: Option<DateTime<Utc>>,
    /// When its life ended.
    ended_at: Option<DateTime<Utc>>,
    /// When the draft was begun.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    row: deal_registration::Model,
}

impl From<deal_registration::Model> for DealRegistration {
    fn from(row: deal_registration::Model) -> Self {
        let shown = row.clone();
        let is_approved = shown.expires_at.is_some();
        Self {
            id: NodeId::encode(NodeType::DealRegistration, row.id),
            version: shown.version,
            status: shown.status,
            company_name: shown.company_name,
            corporate_number: shown.company_corporate_number,
            phone: shown.company_phone,
            website: shown.company_website,
            postal_code: shown.company_postal_code,
            prefecture: shown.company_prefecture,
            industry: shown.company_industry,
            products: products(&row).codes().map(str::to_owned).collect(),
            deal_type: shown.deal_type,
            amount: amount(&row).map(Money::from),
            expected_close: shown.expected_close,
            site_prefecture: shown.site_prefecture,
            customer_choice_document: shown.customer_choice_document,
            customer_choice_confirmed_at: shown.customer_choice_confirmed_at,
            priority_time: shown.priority_time,
            decide_by: shown.decide_by,
            answer_by: shown.answer_by,
            decided_at: shown.decided_at,
            reject_code: shown.reject_code,
            protected_from: shown.protected_from.filter(|_| is_approved),
            expires_at: shown.expires_at,
            extensions: shown.extensions,
            last_activity_at: shown.last_activity_at,
            ended_at: shown.ended_at,
            created_at: shown.created_at,
            updated_at: shown.updated_at,
            row,
        }
    }
}

#[ComplexObject]
impl DealRegistration {
    /// Whose it is.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<PartnerById>().get(ctx, self.row.partner_id).await;
        found.map(|it| it.map(Partner::from)).transpose()
    }

    /// Who registered it at the partner.
    async fn partner_user(&self, ctx: &Context<'_>) -> Option<Result<PartnerUser>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<PartnerUserById>().get(ctx, self.row.partner_user_id?).await;
        found.map(|it| it.map(PartnerUser::from)).transpose()
    }

    /// The customer in our records, where it is certain which one is meant and the caller sees it.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account>> {
        accounts::graphql::at_edge(ctx.data_unchecked(), self.row.account_id, None).await.transpose()
    }

    /// The lead it grew from.
    async fn lead(&self, ctx: &Context<'_>) -> Option<Result<Lead>> {
        leads::graphql::at_edge(ctx.data_unchecked(), self.row.lead_id).await.transpose()
    }

    /// The opportunity in the CRM, once there is one.
    async fn opportunity(&self, ctx: &Context<'_>) -> Option<Result<Opportunity>> {
        opportunities::graphql::at_edge(ctx.data_unchecked(), self.row.opportunity_id, None).await.transpose()
    }

    /// Number of the submission, which decides between equal times; shown to staff.
    async fn submission_seq(&self, ctx: &Context<'_>) -> Option<i64> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        self.row.submission_seq.filter(|_| is_staff)
    }

    /// Who decided; shown to staff.
    async fn decided_by(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        self.row.decided_by.as_deref().filter(|_| is_staff)
    }

    /// When it was escalated that the decision is late; shown to staff.
    async fn escalated_at(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        self.row.escalated_at.filter(|_| is_staff)
    }

    /// What is decided about its claim: for the partner in words that name nobody. Null before it was judged.
    async fn standing(&self, ctx: &Context<'_>) -> Option<Result<ClaimStandingView>> {
        conflicts::graphql::standing(ctx.data_unchecked(), &self.row).await.transpose()
    }

    /// The last verdict on it, with every rule and fact; shown to staff.
    async fn verdict(&self, ctx: &Context<'_>) -> Option<Result<ConflictVerdict>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let id = self.row.verdict_id.filter(|_| ctx.caller.may(Permission::ReadConflicts))?;
        let found = ctx.batch::<VerdictById>().get(ctx, id).await;
        found.and_then(|it| it.map(ConflictVerdict::try_from).transpose()).transpose()
    }

    /// The conflict that its claim is part of; shown to staff.
    async fn conflict(&self, ctx: &Context<'_>) -> Option<Result<ChannelConflict>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        if !ctx.caller.may(Permission::ReadConflicts) {
            return None;
        }
        let found = ctx.batch::<ConflictOfRegistration>().get(ctx, self.row.id).await;
        found.map(|it| it.map(ChannelConflict::from)).transpose()
    }

    /// What happened to it, oldest first.
    #[graphql(complexity = "10 * child_complexity")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<RegistrationEvent>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let events = ctx.batch::<EventsOfRegistration>().get(ctx, self.row.id).await?.unwrap_or_default();
        let events = events.into_iter();
        Ok(match ctx.caller.is_staff() {
            true => events.map(RegistrationEvent::for_staff).collect(),
            false => events.filter_map(RegistrationEvent::for_partner).collect(),
        })
    }
}
