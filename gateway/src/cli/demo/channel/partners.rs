//! The demo's partners: invented companies all over Japan, with people, contracts, territories and tiers.

use std::collections::BTreeSet;

use anyhow::Context as _;
use chrono::Months;
use domain::calendar::{FiscalYear, Quarter};
use domain::contracts::{ContractArea, ContractTerm, ContractTerms, ContractType, NoticeTerms};
use domain::ids::{PartnerId, PartnerUserId};
use domain::partners::{JobFunction, PartnerStatus, PartnerType, PartnerUserRole, PartnerUserStatus};
use domain::products::ProductScope;
use domain::programs::Metric;
use domain::territories::{Industry, Prefecture, TerritoryAssignment};

use super::CHANNEL_MANAGER;
use super::beginning::Beginning;
use crate::contracts::{Agreement, Clauses, ContractDetails, service as contracts};
use crate::error::Result;
use crate::partners::service::{self as partners, PartnerDetails};
use crate::partners::users::{self, PartnerUserDetails};
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::programs::service::{self as programs, Measurement};
use crate::programs::tiers;
use crate::startup::Services;
use crate::territories::service as territories;

/// Each line a partner.
const SAMPLES: &str = include_str!("partners.csv");
/// The tiers and what they take, without the fiscal year.
const PROGRAM: &str = include_str!("program.toml");

/// A line of the list of partners.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct Sample {
    pub(super) key: String,
    name: String,
    kana: String,
    english: String,
    r#type: PartnerType,
    pub(super) status: PartnerStatus,
    parent: String,
    is_managed: String,
    pub(super) tier: String,
    certified: u32,
    prefectures: String,
    industries: String,
    is_exclusive: String,
    /// How often somebody of it came in a year.
    pub(super) visits: u32,
    /// When somebody last came, in days before the demo was begun.
    pub(super) last_visit: u64,
    /// Who takes courses.
    pub(super) learners: Learners,
}

/// Who of a partner takes courses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Learners {
    #[serde(rename = "")]
    Nobody,
    Sales,
    Admin,
    Both,
}

/// A partner of the demo as it was entered.
pub(super) struct Entered {
    pub(super) sample: Sample,
    pub(super) id: PartnerId,
    pub(super) admin: PartnerUserId,
    pub(super) rep: PartnerUserId,
}

impl Sample {
    pub(super) fn prefectures(&self) -> anyhow::Result<BTreeSet<Prefecture>> {
        Ok(self.prefectures.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
    }

    pub(super) fn industries(&self) -> anyhow::Result<BTreeSet<Industry>> {
        Ok(self.industries.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
    }

    /// Whether there is a contract with it.
    fn has_contract(&self) -> bool {
        matches!(self.status, PartnerStatus::Active | PartnerStatus::Suspended | PartnerStatus::Onboarding)
    }
}

impl Entered {
    /// Its representative.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            subject: self.rep.to_string(),
            roles: vec![domain::access::Role::PartnerRep],
            partner: Some(self.id),
            partner_user: Some(self.rep),
            ..Caller::operator()
        }
    }
}

/// Enters the partners in the order of the list.
pub(super) async fn enter(services: &Services, beginning: &Beginning) -> anyhow::Result<Vec<Entered>> {
    let ctx = beginning.context(services, (beginning.since, 0), Caller::operator());
    put_programs_in_force(&ctx, beginning).await?;
    let mut entered: Vec<Entered> = Vec::new();
    for line in csv::Reader::from_reader(SAMPLES.as_bytes()).deserialize() {
        let sample: Sample = line?;
        let parent = entered.iter().find(|it| it.sample.key == sample.parent).map(|it| it.id);
        let partner = enter_one(&ctx, sample, parent).await.context("a partner of the demo")?;
        if partner.sample.has_contract() {
            agree(&ctx, beginning, &partner).await.with_context(|| partner.sample.key.clone())?;
        }
        entered.push(partner);
    }
    Ok(entered)
}

