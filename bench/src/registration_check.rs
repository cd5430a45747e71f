//! How long `checkDealRegistration` takes against a million accounts and a hundred thousand registrations: the company found
//! among the golden records and among the registrations, every claim gathered, judged and answered by the use case itself.
//!
//! The store is filled in bulk with invented companies; partners, contracts and territories come by their use cases.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Result;
use bench::fill::{Masters, copy, escaped, fill, golden_id, id};
use bench::{say, say_spread, store};
use chrono::{DateTime, Days, TimeDelta, Utc};
use clap::Parser;
use domain::calendar::date_in_tokyo;
use domain::contracts::{ContractArea, ContractTerm, ContractTerms, ContractType, NoticeTerms};
use domain::fields::{RecordKind, account};
use domain::ids::PartnerId;
use domain::partners::PartnerStatus;
use domain::products::ProductScope;
use domain::registrations::DealType;
use domain::sources::Values;
use domain::territories::{Prefecture, TerritoryAssignment};
use gateway::conflicts::service as conflicts;
use gateway::contracts::{Agreement, Clauses, ContractDetails, service as contracts};
use gateway::partners::service::{self as partners, PartnerDetails};
use gateway::platform::clock::Clock;
use gateway::platform::config::Config;
use gateway::platform::context::RequestContext;
use gateway::registrations::service::{Company, RegistrationDetails};
use gateway::startup::Services;
use gateway::territories::service as territories;
use mastering::matching::blocking;
use mastering::matching::features::Features;
use sea_orm::sqlx::{self, Connection as _, PgConnection};

/// The allocator that the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    /// An empty PostgreSQL database
    #[arg(long)]
    database: String,

    /// Golden accounts
    #[arg(long, default_value_t = 1_000_000)]
    accounts: usize,

    /// Deal registrations
    #[arg(long, default_value_t = 100_000)]
    registrations: usize,

    /// Partners that register
    #[arg(long, default_value_t = 200)]
    partners: usize,

    /// Checks that are measured
    #[arg(long, default_value_t = 2_000)]
    checks: usize,

    /// The store is filled already, by a run before this one
    #[arg(long)]
    is_filled: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    // As requests are: in a task of the runtime, not beside it, where each answer of the database would wake another thread.
    tokio::spawn(run()).await?
}

async fn run() -> Result<()> {
    let arguments = Arguments::parse();
    store(&arguments.database).await?;
    let mut config = Config::default();
    config.database.url = arguments.database.clone().into();
    let services = Services::open(&config, Clock::default()).await?;
    services.seed().await?;
    let started = Instant::now();
    let partners = enter_partners(&services.context_of("bench"), arguments.partners).await?;
    if !arguments.is_filled {
        fill_accounts(&services, &arguments).await?;
        fill_claims(&arguments, &partners, services.clock.now()).await?;
        say(&format!("filled in {:.0} s", started.elapsed().as_secs_f64()));
    }
    measure(&services, &arguments, &partners).await
}

/// Active partners that may sell everything, each in a prefecture. Entered once.
async fn enter_partners(ctx: &RequestContext, count: usize) -> Result<Vec<PartnerId>> {
    let mut entered = Vec::new();
    for place in 0..count {
        let details = PartnerDetails {
            legal_name: format!("販売店{place}").parse()?,
            legal_name_kana: None,
            display_name_ja: None,
            display_name_en: None,
            corporate_number: None,
            invoice_registration_no: None,
            types: BTreeSet::new(),
            status: PartnerStatus::Active,
            parent: None,
            managers: BTreeSet::new(),
            crm_account_ref: None,
        };
        let partner = partners::create(ctx, Some(&format!("partner {place}")), details).await?.id;
        agree(ctx, place, partner).await?;
        entered.push(partner);
    }
    Ok(entered)
}

