//! Campaigns, accounts, contacts and opportunities.

use super::companies::Company;
use super::dice::{Dice, Stream};
use super::people::Person;
use super::rows::{Columns, date, id, stamps, text};
use super::users::{FIRST_OWNER, OWNERS};
use super::{account_number, dice};
use crate::org::Org;
use crate::org::schema::{Object, picklists};
use crate::org::value::Value;

const CAMPAIGNS: &[(&str, &str)] = &[
    ("製造DXウェビナー", "Webinar"),
    ("パートナー合同セミナー", "Partners"),
    ("クラウド活用展", "Trade Show"),
    ("新製品発表会", "Conference"),
    ("既存顧客向けメール", "Email"),
    ("業務効率化セミナー", "Webinar"),
    ("地域商談会", "Trade Show"),
    ("比較サイト広告", "Advertisement"),
];
const LEAST_OPPORTUNITIES: usize = 800;
const MOST_OPPORTUNITIES: usize = 20_000;
const DAY: i64 = 86_400;

/// A deal, before it becomes a record.
#[derive(Debug, Clone)]
pub(super) struct Opportunity {
    pub(super) company: usize,
    /// Place among the contacts.
    pub(super) contact: usize,
    pub(super) stage: &'static str,
    pub(super) name: String,
    amount: f64,
    deal_type: &'static str,
    loss_reason: Option<&'static str>,
    lead_source: &'static str,
    campaign: u32,
    owner: u32,
    created_at: i64,
    modified_at: i64,
    close_at: i64,
}

/// The deals of a demo org of so many leads, in the order of their numbers.
pub(super) fn opportunities(
    companies: &[Company],
    contacts: &[Person],
    leads: usize,
    seed: u64,
) -> Vec<Opportunity> {
    let mut dice = dice(seed, Stream::Opportunities);
    let count = (leads / 20).clamp(LEAST_OPPORTUNITIES, MOST_OPPORTUNITIES);
    (0..count).map(|_| opportunity(&mut dice, companies, contacts)).collect()
}

pub(super) fn seed_campaigns(org: &mut Org, seed: u64) {
    let mut dice = dice(seed, Stream::Campaigns);
    let columns = Columns::new(
        Object::Campaign,
        [
            "Name",
            "Type",
            "Status",
            "StartDate",
            "EndDate",
            "IsActive",
            "BudgetedCost",
            "OwnerId",
            "External_Id__c",
        ],
    );
    let names = ["2025年度上期", "2025年度下期", "2026年度上期"];
    let both = names.into_iter().flat_map(|term| CAMPAIGNS.iter().map(move |it| (term, it)));
    for (place, (term, (name, kind))) in both.enumerate() {
        let start = dice.instant();
        let is_over = place < 2 * CAMPAIGNS.len();
        let values = [
            text(&format!("{term} {name}")),
            text(kind),
            text(if is_over { "Completed" } else { "In Progress" }),
            date(start),
            date(start + 30 * DAY),
            Value::Bool(!is_over),
            Value::Number((dice.below(50) * 100_000) as f64),
            owner(&mut dice),
            text(&format!("C-{:04}", place + 1)),
        ];
        columns.put(org, place as u32 + 1, stamps((start, 2), (start, 2), start), values);
    }
}

/// How many campaigns [`seed_campaigns`] makes.
pub(super) const fn campaign_count() -> u32 {
    CAMPAIGNS.len() as u32 * 3
}

pub(super) fn seed_accounts(org: &mut Org, companies: &[Company], seed: u64) {
    let mut dice = dice(seed, Stream::Accounts);
    let columns = Columns::new(
        Object::Account,
        [
            "Name",
            "Type",
            "BillingStreet",
            "BillingCity",
            "BillingState",
            "BillingPostalCode",
            "BillingCountry",
            "Phone",
            "Website",
            "Industry",
            "AnnualRevenue",
            "NumberOfEmployees",
            "Ownership",
            "OwnerId",
            "External_Id__c",
            "Corporate_Number__c",
            "NameKana__c",
            "NameEn__c",
            "AccountSource",
        ],
    );
    for (place, company) in companies.iter().enumerate() {
        let capital = company.capital_million_jpy.unwrap_or(10.0);
        let values = [
            text(&company.name),
            text(dice.pick(picklists::ACCOUNT_TYPES)),
            text(&company.address.street),
            text(&company.address.city),
            company.address.state.as_deref().map_or(Value::Null, text),
            text(&company.postal_code),
            text("日本"),
            text(&company.phone),
            text(&format!("https://www.{}", company.domain)),
            text(&company.industry),
            Value::Number(capital * 1_000_000.0 * (1 + dice.below(9)) as f64),
            Value::Number(20.0 + capital.sqrt().floor() * (1 + dice.below(8)) as f64),
            text(if company.is_listed { "Public" } else { "Private" }),
            owner(&mut dice),
            text(&format!("A-{:05}", place + 1)),
            text(&company.corporate_number),
            text(&company.kana),
            text(&company.name_en),
            text(dice.pick(picklists::LEAD_SOURCES)),
        ];
        let created = dice.instant();
        let modified = dice.instant_after(created);
        let editor = FIRST_OWNER + dice.below(OWNERS.into()) as u32;
        columns.put(org, account_number(place), stamps((created, 1), (modified, editor), modified), values);
    }
}