async fn enter_one(
    ctx: &RequestContext,
    sample: Sample,
    parent: Option<PartnerId>,
) -> anyhow::Result<Entered> {
    let details = PartnerDetails {
        legal_name: sample.name.parse()?,
        legal_name_kana: Some(sample.kana.parse()?),
        display_name_ja: Some(sample.name.parse()?),
        display_name_en: Some(sample.english.parse()?),
        corporate_number: None,
        invoice_registration_no: None,
        types: [sample.r#type].into(),
        status: sample.status,
        parent,
        managers: (sample.is_managed == "yes").then(|| CHANNEL_MANAGER.to_owned()).into_iter().collect(),
        crm_account_ref: None,
    };
    let id = partners::create(ctx, Some(&format!("demo/{}", sample.key)), details).await?.id;
    let admin = enter_user(ctx, (&sample, id), PartnerUserRole::PartnerAdmin).await?;
    let rep = enter_user(ctx, (&sample, id), PartnerUserRole::PartnerRep).await?;
    Ok(Entered { sample, id, admin, rep })
}

async fn enter_user(
    ctx: &RequestContext,
    (sample, partner): (&Sample, PartnerId),
    role: PartnerUserRole,
) -> anyhow::Result<PartnerUserId> {
    let (given, kana, local, job_function) = match role {
        PartnerUserRole::PartnerAdmin => ("管理", "カンリ", "admin", JobFunction::Executive),
        PartnerUserRole::PartnerRep => ("営業", "エイギョウ", "sales", JobFunction::Sales),
    };
    let details = PartnerUserDetails {
        family_name: "見本".parse()?,
        given_name: given.parse()?,
        family_name_kana: Some("ミホン".parse()?),
        given_name_kana: Some(kana.parse()?),
        email: format!("{local}@{}.example.co.jp", sample.key).parse()?,
        job_function,
        role,
        status: PartnerUserStatus::Enabled,
    };
    let key = format!("demo/{}/{local}", sample.key);
    Ok(users::create(ctx, Some(&key), partner, details).await?.id)
}

/// A program for each fiscal year that deals of the demo fall into.
async fn put_programs_in_force(ctx: &RequestContext, beginning: &Beginning) -> anyhow::Result<()> {
    let [first, last] = [beginning.since, 0].map(|days| FiscalYear::of(beginning.days_ago(days)).0);
    for year in first..=last {
        let document = format!("fiscal_year = {year}\n{PROGRAM}");
        let program = programs::draft(ctx, Some(&format!("demo/program/{year}")), &document).await?;
        programs::activate(ctx, program.id).await?;
    }
    Ok(())
}

/// What was agreed with a partner: its contract, where it may work, its tier.
async fn agree(ctx: &RequestContext, beginning: &Beginning, partner: &Entered) -> anyhow::Result<()> {
    sign(ctx, beginning, partner).await?;
    let sample = &partner.sample;
    if sample.status == PartnerStatus::Onboarding {
        return Ok(());
    }
    let territory = TerritoryAssignment {
        partner: partner.id,
        prefectures: sample.prefectures()?,
        industries: sample.industries()?,
        products: ProductScope::all(),
        named_accounts: BTreeSet::new(),
        is_exclusive: sample.is_exclusive == "yes",
        valid_from: beginning.days_ago(beginning.since),
        valid_until: None,
    };
    territories::assign(ctx, Some(&format!("demo/{}/territory", sample.key)), territory).await?;
    reach(ctx, beginning, partner).await
}

/// The tier of a partner, and what keeps it there when it is evaluated for the quarters before the demo was begun.
async fn reach(ctx: &RequestContext, beginning: &Beginning, partner: &Entered) -> anyhow::Result<()> {
    if !tiers::held_at(ctx.read(), &[partner.id], ctx.now).await?.is_empty() {
        return Ok(());
    }
    let (metric, value) = (Metric::CertifiedUsers, partner.sample.certified.into());
    let last = Quarter::of(beginning.days_ago(0)).previous();
    for quarter in [last.previous(), last] {
        let measured = Measurement { partner: partner.id, quarter, metric, value };
        programs::record_measurement(ctx, measured).await?;
    }
    let reason = "これまでの実績による".parse()?;
    Ok(tiers::assign(ctx, None, partner.id, &partner.sample.tier, reason).await?)
}

/// A contract that was signed before: over two years, or a promise to keep secrets for who has yet to begin.
async fn sign(ctx: &RequestContext, beginning: &Beginning, partner: &Entered) -> anyhow::Result<()> {
    let number = format!("D-{}", partner.sample.key);
    let txn = ctx.begin().await?;
    if contracts::first_under(&txn, &number).await?.is_some() {
        return Ok(());
    }
    let start = beginning.days_ago(beginning.since + 30);
    let contract_type = match partner.sample.status {
        PartnerStatus::Onboarding => ContractType::Nda,
        _ => ContractType::Reseller,
    };
    let details = ContractDetails {
        partner: partner.id,
        contract_type,
        number: number.parse()?,
        term: ContractTerm::new(start, start + Months::new(24))?,
        agreement: agreement()?,
    };
    contracts::enter_signed_in(&txn, ctx, details, start).await?;
    Ok(txn.commit().await?)
}

/// What is agreed with everybody.
pub(in crate::cli) fn agreement() -> anyhow::Result<Agreement> {
    let notice = NoticeTerms { notice_days: 90, auto_renew: true, renewal_term_months: 12 };
    Ok(Agreement {
        terms: ContractTerms { products: ProductScope::all(), area: ContractArea::default(), notice },
        price_terms: Some("仕切率は価格表による".parse()?),
        payment_terms: Some("月末締め翌月末払い".parse()?),
        termination_terms: None,
        clauses: Clauses { nda: Some("相互に秘密を守る".parse()?), ..Clauses::default() },
        shortfall_action: None,
        jurisdiction: Some("東京地方裁判所".parse()?),
    })
}
