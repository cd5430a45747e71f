//! What the API shows of contracts.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::date_in_tokyo;
use domain::contracts::{ContractStatus, ContractType};
use entity::contracts::{
    contract, contract_document, contract_reminder, contract_version, negotiation_entry,
};

use crate::contracts::loader::{
    ContractById, DocumentsOf, NegotiationsOf, RemindersOf, SuccessorOf, VersionsOf,
};
use crate::contracts::service::is_expiring;
use crate::contracts::{agreement, dates};
use crate::error::Result;
use crate::partners::graphql::{Partner, at_edge};
use crate::platform::context::RequestContext;
use crate::platform::database::split_codes;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::policies::LifecycleInForce;
use crate::territories::graphql::{Industry, Prefecture};

/// A contract with a partner for one term. A renewal is another contract under the same number.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Contract {
    /// Global id.
    pub id: ID,
    /// Counts changes; a change names the version it saw.
    version: i32,
    /// What is agreed.
    contract_type: ContractType,
    /// By which people name it; renewals keep it.
    number: String,
    /// 0, then 1 for the first renewal.
    renewal: i32,
    /// Where it stands.
    status: ContractStatus,
    /// The first date.
    start_date: NaiveDate,
    /// The last date.
    end_date: NaiveDate,
    /// The last date on which notice may be given: calendar days before the end, never moved.
    notice_deadline: NaiveDate,
    /// When both sides had signed; null for renewals.
    signed_on: Option<NaiveDate>,
    /// When notice was given.
    notice_given_on: Option<NaiveDate>,
    /// The first date on which it does not bind any more, when it is ended early.
    terminated_on: Option<NaiveDate>,
    /// When it was entered.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    row: contract::Model,
}

impl From<contract::Model> for Contract {
    fn from(row: contract::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::Contract, row.id),
            version: row.version,
            contract_type: row.contract_type,
            number: row.number.clone(),
            renewal: row.renewal,
            status: row.status,
            start_date: row.start_date,
            end_date: row.end_date,
            notice_deadline: row.notice_deadline,
            signed_on: row.signed_on,
            notice_given_on: row.notice_given_on,
            terminated_on: row.terminated_on,
            created_at: row.created_at,
            updated_at: row.updated_at,
            row,
        }
    }
}

impl Contract {
    async fn all_versions(&self, ctx: &RequestContext) -> Result<Vec<contract_version::Model>> {
        Ok(ctx.batch::<VersionsOf>().get(ctx, self.row.id).await?.unwrap_or_default())
    }
}

#[ComplexObject]
impl Contract {
    /// With whom.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        at_edge(ctx.data_unchecked(), self.row.partner_id).await
    }

    /// Whether it is in force and its notice deadline is near.
    async fn is_expiring(&self, ctx: &Context<'_>) -> Result<bool> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        match ctx.batch::<LifecycleInForce>().get(ctx, ()).await? {
            Some(windows) => is_expiring(&self.row, date_in_tokyo(ctx.now), &windows.contracts),
            None => Ok(false),
        }
    }

    /// Whether it will renew by itself, as things stand.
    async fn will_renew(&self, ctx: &Context<'_>) -> Result<bool> {
        let versions = self.all_versions(ctx.data_unchecked()).await?;
        Ok(agreement::facts(&self.row, &versions)?.will_renew())
    }

    /// What is agreed on a date: the version in effect then, or the first one before that.
    async fn terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The date, in Japan; today when left out.")] on: Option<NaiveDate>,
    ) -> Result<ContractVersion> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let on = on.unwrap_or_else(|| date_in_tokyo(ctx.now));
        let versions = self.all_versions(ctx).await?;
        Ok(dates::in_effect(&versions, on).clone().into())
    }

    /// Everything that was agreed, in the order in which it was.
    #[graphql(complexity = "5 * child_complexity")]
    async fn versions(&self, ctx: &Context<'_>) -> Result<Vec<ContractVersion>> {
        let versions = self.all_versions(ctx.data_unchecked()).await?;
        Ok(versions.into_iter().map(ContractVersion::from).collect())
    }

    /// The documents, oldest first; they are kept elsewhere.
    #[graphql(complexity = "5 * child_complexity")]
    async fn documents(&self, ctx: &Context<'_>) -> Result<Vec<ContractDocument>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let documents = ctx.batch::<DocumentsOf>().get(ctx, self.row.id).await?.unwrap_or_default();
        Ok(documents.into_iter().map(ContractDocument::from).collect())
    }

    /// What was said about it, by date; shown to staff.
    #[graphql(complexity = "5 * child_complexity")]
    async fn negotiation_log(&self, ctx: &Context<'_>) -> Result<Option<Vec<NegotiationEntry>>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        if !ctx.caller.is_staff() {
            return Ok(None);
        }
        let entries = ctx.batch::<NegotiationsOf>().get(ctx, self.row.id).await?.unwrap_or_default();
        Ok(Some(entries.into_iter().map(NegotiationEntry::from).collect()))
    }

    /// The reminders of its end that have been raised, by date; shown to staff.
    #[graphql(complexity = "3 * child_complexity")]
    async fn reminders(&self, ctx: &Context<'_>) -> Result<Option<Vec<ContractReminder>>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        if !ctx.caller.is_staff() {
            return Ok(None);
        }
        let reminders = ctx.batch::<RemindersOf>().get(ctx, self.row.id).await?.unwrap_or_default();
        Ok(Some(reminders.into_iter().map(ContractReminder::from).collect()))
    }

    /// Why it was ended early.
    async fn termination_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        self.row.termination_reason.as_deref().filter(|_| is_staff)
    }

    /// The contract that it renews.
    async fn predecessor(&self, ctx: &Context<'_>) -> Result<Option<Contract>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let Some(id) = self.row.predecessor_id else { return Ok(None) };
        Ok(ctx.batch::<ContractById>().get(ctx, id).await?.map(Contract::from))
    }

    /// The contract that renews it.
    async fn successor(&self, ctx: &Context<'_>) -> Result<Option<Contract>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        Ok(ctx.batch::<SuccessorOf>().get(ctx, self.row.id).await?.map(Contract::from))
    }
}

