//! What the API shows of a lead.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::masks_contact_details;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, PartnerId, PartnerUserId};
use domain::leads::{DisqualificationReason, LeadOrigin, LeadStage};
use entity::leads::golden_lead;
use mastering::history::AsOf;

use crate::accounts::graphql::Account;
use crate::distribution::graphql::LeadOffer;
use crate::error::Result;
use crate::golden::graphql::{FieldProvenance, SourceRecordRef, provenance, source_records};
use crate::golden::history::past::{Past, Then};
use crate::golden::loader::RecordRef;
use crate::opportunities::graphql::Opportunity;
use crate::partners::graphql::{Partner, PartnerUser};
use crate::partners::loader::{PartnerById, PartnerUserById};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::{accounts, distribution, opportunities};

/// What is shown instead of a value that the caller may not see any more.
const MASKED: &str = "***";

/// A lead: a person or company that may buy. One record, however many systems and duplicates it came from.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Lead {
    /// Global id; resolves for ever.
    pub id: ID,
    /// The id that was asked for, where it lost a merge: this record is its survivor.
    redirected_from: Option<ID>,
    /// Counts changes of served values.
    version: i32,
    /// 姓.
    last_name: Option<String>,
    /// 名.
    first_name: Option<String>,
    /// セイ.
    last_name_kana: Option<String>,
    /// メイ.
    first_name_kana: Option<String>,
    /// Company as the person gave it.
    company: Option<String>,
    /// Position in the company.
    title: Option<String>,
    /// Mail address; masked for representatives after the lead has closed.
    email: Option<String>,
    /// Telephone; masked for representatives after the lead has closed.
    phone: Option<String>,
    /// Mobile phone; masked for representatives after the lead has closed.
    mobile_phone: Option<String>,
    /// Web site of the company.
    website: Option<String>,
    /// 法人番号 of the company.
    corporate_number: Option<String>,
    /// Industry of the company.
    industry: Option<String>,
    /// 町名・番地.
    street: Option<String>,
    /// 市区郡.
    city: Option<String>,
    /// 都道府県.
    region: Option<String>,
    /// 郵便番号.
    postal_code: Option<String>,
    /// Country.
    country: Option<String>,
    /// Where the lead came from.
    source_channel: Option<String>,
    /// Who found it; set once.
    origin: Option<LeadOrigin>,
    /// Where it stands.
    stage: Option<LeadStage>,
    /// Why it is not for us, while it is disqualified.
    disqualification_reason: Option<DisqualificationReason>,
    /// Score, as the scoring system gave it.
    score: Option<String>,
    /// Whether the person's data may be shown to partners: the most restrictive of all sources.
    consent_to_share: Option<bool>,
    /// When the lead was first seen here.
    created_at: DateTime<Utc>,
    /// When a served value last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    key: GoldenId,
    #[graphql(skip)]
    account_id: Option<GoldenId>,
    #[graphql(skip)]
    opportunity_id: Option<GoldenId>,
    #[graphql(skip)]
    assigned_partner_id: Option<PartnerId>,
    #[graphql(skip)]
    assigned_user_id: Option<PartnerUserId>,
    #[graphql(skip)]
    is_masked: bool,
    #[graphql(skip)]
    then: Option<Then>,
}