async fn agree(ctx: &RequestContext, place: usize, partner: PartnerId) -> Result<()> {
    let (number, today) = (format!("C-{place}"), date_in_tokyo(ctx.now));
    let txn = ctx.begin().await?;
    if contracts::first_under(&txn, &number).await?.is_some() {
        return Ok(());
    }
    let start = today - Days::new(365);
    let notice = NoticeTerms { notice_days: 90, auto_renew: true, renewal_term_months: 12 };
    let details = ContractDetails {
        partner,
        contract_type: ContractType::Reseller,
        number: number.parse()?,
        term: ContractTerm::new(start, start + Days::new(730))?,
        agreement: Agreement {
            terms: ContractTerms { products: ProductScope::all(), area: ContractArea::default(), notice },
            price_terms: None,
            payment_terms: None,
            termination_terms: None,
            clauses: Clauses::default(),
            shortfall_action: None,
            jurisdiction: None,
        },
    };
    contracts::enter_signed_in(&txn, ctx, details, start).await?;
    let territory = TerritoryAssignment {
        partner,
        prefectures: [prefecture(place)?].into(),
        industries: BTreeSet::new(),
        products: ProductScope::all(),
        named_accounts: BTreeSet::new(),
        is_exclusive: false,
        valid_from: start,
        valid_until: None,
    };
    territories::assign_in(&txn, ctx, territory).await?;
    Ok(txn.commit().await?)
}

fn prefecture(place: usize) -> Result<Prefecture> {
    Ok(format!("JP-{:02}", place % 47 + 1).parse()?)
}

async fn fill_accounts(services: &Services, arguments: &Arguments) -> Result<()> {
    let companies: Vec<Values> = (0..arguments.accounts).map(company).collect::<Result<_>>()?;
    let engine = services.mastering().engine(services.database.read()).await?;
    let masters = Masters {
        kind: RecordKind::Account,
        object: "Account",
        table: "golden_accounts",
        fields: &[
            account::name,
            account::corporate_number,
            account::phone,
            account::website,
            account::region,
            account::postal_code,
        ],
        values: &companies,
    };
    fill(&arguments.database, &engine, &masters).await
}

/// An invented company: some names are common, most are not; half have a number, most a web site.
fn company(place: usize) -> Result<Values> {
    let mut values = Values::new();
    values.set(account::name, &name(place))?;
    values.set(account::phone, &format!("03-{:04}-{:04}", place / 10_000 % 10_000, place % 10_000))?;
    values.set(account::region, PREFECTURES[place % PREFECTURES.len()])?;
    values.set(account::postal_code, &format!("{:07}", 1_000_000 + place * 7 % 8_999_999))?;
    if place.is_multiple_of(2) {
        values.set(account::corporate_number, &corporate_number(place))?;
    }
    if !place.is_multiple_of(5) {
        values.set(account::website, &format!("https://kaisha{place}.example.jp"))?;
    }
    Ok(values)
}

const PREFECTURES: [&str; 6] = ["東京都", "大阪府", "愛知県", "福岡県", "北海道", "宮城県"];
const FIRST: [&str; 20] = [
    "青葉", "若草", "朝日", "明星", "大和", "富士", "桜木", "緑川", "高砂", "白鳥", "瑞穂", "千歳", "松風",
    "竹内", "梅田", "鶴亀", "山吹", "紅葉", "藤波", "菊水",
];
const SECOND: [&str; 20] = [
    "電機", "精密", "化学", "食品", "運輸", "建設", "印刷", "物産", "薬品", "繊維", "金属", "木材", "石油",
    "硝子", "造船", "製紙", "通信", "情報", "計器", "農園",
];
const THIRD: [&str; 10] =
    ["工業", "商事", "産業", "販売", "サービス", "システム", "開発", "企画", "技研", "製作所"];

fn name(place: usize) -> String {
    let mixed = place.wrapping_mul(0x9E37_79B9) >> 3;
    let words = [FIRST[mixed % 20], SECOND[mixed / 20 % 20], THIRD[mixed / 400 % 10]].concat();
    match place % 4 {
        0 => format!("株式会社{words}"),
        kind => format!("{words}{}株式会社", mixed / 4_000 % (1_000 * kind)),
    }
}

fn corporate_number(place: usize) -> String {
    let body = format!("{:012}", 10_000_000_000 + place);
    let digits = body.bytes().rev().map(|it| usize::from(it - b'0'));
    let sum: usize = digits.enumerate().map(|(place, it)| it * (1 + place % 2)).sum();
    format!("{}{body}", 9 - sum % 9)
}

/// The account that the registration at a place is about.
fn claimed(place: usize, arguments: &Arguments) -> usize {
    place * 7 % arguments.accounts
}

const REGISTRATIONS: &str = "deal_registrations (id, version, partner_id, status, company_name, company_corporate_number, \
    claimed_id, account_id, products, deal_type, amount_minor, currency, priority_time, submission_seq, protected_from, \
    expires_at, extensions, created_at, created_by, updated_at)";
