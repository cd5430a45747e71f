//! `gateway seed`: fills a store without any CRM, for trying and measuring.
//!
//! Here: invented partners with people and contracts, and what each of them has of its own. Rows of leads, accounts and
//! opportunities go in as a file of another system would; the rest by the use cases that people use. Seeding again changes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{Days, Months, NaiveDate};
use clap::Args;
use connectors::csv::{Config as CsvConfig, Csv, Encoding, Headers};
use domain::calendar::date_in_tokyo;
use domain::contracts::{ContractTerm, ContractType};
use domain::corporate_number::CorporateNumber;
use domain::fields::RecordKind;
use domain::ids::{PartnerId, PartnerUserId};
use domain::money::Money;
use domain::partners::{JobFunction, PartnerStatus, PartnerType, PartnerUserRole, PartnerUserStatus};
use domain::registrations::DealType;
use serde_json::json;

use super::demo::agreement;
use super::sync::Shown;
use super::{Failure, Shell};
use crate::contracts::{ContractDetails, service as contracts};
use crate::partners::service::{self as partners, PartnerDetails};
use crate::partners::users::{self, PartnerUserDetails};
use crate::platform::auth::Caller;
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::registrations::service::{self as registrations, Company, RegistrationDetails};
use crate::startup::Services;
use crate::sync::run::{self, Extent, SyncScope};

/// Fill the store without a CRM: partners, and leads, opportunities and registrations of their own
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gateway seed --partners 20
  GATEWAY__DATABASE__URL=postgres://gateway@localhost/try gateway seed --partners 500 --leads 40")]
pub(super) struct Arguments {
    /// How many partners
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    partners: u32,

    /// Leads of each
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000))]
    leads: u32,

    /// Opportunities of each
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000))]
    opportunities: u32,

    /// Registrations of each
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    registrations: u32,
}

const ACCOUNT: &[&str] = &["id", "name", "corporate_number"];
const OPPORTUNITY: &[&str] =
    &["id", "name", "account", "stage", "amount", "currency", "close_date", "sourcing_partner"];
const LEAD: &[&str] = &[
    "id",
    "last_name",
    "first_name",
    "company",
    "email",
    "stage",
    "origin",
    "assigned_partner",
    "assigned_user",
];
/// When deals are decided; the same at each seeding.
const CLOSE: NaiveDate = NaiveDate::from_ymd_opt(2030, 3, 31).expect("a date");

/// A partner that was entered.
struct Entered {
    id: PartnerId,
    rep: PartnerUserId,
}

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let services = Services::open(&config, Clock::default()).await.map_err(Failure::usage)?;
    seed(&arguments, &services, shell).await.map_err(Failure::failed)?;
    let Arguments { partners, leads, opportunities, registrations } = arguments;
    let counts = json!({
        "partners": partners,
        "leads": partners * leads,
        "opportunities": partners * opportunities,
        "registrations": partners * registrations,
    });
    shell.output.result(format_args!("{partners} partners are there, with what is theirs"), &counts);
    Ok(())
}

async fn seed(arguments: &Arguments, services: &Services, shell: &Shell) -> anyhow::Result<()> {
    services.database.migrate().await?;
    services.seed().await?;
    let ctx = services.context_of("seed");
    let mut entered = Vec::new();
    for number in 0..arguments.partners {
        entered.push(enter(&ctx, number).await.with_context(|| format!("partner {number}"))?);
    }
    shell.output.note(format_args!("{} partners", entered.len()));
    let folder = Folder::new(&ctx)?;
    for kind in [RecordKind::Account, RecordKind::Opportunity, RecordKind::Lead] {
        let path = folder.0.join(format!("{kind}.csv"));
        write(&path, kind, arguments, &entered)?;
        let (system, headers) = ("CSV".parse()?, Headers::by_name(kind));
        let file = Csv::new(CsvConfig { system, path, encoding: Encoding::Utf8, headers });
        let scope = SyncScope { extent: Extent::Full, ..SyncScope::default() };
        run::run(&services.reading(Arc::new(file)), &scope, &Shown::new(shell.output)).await?;
    }
    for (number, partner) in (0..).zip(&entered) {
        register(services, arguments, number, partner).await.with_context(|| format!("partner {number}"))?;
    }
    Ok(())
}

/// Where the rows are written; it goes when they are in.
struct Folder(PathBuf);