impl Lead {
    /// The lead as the caller may see it.
    pub fn new(ctx: &RequestContext, row: golden_lead::Model) -> Self {
        let stage: Option<LeadStage> = row.stage.as_deref().and_then(|it| it.parse().ok());
        let is_closed = stage.is_some_and(LeadStage::is_closed);
        let is_masked = masks_contact_details(&ctx.caller.roles, is_closed);
        let detail = |value: Option<String>| if is_masked { value.map(|_| MASKED.to_owned()) } else { value };
        Self {
            id: NodeId::encode(NodeType::Lead, row.id),
            redirected_from: None,
            version: row.version,
            last_name: row.last_name,
            first_name: row.first_name,
            last_name_kana: row.last_name_kana,
            first_name_kana: row.first_name_kana,
            company: row.company,
            title: row.title,
            email: detail(row.email),
            phone: detail(row.phone),
            mobile_phone: detail(row.mobile_phone),
            website: row.website,
            corporate_number: row.corporate_number,
            industry: row.industry,
            street: row.street,
            city: row.city,
            region: row.region,
            postal_code: row.postal_code,
            country: row.country,
            source_channel: row.source_channel,
            origin: row.origin.and_then(|it| it.parse().ok()),
            stage,
            disqualification_reason: row
                .disqualification_reason
                .filter(|_| stage == Some(LeadStage::Disqualified))
                .and_then(|it| it.parse().ok()),
            score: row.score,
            consent_to_share: row.consent_to_share,
            created_at: row.created_at,
            updated_at: row.updated_at,
            key: row.id,
            account_id: row.account_id,
            opportunity_id: row.opportunity_id,
            assigned_partner_id: row.assigned_partner_id,
            assigned_user_id: row.assigned_user_id,
            is_masked,
            then: None,
        }
    }

    /// The same, asked for by this id.
    pub fn asked_for_by(self, id: GoldenId) -> Self {
        let redirected_from = (self.key != id).then(|| NodeId::encode(NodeType::Lead, id));
        Self { redirected_from, ..self }
    }

    /// The lead as it was.
    pub fn past(ctx: &RequestContext, past: Past<golden_lead::Model>) -> Self {
        Self { then: Some(past.then), ..Self::new(ctx, past.row) }
    }

    fn as_of(&self) -> Option<AsOf> {
        self.then.as_ref().map(|it| it.as_of)
    }

    fn record(&self) -> RecordRef {
        RecordRef { kind: RecordKind::Lead, id: self.key }
    }
}

#[ComplexObject]
impl Lead {
    /// The account it belongs to: the one it was converted into, or the one found by its company.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account>> {
        accounts::graphql::at_edge(ctx.data_unchecked(), self.account_id, self.as_of()).await.transpose()
    }

    /// The opportunity it was converted into.
    async fn opportunity(&self, ctx: &Context<'_>) -> Option<Result<Opportunity>> {
        let (id, as_of) = (self.opportunity_id, self.as_of());
        opportunities::graphql::at_edge(ctx.data_unchecked(), id, as_of).await.transpose()
    }

    /// The partner that works it.
    async fn assigned_partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<PartnerById>().get(ctx, self.assigned_partner_id?).await;
        found.map(|it| it.map(Partner::from)).transpose()
    }

    /// The person at the partner who works it.
    async fn assigned_user(&self, ctx: &Context<'_>) -> Option<Result<PartnerUser>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<PartnerUserById>().get(ctx, self.assigned_user_id?).await;
        found.map(|it| it.map(PartnerUser::from)).transpose()
    }

    /// The partners it was offered to, newest first, as far as the caller sees the offers; at most fifty.
    #[graphql(complexity = "10 * child_complexity")]
    async fn offers(&self, ctx: &Context<'_>) -> Result<Vec<LeadOffer>> {
        distribution::graphql::of_lead(ctx.data_unchecked(), self.key).await
    }

    /// Why each field has its value. Partners see "SYSTEM" instead of sources, and no losers.
    #[graphql(complexity = "10 * child_complexity")]
    async fn provenance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these fields, by the names of this type; all when left out.")] fields: Option<
            Vec<String>,
        >,
    ) -> Result<Vec<FieldProvenance>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let mut provenance = provenance(ctx, self.record(), self.then.as_ref(), fields).await?;
        if self.is_masked {
            provenance.iter_mut().filter(|it| it.of().is_contact_detail()).for_each(|it| it.mask(MASKED));
        }
        Ok(provenance)
    }

    /// The records it was made of, duplicates included; shown to staff.
    async fn source_records(&self, ctx: &Context<'_>) -> Option<Result<Vec<SourceRecordRef>>> {
        source_records(ctx.data_unchecked(), self.record(), self.then.as_ref()).await
    }
}
