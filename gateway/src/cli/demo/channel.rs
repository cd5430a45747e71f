//! The partners of the demo, their people, and the leads they work.
//!
//! Everything is done through the use cases. Partners and people are entered under keys of their own, and leads are
//! given to partners that have none: the next start finds everything in place.

use domain::fields::RecordKind;
use domain::ids::{GoldenId, PartnerId, PartnerUserId};
use domain::leads::LeadStage;
use domain::partners::{JobFunction, PartnerStatus, PartnerType, PartnerUserRole, PartnerUserStatus};
use entity::leads::golden_lead;
use entity::partners::partner_user;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Result;
use crate::golden;
use crate::leads::service::{self as leads, Assignment};
use crate::partners::service::{self as partners, PartnerDetails};
use crate::partners::users::{self, PartnerUserDetails};
use crate::platform::context::RequestContext;
use crate::startup::Services;

/// Subject of the demo's channel manager.
pub(super) const CHANNEL_MANAGER: &str = "channel_manager";

/// Leads given to each partner.
const LEADS_EACH: usize = 12;

struct Sample {
    name: &'static str,
    kana: &'static str,
    english: &'static str,
    domain: &'static str,
    partner_type: PartnerType,
    status: PartnerStatus,
    is_managed: bool,
}

/// Invented companies; the last one cannot be given leads.
const SAMPLES: &[Sample] = &[
    sample(
        "株式会社サンプル商事",
        "サンプルショウジ",
        "Sample Trading",
        "sample-trading",
        PartnerType::Reseller,
        true,
    ),
    sample(
        "例示システムズ株式会社",
        "レイジシステムズ",
        "Reiji Systems",
        "reiji-systems",
        PartnerType::Integrator,
        true,
    ),
    sample(
        "見本テクノロジー株式会社",
        "ミホンテクノロジー",
        "Mihon Technology",
        "mihon-tech",
        PartnerType::Technology,
        true,
    ),
    sample(
        "株式会社ひな形ソリューションズ",
        "ヒナガタソリューションズ",
        "Hinagata Solutions",
        "hinagata",
        PartnerType::Agency,
        false,
    ),
    Sample {
        status: PartnerStatus::Suspended,
        ..sample(
            "架空ネットワーク合同会社",
            "カクウネットワーク",
            "Kaku Network",
            "kaku-network",
            PartnerType::Referral,
            false,
        )
    },
];

const fn sample(
    name: &'static str,
    kana: &'static str,
    english: &'static str,
    domain: &'static str,
    partner_type: PartnerType,
    is_managed: bool,
) -> Sample {
    Sample { name, kana, english, domain, partner_type, status: PartnerStatus::Active, is_managed }
}

/// Whom the demo's tokens speak of.
#[derive(Clone, Copy)]
pub(super) struct Channel {
    /// The first partner.
    pub(super) partner: PartnerId,
    /// Its administrator.
    pub(super) admin: PartnerUserId,
    /// Its representative.
    pub(super) rep: PartnerUserId,
}

/// Enters the partners and gives them leads, as far as that has not been done.
pub(super) async fn prepare(services: &Services) -> anyhow::Result<Channel> {
    let ctx = services.context_of("demo");
    let mut channel = None;
    let mut leads = open_leads(&ctx, SAMPLES.len() * LEADS_EACH).await?.into_iter();
    for sample in SAMPLES {
        let (partner, admin, rep) = enter(&ctx, sample).await?;
        if sample.status == PartnerStatus::Active && !works_leads(&ctx, partner).await? {
            for (place, lead) in leads.by_ref().take(LEADS_EACH).enumerate() {
                // Every third lead is with the partner but with nobody there yet.
                let user = (place % 3 != 2).then_some(rep.id);
                give(&ctx, lead, partner, user).await?;
            }
        }
        channel.get_or_insert(Channel { partner, admin: admin.id, rep: rep.id });
    }
    Ok(channel.expect("there are samples"))
}

