//! What the API shows of partners and their users.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::ids::PartnerId;
use domain::partners::{JobFunction, PartnerStatus, PartnerType, PartnerUserRole, PartnerUserStatus};
use domain::text::Language;
use entity::partners::{partner, partner_user};

use crate::contracts::graphql::Contract;
use crate::error::Result;
use crate::leads::graphql::Lead;
use crate::opportunities::graphql::Opportunity;
use crate::partners::loader::{ManagersOfPartner, PartnerById, UsersOfPartner};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::programs::graphql::{PartnerTier, TierEvaluation};
use crate::territories::graphql::TerritoryAssignment;
use crate::{contracts, leads, opportunities, programs, territories};

/// A partner: a legal entity with a past, present or intended agreement to sell our products.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Partner {
    /// Global id.
    pub id: ID,
    /// Counts changes; an update names the version it saw.
    version: i32,
    /// Registered name, legal form included.
    legal_name: String,
    /// Reading of the registered name.
    legal_name_kana: Option<String>,
    /// The name shown in Japanese.
    display_name_ja: Option<String>,
    /// The name shown in English.
    display_name_en: Option<String>,
    /// 法人番号: thirteen digits.
    corporate_number: Option<String>,
    /// 適格請求書発行事業者登録番号: `T` and thirteen digits.
    invoice_registration_no: Option<String>,
    /// What the partner does for us.
    types: Vec<PartnerType>,
    /// Where the partner stands.
    status: PartnerStatus,
    /// Default locale of its people.
    locale: String,
    /// Time zone of its people.
    timezone: String,
    /// When the partner was entered.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    key: PartnerId,
    #[graphql(skip)]
    parent_partner_id: Option<PartnerId>,
    #[graphql(skip)]
    account_in_crm: Option<String>,
}

impl From<partner::Model> for Partner {
    fn from(row: partner::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::Partner, row.id),
            version: row.version,
            legal_name: row.legal_name,
            legal_name_kana: row.legal_name_kana,
            display_name_ja: row.display_name_ja,
            display_name_en: row.display_name_en,
            corporate_number: row.corporate_number,
            invoice_registration_no: row.invoice_registration_no,
            types: row.types.split(',').filter_map(|code| code.parse().ok()).collect(),
            status: row.status,
            locale: row.locale,
            timezone: row.timezone,
            created_at: row.created_at,
            updated_at: row.updated_at,
            key: row.id,
            parent_partner_id: row.parent_partner_id,
            account_in_crm: row.crm_account_ref,
        }
    }
}

#[ComplexObject]
impl Partner {
    /// The name in the caller's language; the registered name when there is none.
    async fn display_name(&self, ctx: &Context<'_>) -> Result<&str> {
        let (first, second) = match ctx.data_unchecked::<RequestContext>().caller.language {
            Language::Ja => (&self.display_name_ja, &self.display_name_en),
            Language::En => (&self.display_name_en, &self.display_name_ja),
        };
        Ok(first.as_deref().or(second.as_deref()).unwrap_or(&self.legal_name))
    }

    /// The distributor above it.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let parent = self.parent_partner_id?;
        ctx.batch::<PartnerById>().get(ctx, parent).await.map(|it| it.map(Partner::from)).transpose()
    }

    /// Subjects of the channel managers responsible for it; shown to staff.
    async fn managers(&self, ctx: &Context<'_>) -> Option<Result<Vec<String>>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        if !ctx.caller.is_staff() {
            return None;
        }
        let managers = ctx.batch::<ManagersOfPartner>().get(ctx, self.key).await;
        Some(managers.map(Option::unwrap_or_default))
    }

    /// The partner as an account in the CRM; shown to staff.
    async fn crm_account_ref(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        self.account_in_crm.as_deref().filter(|_| is_staff)
    }

    /// Its people with a login, oldest first.
    #[graphql(complexity = "10 * child_complexity")]
    async fn users(&self, ctx: &Context<'_>) -> Result<Vec<PartnerUser>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let users = ctx.batch::<UsersOfPartner>().get(ctx, self.key).await?.unwrap_or_default();
        Ok(users.into_iter().map(PartnerUser::from).collect())
    }

    /// Its territories, oldest first; null for those who may not read them.
    #[graphql(complexity = "10 * child_complexity")]
    async fn territories(&self, ctx: &Context<'_>) -> Result<Option<Vec<TerritoryAssignment>>> {
        territories::graphql::of_partner(ctx.data_unchecked(), self.key).await
    }

    /// The tier it holds now; null when it has none, and for those who may not read tiers.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<PartnerTier>> {
        programs::graphql::tier_of(ctx.data_unchecked(), self.key).await
    }

    /// The evaluations of its tier, newest first; null for those who may not read tiers.
    #[graphql(complexity = "10 * child_complexity")]
    async fn tier_evaluations(&self, ctx: &Context<'_>) -> Result<Option<Vec<TierEvaluation>>> {
        programs::graphql::evaluations_of(ctx.data_unchecked(), self.key).await
    }

    /// Its contracts, newest first; null for those who may not read them.
    #[graphql(complexity = "10 * child_complexity")]
    async fn contracts(&self, ctx: &Context<'_>) -> Result<Option<Vec<Contract>>> {
        contracts::graphql::of_partner(ctx.data_unchecked(), self.key).await
    }

    /// Its newest leads, at most 50.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Lead>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        leads::graphql::newest_of_partner(ctx, self.key, first).await
    }

    /// The newest opportunities that it brought, at most 50.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Opportunity>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        opportunities::graphql::newest_of_partner(ctx, self.key, first).await
    }
}

/// A person at a partner who may log in.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PartnerUser {
    /// Global id.
    pub id: ID,
    /// Counts changes; an update names the version it saw.
    version: i32,
    /// 姓.
    family_name: String,
    /// 名.
    given_name: String,
    /// セイ.
    family_name_kana: Option<String>,
    /// メイ.
    given_name_kana: Option<String>,
    /// By which the person logs in.
    email: String,
    /// What the person does.
    job_function: JobFunction,
    /// What the person may do here.
    role: PartnerUserRole,
    /// Whether the person may log in.
    status: PartnerUserStatus,
    /// When access was first granted.
    access_granted_at: Option<DateTime<Utc>>,
    /// When the person was entered.
    created_at: DateTime<Utc>,
    /// When the person was last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    partner_id: domain::ids::PartnerId,
}

impl From<partner_user::Model> for PartnerUser {
    fn from(row: partner_user::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::PartnerUser, row.id),
            version: row.version,
            family_name: row.family_name,
            given_name: row.given_name,
            family_name_kana: row.family_name_kana,
            given_name_kana: row.given_name_kana,
            email: row.email,
            job_function: row.job_function,
            role: row.role,
            status: row.status,
            access_granted_at: row.access_granted_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            partner_id: row.partner_id,
        }
    }
}

#[ComplexObject]
impl PartnerUser {
    /// The partner the person belongs to.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<PartnerById>().get(ctx, self.partner_id).await;
        found.map(|it| it.map(Partner::from)).transpose()
    }
}