impl Folder {
    fn new(ctx: &RequestContext) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("gateway-seed-{}", ctx.clock.new_id::<uuid::Uuid>()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn enter(ctx: &RequestContext, number: u32) -> anyhow::Result<Entered> {
    let name = format!("{}販売株式会社", invented("partner", number));
    let details = PartnerDetails {
        legal_name: name.parse()?,
        legal_name_kana: None,
        display_name_ja: None,
        display_name_en: None,
        corporate_number: None,
        invoice_registration_no: None,
        types: [PartnerType::Reseller].into(),
        status: PartnerStatus::Active,
        parent: None,
        managers: BTreeSet::new(),
        crm_account_ref: None,
    };
    let id = partners::create(ctx, Some(&format!("seed/{number}")), details).await?.id;
    let details = PartnerUserDetails {
        family_name: "見本".parse()?,
        given_name: "営業".parse()?,
        family_name_kana: None,
        given_name_kana: None,
        email: format!("sales@partner{number}.example.co.jp").parse()?,
        job_function: JobFunction::Sales,
        role: PartnerUserRole::PartnerRep,
        status: PartnerUserStatus::Enabled,
    };
    let rep = users::create(ctx, Some(&format!("seed/{number}/sales")), id, details).await?.id;
    sign(ctx, number, id).await?;
    Ok(Entered { id, rep })
}

async fn sign(ctx: &RequestContext, number: u32, partner: PartnerId) -> anyhow::Result<()> {
    let contract = format!("S-{number}");
    let txn = ctx.begin().await?;
    if contracts::first_under(&txn, &contract).await?.is_some() {
        return Ok(());
    }
    let start = date_in_tokyo(ctx.now) - Days::new(30);
    let details = ContractDetails {
        partner,
        contract_type: ContractType::Reseller,
        number: contract.parse()?,
        term: ContractTerm::new(start, start + Months::new(24))?,
        agreement: agreement()?,
    };
    contracts::enter_signed_in(&txn, ctx, details, start).await?;
    Ok(txn.commit().await?)
}

/// Writes the rows of one kind.
fn write(path: &Path, kind: RecordKind, arguments: &Arguments, entered: &[Entered]) -> anyhow::Result<()> {
    let mut rows = csv::Writer::from_path(path)?;
    rows.write_record(match kind {
        RecordKind::Account => ACCOUNT,
        RecordKind::Opportunity => OPPORTUNITY,
        _ => LEAD,
    })?;
    for (partner, number) in entered.iter().zip(0..) {
        let count = match kind {
            RecordKind::Account | RecordKind::Opportunity => arguments.opportunities,
            _ => arguments.leads,
        };
        for place in 0..count {
            let at = number * count + place;
            rows.write_record(match kind {
                RecordKind::Account => account(at),
                RecordKind::Opportunity => opportunity(at, partner),
                _ => lead(at, partner),
            })?;
        }
    }
    Ok(rows.flush()?)
}

fn account(at: u32) -> Vec<String> {
    let (name, corporate_number) = customer("account", at);
    vec![format!("A{at}"), name, corporate_number]
}

fn opportunity(at: u32, partner: &Entered) -> Vec<String> {
    let amount = 500_000 + u64::from(at % 40) * 125_000;
    let row = [format!("O{at}"), format!("{} 新規導入", invented("account", at)), format!("A{at}")];
    let more = ["Proposal".to_owned(), amount.to_string(), "JPY".to_owned(), CLOSE.to_string()];
    row.into_iter().chain(more).chain([partner.id.to_string()]).collect()
}

fn lead(at: u32, partner: &Entered) -> Vec<String> {
    let (company, name) = (format!("{}商事株式会社", invented("lead", at)), invented("person", at));
    let row =
        [format!("L{at}"), name, "太郎".to_owned(), company, format!("lead{at}@customer{at}.example.jp")];
    let more = ["NEW", "VENDOR"].map(str::to_owned);
    row.into_iter().chain(more).chain([partner.id.to_string(), partner.rep.to_string()]).collect()
}

/// Deals of one partner, with customers that nobody else knows.
async fn register(
    services: &Services,
    arguments: &Arguments,
    number: u32,
    partner: &Entered,
) -> anyhow::Result<()> {
    let mut ctx = services.context_of("seed");
    ctx.caller = Caller {
        subject: partner.rep.to_string(),
        roles: vec![domain::access::Role::PartnerRep],
        partner: Some(partner.id),
        partner_user: Some(partner.rep),
        ..Caller::operator()
    };
    for place in 0..arguments.registrations {
        let at = number * arguments.registrations + place;
        let (name, corporate_number) = customer("deal", at);
        let company = Company {
            name: name.parse()?,
            corporate_number: Some(corporate_number.parse()?),
            phone: None,
            website: None,
            postal_code: None,
            prefecture: None,
            industry: None,
        };
        let details = RegistrationDetails {
            company,
            lead: None,
            products: ["CLOUD".to_owned()].into(),
            deal_type: Some(DealType::New),
            amount: Some(Money { minor: 1_200_000, currency: "JPY".to_owned() }),
            expected_close: Some(CLOSE),
            site_prefecture: Some("JP-13".parse()?),
            customer_choice_document: None,
        };
        let key = format!("seed/deal {at}");
        let drafted = registrations::create(&ctx, Some(&key), None::<PartnerId>, details).await?;
        registrations::submit(&ctx, Some(&format!("{key}/submit")), drafted.id).await?;
    }
    Ok(())
}

/// A customer: its name, and a corporate number whose check digit is right.
fn customer(of: &str, at: u32) -> (String, String) {
    let offset = if of == "deal" { 500_000_000_000_u64 } else { 100_000_000_000 };
    let digits = offset + u64::from(at);
    let number = (1..=9).map(|check| format!("{check}{digits:012}"));
    let number = number.into_iter().find(|it| it.parse::<CorporateNumber>().is_ok());
    (format!("{}工業株式会社", invented(of, at)), number.expect("one of nine digits is right"))
}

/// A name like no other.
fn invented(of: &str, at: u32) -> String {
    const SYLLABLES: &str =
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ";
    let hash = blake3::hash(format!("{of} {at}").as_bytes());
    let syllables: Vec<char> = SYLLABLES.chars().collect();
    hash.as_bytes().iter().take(6).map(|it| syllables[usize::from(*it) % syllables.len()]).collect()
}