const OPPORTUNITIES: &str =
    "golden_opportunities (id, version, created_at, updated_at, name, account_id, is_closed)";

/// Registrations, every twentieth about a company that the CRM does not know, and opportunities of direct sales.
async fn fill_claims(arguments: &Arguments, partners: &[PartnerId], now: DateTime<Utc>) -> Result<()> {
    let mut store = PgConnection::connect(&arguments.database).await?;
    let count = arguments.registrations;
    let says = |place: usize| match place % 20 {
        0 => company(arguments.accounts + place),
        _ => company(claimed(place, arguments)),
    };
    let says: Vec<Values> = (0..count).map(says).collect::<Result<_>>()?;
    let row = |place: usize| {
        let (own, begun) = (id(4, place), now - TimeDelta::minutes(place as i64));
        let account = golden_id(claimed(place, arguments)).to_string();
        let known = !place.is_multiple_of(20);
        let claim = if known { account.clone() } else { own.to_string() };
        let status = if place.is_multiple_of(3) { "UNDER_REVIEW" } else { "APPROVED" };
        let [account, number] =
            [known.then_some(account), says[place].text(account::corporate_number).map(str::to_owned)]
                .map(|it| it.unwrap_or_else(|| "\\N".to_owned()));
        let name = escaped(says[place].text(account::name).unwrap_or_default());
        let partner = partners[place % partners.len()];
        let until = now + TimeDelta::days(90);
        format!(
            "{own}\t5\t{partner}\t{status}\t{name}\t{number}\t{claim}\t{account}\tX\tNEW\t1200000\tJPY\t{begun}\t{place}\t\
             {begun}\t{until}\t0\t{begun}\tbench\t{begun}\n"
        )
    };
    copy(&mut store, REGISTRATIONS, count, row).await?;
    let keys = says.iter().enumerate().flat_map(|(place, it)| {
        let keys = blocking::company_keys(&Features::of(RecordKind::Account, it, None));
        keys.into_iter().map(move |key| (key.0, id(4, place)))
    });
    let keys: Vec<_> = keys.collect();
    copy(&mut store, "registration_keys", keys.len(), |at| format!("{}\t{}\n", keys[at].0, keys[at].1))
        .await?;
    let opportunity = |place: usize| {
        let account = golden_id(place * 11 % arguments.accounts);
        format!("{}\t1\t{now}\t{now}\t直販\t{account}\tf\n", id(5, place))
    };
    copy(&mut store, OPPORTUNITIES, count, opportunity).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut store).await?;
    Ok(store.close().await?)
}

async fn measure(services: &Services, arguments: &Arguments, partners: &[PartnerId]) -> Result<()> {
    let (mut took, before) = (Vec::with_capacity(arguments.checks), services.database.statements());
    for place in 0..arguments.checks {
        let (partner, details) = (partners[place % partners.len()], asked(place, arguments)?);
        // Each by somebody else: one user may ask thirty times in an hour.
        let ctx = services.context_of(&format!("bench {} {place}", std::process::id()));
        let started = Instant::now();
        conflicts::check(&ctx, Some(partner), &details).await?;
        took.push(started.elapsed());
    }
    say_spread(took, services.database.statements() - before);
    Ok(())
}

/// What a partner asks: by name alone, by number, by telephone, and about a company that nobody knows.
fn asked(place: usize, arguments: &Arguments) -> Result<RegistrationDetails> {
    let of = match place % 4 {
        3 => arguments.accounts * 2 + place,
        1 => claimed(place * 13, arguments),
        _ => place * 104_729 % arguments.accounts,
    };
    let known = company(of)?;
    let text = |field| known.text(field).map(str::to_owned);
    let company = Company {
        name: name(of).replace("株式会社", "㈱").parse()?,
        corporate_number: match place % 4 {
            1 => text(account::corporate_number).map(|it| it.parse()).transpose()?,
            _ => None,
        },
        phone: if place % 4 == 2 { text(account::phone) } else { None },
        website: None,
        postal_code: None,
        prefecture: None,
        industry: None,
    };
    Ok(RegistrationDetails {
        company: company.checked()?,
        lead: None,
        products: ["X".to_owned()].into(),
        deal_type: Some(DealType::New),
        amount: None,
        expected_close: None,
        site_prefecture: Some(prefecture(place)?),
        customer_choice_document: None,
    })
}