pub(super) fn seed_contacts(org: &mut Org, companies: &[Company], contacts: &[Person], seed: u64) {
    let mut dice = dice(seed, Stream::ContactRows);
    let columns = Columns::new(
        Object::Contact,
        [
            "AccountId",
            "LastName",
            "FirstName",
            "Email",
            "Phone",
            "MobilePhone",
            "Title",
            "Department",
            "OwnerId",
            "LeadSource",
            "MailingStreet",
            "MailingCity",
            "MailingState",
            "MailingPostalCode",
            "External_Id__c",
            "LastNameKana__c",
            "FirstNameKana__c",
        ],
    );
    for (place, person) in contacts.iter().enumerate() {
        let company = &companies[person.company];
        let has_mobile = dice.percent(60);
        let values = [
            id(Object::Account, account_number(person.company)),
            text(person.family.0),
            text(person.given.0),
            text(&person.mailbox),
            text(&company.phone),
            if has_mobile { text(&person.mobile) } else { Value::Null },
            text(person.title),
            text(person.department),
            owner(&mut dice),
            text(dice.pick(picklists::LEAD_SOURCES)),
            text(&company.address.street),
            text(&company.address.city),
            company.address.state.as_deref().map_or(Value::Null, text),
            text(&company.postal_code),
            text(&format!("P-{:05}", place + 1)),
            text(person.family.1),
            text(person.given.1),
        ];
        let created = dice.instant();
        let modified = dice.instant_after(created);
        let editor = FIRST_OWNER + dice.below(OWNERS.into()) as u32;
        columns.put(org, place as u32 + 1, stamps((created, editor), (modified, editor), modified), values);
    }
}

pub(super) fn seed_opportunities(org: &mut Org, opportunities: &[Opportunity]) {
    let columns = Columns::new(
        Object::Opportunity,
        [
            "AccountId",
            "ContactId",
            "Name",
            "StageName",
            "Amount",
            "CloseDate",
            "Type",
            "LeadSource",
            "CampaignId",
            "OwnerId",
            "CurrencyIsoCode",
            "External_Id__c",
            "Loss_Reason__c",
            "Deal_Type__c",
        ],
    );
    for (place, it) in opportunities.iter().enumerate() {
        let values = [
            id(Object::Account, account_number(it.company)),
            id(Object::Contact, it.contact as u32 + 1),
            text(&it.name),
            text(it.stage),
            Value::Number(it.amount),
            date(it.close_at),
            text(if it.deal_type == "NEW" { "New Business" } else { "Existing Business" }),
            text(it.lead_source),
            if it.campaign == 0 { Value::Null } else { id(Object::Campaign, it.campaign) },
            id(Object::User, it.owner),
            text("JPY"),
            text(&format!("O-{:06}", place + 1)),
            it.loss_reason.map_or(Value::Null, text),
            text(it.deal_type),
        ];
        let stamps = stamps((it.created_at, it.owner), (it.modified_at, it.owner), it.modified_at);
        columns.put(org, place as u32 + 1, stamps, values);
    }
}

fn opportunity(dice: &mut Dice, companies: &[Company], contacts: &[Person]) -> Opportunity {
    let contact = dice.index(contacts.len());
    let company = contacts[contact].company;
    let stage = match dice.below(100) {
        0..30 => "Closed Won",
        30..52 => "Closed Lost",
        _ => dice.pick(&picklists::STAGE_NAMES[..8]),
    };
    let deal_type = picklists::DEAL_TYPES[dice.weighted([6u32, 3, 2].into_iter())];
    let product = dice.pick(&[
        "基幹システム刷新",
        "クラウド移行",
        "保守更新",
        "分析基盤",
        "セキュリティ強化",
        "端末入替",
    ]);
    let created_at = dice.instant();
    let modified_at = dice.instant_after(created_at);
    let close_at = match stage {
        "Closed Won" | "Closed Lost" => modified_at,
        _ => modified_at + (10 + dice.below(170) as i64) * DAY,
    };
    let name: String = companies[company].name.chars().take(100).collect();
    Opportunity {
        company,
        contact,
        stage,
        name: format!("{name} {product}"),
        amount: amount(dice),
        deal_type,
        loss_reason: (stage == "Closed Lost").then(|| dice.pick(picklists::LOSS_REASONS)),
        lead_source: dice.pick(picklists::LEAD_SOURCES),
        campaign: if dice.percent(40) { 1 + dice.below(campaign_count().into()) as u32 } else { 0 },
        owner: FIRST_OWNER + dice.below(OWNERS.into()) as u32,
        created_at,
        modified_at,
        close_at,
    }
}

/// Whole yen; a few deals are large.
fn amount(dice: &mut Dice) -> f64 {
    let unit = if dice.percent(10) { 1_000_000 } else { 100_000 };
    ((3 + dice.below(97)) * unit) as f64
}

fn owner(dice: &mut Dice) -> Value {
    id(Object::User, FIRST_OWNER + dice.below(OWNERS.into()) as u32)
}