async fn works_leads(ctx: &RequestContext, partner: PartnerId) -> Result<bool> {
    let leads = golden_lead::Entity::find().filter(golden_lead::Column::AssignedPartnerId.eq(partner));
    Ok(leads.count(ctx.read()).await? > 0)
}

/// The oldest leads that nobody works. Every third is one that was made of several records, so that the first query
/// has something to show.
async fn open_leads(ctx: &RequestContext, count: usize) -> Result<Vec<GoldenId>> {
    let merged = golden::service::merged(RecordKind::Lead);
    let several = oldest(ctx, golden_lead::Column::Id.in_subquery(merged.clone()), count).await?;
    let mut single =
        oldest(ctx, golden_lead::Column::Id.not_in_subquery(merged), 2 * count).await?.into_iter();
    let mixed = several.into_iter().flat_map(|it| [Some(it), single.next(), single.next()]).flatten();
    Ok(mixed.take(count).collect())
}

async fn oldest(ctx: &RequestContext, condition: SimpleExpr, count: usize) -> Result<Vec<GoldenId>> {
    use golden_lead::Column;
    let open = [LeadStage::New, LeadStage::Working].map(LeadStage::code);
    let query = golden_lead::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Stage.is_in(open))
        .filter(Column::RedirectTo.is_null())
        .filter(Column::AssignedPartnerId.is_null())
        .filter(condition)
        .order_by_asc(Column::Id)
        .limit(count as u64);
    Ok(query.into_tuple().all(ctx.read()).await?)
}

async fn enter(
    ctx: &RequestContext,
    sample: &Sample,
) -> anyhow::Result<(PartnerId, partner_user::Model, partner_user::Model)> {
    let details = PartnerDetails {
        legal_name: sample.name.parse()?,
        legal_name_kana: Some(sample.kana.parse()?),
        display_name_ja: Some(sample.name.parse()?),
        display_name_en: Some(sample.english.parse()?),
        corporate_number: None,
        invoice_registration_no: None,
        types: [sample.partner_type].into(),
        status: sample.status,
        parent: None,
        managers: sample.is_managed.then(|| CHANNEL_MANAGER.to_owned()).into_iter().collect(),
        crm_account_ref: None,
    };
    let key = format!("demo/{}", sample.domain);
    let partner = partners::create(ctx, Some(&key), details).await?;
    let admin = enter_user(ctx, sample, partner.id, PartnerUserRole::PartnerAdmin).await?;
    let rep = enter_user(ctx, sample, partner.id, PartnerUserRole::PartnerRep).await?;
    Ok((partner.id, admin, rep))
}

async fn enter_user(
    ctx: &RequestContext,
    sample: &Sample,
    partner: PartnerId,
    role: PartnerUserRole,
) -> anyhow::Result<partner_user::Model> {
    let (given, kana, local, job_function) = match role {
        PartnerUserRole::PartnerAdmin => ("管理", "カンリ", "admin", JobFunction::Executive),
        PartnerUserRole::PartnerRep => ("営業", "エイギョウ", "sales", JobFunction::Sales),
    };
    let details = PartnerUserDetails {
        family_name: "見本".parse()?,
        given_name: given.parse()?,
        family_name_kana: Some("ミホン".parse()?),
        given_name_kana: Some(kana.parse()?),
        email: format!("{local}@{}.example.co.jp", sample.domain).parse()?,
        job_function,
        role,
        status: PartnerUserStatus::Enabled,
    };
    let key = format!("demo/{}/{local}", sample.domain);
    Ok(users::create(ctx, Some(&key), partner, details).await?)
}

async fn give(
    ctx: &RequestContext,
    lead: GoldenId,
    partner: PartnerId,
    user: Option<PartnerUserId>,
) -> Result<()> {
    let assignment = Assignment { lead, version: None, partner: Some(partner), user };
    leads::assign(ctx, None, assignment).await.map(drop)
}