/// What is agreed in a contract from one date on.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ContractVersion {
    /// From 1, in the order in which they were agreed.
    number: i32,
    /// From this date on.
    effective_on: NaiveDate,
    /// What an amendment is about.
    summary: Option<String>,
    /// How many calendar days before the end notice is due.
    notice_days: i32,
    /// Whether it renews by itself.
    auto_renew: bool,
    /// How long each renewal runs.
    renewal_term_months: i32,
    /// What it costs the partner.
    price_terms: Option<String>,
    /// When and how it is paid.
    payment_terms: Option<String>,
    /// How it may be ended.
    termination_terms: Option<String>,
    /// What neither side may do.
    clauses: ContractClauses,
    /// What follows when targets are missed.
    shortfall_action: Option<String>,
    /// Whose courts decide.
    jurisdiction: Option<String>,
    /// When it was entered.
    created_at: DateTime<Utc>,
    #[graphql(skip)]
    row: contract_version::Model,
}

/// What neither side may do.
#[derive(SimpleObject)]
pub struct ContractClauses {
    /// Secrets.
    nda: Option<String>,
    /// Competing products.
    non_compete: Option<String>,
    /// Intellectual property.
    ip: Option<String>,
}

impl From<contract_version::Model> for ContractVersion {
    fn from(row: contract_version::Model) -> Self {
        let shown = row.clone();
        let (nda, non_compete, ip) = (shown.clause_nda, shown.clause_non_compete, shown.clause_ip);
        Self {
            number: shown.number,
            effective_on: shown.effective_on,
            summary: shown.summary,
            notice_days: shown.notice_days,
            auto_renew: shown.auto_renew,
            renewal_term_months: shown.renewal_term_months,
            price_terms: shown.price_terms,
            payment_terms: shown.payment_terms,
            termination_terms: shown.termination_terms,
            clauses: ContractClauses { nda, non_compete, ip },
            shortfall_action: shown.shortfall_action,
            jurisdiction: shown.jurisdiction,
            created_at: shown.created_at,
            row,
        }
    }
}

#[ComplexObject]
impl ContractVersion {
    /// What the partner may sell; every product when there is none.
    async fn products(&self) -> Vec<&str> {
        self.row.products.split(',').filter(|it| !it.is_empty()).collect()
    }

    /// Where the partner may sell; everywhere when there is none.
    async fn prefectures(&self) -> Result<Vec<Prefecture>> {
        Ok(split_codes(&self.row.prefectures)?.into_iter().map(Prefecture).collect())
    }

    /// To which industries the partner may sell; to all when there is none.
    async fn industries(&self) -> Result<Vec<Industry>> {
        Ok(split_codes(&self.row.industries)?.into_iter().map(Industry).collect())
    }
}

/// A document of a contract; it is kept elsewhere.
#[derive(SimpleObject)]
pub struct ContractDocument {
    /// What it is called.
    title: String,
    /// Where it is kept: an address, or the number of a file.
    reference: String,
    /// When this was noted.
    added_at: DateTime<Utc>,
}

impl From<contract_document::Model> for ContractDocument {
    fn from(row: contract_document::Model) -> Self {
        Self { title: row.title, reference: row.reference, added_at: row.added_at }
    }
}

/// What was said about a contract.
#[derive(SimpleObject)]
pub struct NegotiationEntry {
    /// When it was said.
    occurred_on: NaiveDate,
    /// What.
    note: String,
    /// When it was noted.
    entered_at: DateTime<Utc>,
    /// Subject of who noted it.
    entered_by: String,
}

impl From<negotiation_entry::Model> for NegotiationEntry {
    fn from(row: negotiation_entry::Model) -> Self {
        let negotiation_entry::Model { occurred_on, note, entered_at, entered_by, .. } = row;
        Self { occurred_on, note, entered_at, entered_by }
    }
}

/// Somebody is to think of the end of a contract.
#[derive(SimpleObject)]
pub struct ContractReminder {
    /// Since which business day.
    due_on: NaiveDate,
    /// When it was raised.
    raised_at: DateTime<Utc>,
    /// When somebody said that it is taken care of.
    acknowledged_at: Option<DateTime<Utc>>,
    /// Subject of who said so.
    acknowledged_by: Option<String>,
}

impl From<contract_reminder::Model> for ContractReminder {
    fn from(row: contract_reminder::Model) -> Self {
        let contract_reminder::Model { due_on, raised_at, acknowledged_at, acknowledged_by, .. } = row;
        Self { due_on, raised_at, acknowledged_at, acknowledged_by }
    }
}
