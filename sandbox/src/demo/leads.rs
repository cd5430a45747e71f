//! Leads: people who asked, some of them twice, some of them only alike.

use super::account_number;
use super::companies::Company;
use super::companies_text::without_legal_form;
use super::crm::Opportunity;
use super::dice;
use super::dice::{Dice, Stream};
use super::duplicates;
use super::people::{Person, named, person};
use super::rows::{Columns, date, id, stamps, text};
use super::users::{FIRST_OWNER, OWNERS};
use crate::org::Org;
use crate::org::schema::{Object, picklists};
use crate::org::value::Value;

/// Of a hundred first leads so many get a second one; makes about 15 % of all leads duplicates.
const DOUBLED_PERCENT: u32 = 15;
/// Of a hundred duplicates so many have another one after them.
const TRIPLED_PERCENT: u32 = 15;

/// A lead as someone typed it.
#[derive(Debug, Clone)]
pub(super) struct Lead {
    /// Who it really is.
    pub(super) person: u32,
    /// The person's company in the sample; `None` for its subsidiaries.
    pub(super) home: Option<usize>,
    pub(super) last_name: String,
    pub(super) first_name: String,
    pub(super) last_kana: String,
    pub(super) first_kana: String,
    pub(super) title: String,
    pub(super) company: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) mobile: String,
    pub(super) website: String,
    pub(super) street: String,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) postal_code: String,
    pub(super) corporate_number: String,
    industry: String,
    status: &'static str,
    source: &'static str,
    rating: &'static str,
    score: u64,
    has_consent: bool,
    owner: u32,
    created_at: i64,
    modified_at: i64,
    system_modstamp: i64,
    /// Place among the opportunities, when converted.
    converted: Option<Conversion>,
}

#[derive(Debug, Clone, Copy)]
struct Conversion {
    company: usize,
    contact: usize,
    opportunity: usize,
}

/// The external id of the lead at a place.
pub(super) fn external_id(place: usize) -> String {
    format!("L-{:06}", place + 1)
}

/// The leads of a demo org, in the order of their numbers.
pub(super) fn all(
    companies: &[Company],
    contacts: &[Person],
    opportunities: &[Opportunity],
    count: usize,
    seed: u64,
) -> Vec<Lead> {
    let mut maker = Maker { dice: dice(seed, Stream::Leads), companies, people: Vec::new() };
    let mut leads: Vec<Lead> = Vec::with_capacity(count + 4);
    let converted = opportunities.iter().enumerate().step_by(9).take(count / 25);
    leads.extend(converted.map(|(place, it)| maker.converted(&contacts[it.contact], place, it)));
    while leads.len() < count {
        let first = maker.first();
        let mut again = maker.dice.percent(DOUBLED_PERCENT);
        let mut copies = Vec::new();
        while again {
            copies.push(maker.duplicate(&first));
            again = maker.dice.percent(TRIPLED_PERCENT);
        }
        leads.push(first);
        leads.extend(copies);
    }
    leads.truncate(count);
    dice(seed, Stream::Order).shuffle(&mut leads);
    leads
}

pub(super) fn seed(org: &mut Org, leads: &[Lead]) {
    let columns = Columns::new(
        Object::Lead,
        [
            "LastName",
            "FirstName",
            "LastNameKana__c",
            "FirstNameKana__c",
            "Title",
            "Company",
            "Email",
            "Phone",
            "MobilePhone",
            "Website",
            "Street",
            "City",
            "State",
            "PostalCode",
            "Country",
            "Corporate_Number__c",
            "Industry",
            "Status",
            "LeadSource",
            "Rating",
            "Score__c",
            "Consent_To_Share__c",
            "OwnerId",
            "External_Id__c",
            "IsConverted",
            "ConvertedDate",
            "ConvertedAccountId",
            "ConvertedContactId",
            "ConvertedOpportunityId",
        ],
    );
    for (place, it) in leads.iter().enumerate() {
        let conversion = it.converted;
        let values = [
            text(&it.last_name),
            text(&it.first_name),
            text(&it.last_kana),
            text(&it.first_kana),
            text(&it.title),
            text(&it.company),
            text(&it.email),
            text(&it.phone),
            text(&it.mobile),
            text(&it.website),
            text(&it.street),
            text(&it.city),
            text(&it.state),
            text(&it.postal_code),
            text(if it.city.is_empty() { "" } else { "日本" }),
            text(&it.corporate_number),
            text(&it.industry),
            text(it.status),
            text(it.source),
            text(it.rating),
            Value::Number(it.score as f64),
            Value::Bool(it.has_consent),
            id(Object::User, it.owner),
            text(&external_id(place)),
            Value::Bool(conversion.is_some()),
            conversion.map_or(Value::Null, |_| date(it.modified_at)),
            conversion.map_or(Value::Null, |it| id(Object::Account, account_number(it.company))),
            conversion.map_or(Value::Null, |it| id(Object::Contact, it.contact as u32 + 1)),
            conversion.map_or(Value::Null, |it| id(Object::Opportunity, it.opportunity as u32 + 1)),
        ];
        let stamps = stamps((it.created_at, it.owner), (it.modified_at, it.owner), it.system_modstamp);
        columns.put(org, place as u32 + 1, stamps, values);
    }
}

/// Makes leads and remembers the people behind them.
struct Maker<'a> {
    dice: Dice,
    companies: &'a [Company],
    people: Vec<Person>,
}

impl Maker<'_> {
    /// The first lead of someone new: mostly a stranger, at times only alike to someone known.
    fn first(&mut self) -> Lead {
        let place = self.dice.index(self.companies.len());
        let kind = if self.people.is_empty() { 99 } else { self.dice.below(100) };
        match kind {
            0..4 => self.namesake(place),
            4..10 => self.colleague(),
            10..12 => self.role_mailbox(place),
            12..15 => self.at_subsidiary(),
            _ => {
                let person = person(&mut self.dice, self.companies, place);
                self.lead_of(person)
            }
        }
    }

    /// The same name at another company: somebody else.
    fn namesake(&mut self, place: usize) -> Lead {
        let known = self.known();
        let elsewhere = if place == known.company { (place + 1) % self.companies.len() } else { place };
        let person = named(&mut self.dice, self.companies, elsewhere, known.family, known.given);
        self.lead_of(person)
    }

    /// Same company, often the same family name: somebody else.
    fn colleague(&mut self) -> Lead {
        let known = self.known();
        let mut other = person(&mut self.dice, self.companies, known.company);
        if self.dice.percent(50) && other.given.0 != known.given.0 {
            other = named(&mut self.dice, self.companies, known.company, known.family, other.given);
        }
        self.lead_of(other)
    }

    /// Writes from a mailbox the whole office shares.
    fn role_mailbox(&mut self, place: usize) -> Lead {
        let person = person(&mut self.dice, self.companies, place);
        let mut lead = self.lead_of(person);
        let role = self.dice.pick(&["info", "sales", "contact", "soumu"]);
        lead.email = format!("{role}@{}", self.companies[place].domain);
        lead.mobile.clear();
        lead
    }

    /// A namesake at a subsidiary, whose name is nearly the parent's: somebody else.
    fn at_subsidiary(&mut self) -> Lead {
        let known = self.known();
        let person = named(&mut self.dice, self.companies, known.company, known.family, known.given);
        let mut lead = self.lead_of(person);
        let (parent, form) = without_legal_form(&lead.company);
        let suffix =
            self.dice.pick(&["販売", "北海道", "九州", "サービス", "テクノロジーズ", "ロジスティクス"]);
        lead.company = match form {
            Some((form, true)) => format!("{form}{parent}{suffix}"),
            _ => format!("{parent}{suffix}株式会社"),
        };
        let word = ["sales", "hokkaido", "kyushu", "service", "tech", "logi"][self.dice.index(6)];
        lead.email = lead.email.replace('@', &format!("@{word}."));
        lead.website = lead.website.replace("www.", &format!("www.{word}."));
        lead.phone = format!(
            "0{}-0{}-{:04}",
            120 + self.dice.below(800),
            self.dice.below(10),
            self.dice.below(10_000)
        );
        lead.home = None;
        lead.corporate_number.clear();
        lead.street.clear();
        lead.city.clear();
        lead.state.clear();
        lead.postal_code.clear();
        lead
    }

    fn converted(&mut self, contact: &Person, place: usize, opportunity: &Opportunity) -> Lead {
        let mut lead = self.lead_of(contact.clone());
        lead.status = picklists::CONVERTED_STATUS;
        let (company, contact) = (opportunity.company, opportunity.contact);
        lead.converted = Some(Conversion { company, contact, opportunity: place });
        lead
    }

    fn duplicate(&mut self, first: &Lead) -> Lead {
        let mut copy = first.clone();
        let person = self.people[first.person as usize - 1].clone();
        duplicates::retype(&mut self.dice, &mut copy, &person, &self.companies[person.company]);
        let dice = &mut self.dice;
        copy.owner = FIRST_OWNER + dice.below(OWNERS.into()) as u32;
        copy.source = dice.pick(picklists::LEAD_SOURCES);
        copy.score = dice.below(101);
        self.restamp(&mut copy);
        copy
    }

    fn known(&mut self) -> Person {
        let place = self.dice.index(self.people.len());
        self.people[place].clone()
    }

    fn lead_of(&mut self, person: Person) -> Lead {
        let company = &self.companies[person.company];
        let dice = &mut self.dice;
        let keep = |dice: &mut Dice, percent, text: &str| {
            if dice.percent(percent) { text.to_owned() } else { String::new() }
        };
        let has_address = dice.percent(55);
        let address = |text: &str| if has_address { text.to_owned() } else { String::new() };
        let has_kana = dice.percent(70);
        let kana = |text: &str| if has_kana { text.to_owned() } else { String::new() };
        let mut lead = Lead {
            person: self.people.len() as u32 + 1,
            home: Some(person.company),
            last_name: person.family.0.to_owned(),
            first_name: person.given.0.to_owned(),
            last_kana: kana(person.family.1),
            first_kana: kana(person.given.1),
            title: keep(dice, 60, person.title),
            company: company.name.clone(),
            email: keep(dice, 92, &person.mailbox),
            phone: keep(dice, 80, &company.phone),
            mobile: keep(dice, 40, &person.mobile),
            website: keep(dice, 45, &format!("https://www.{}/", company.domain)),
            street: address(&company.address.street),
            city: address(&company.address.city),
            state: address(company.address.state.as_deref().unwrap_or_default()),
            postal_code: address(&company.postal_code),
            corporate_number: keep(dice, 15, &company.corporate_number),
            industry: keep(dice, 70, &company.industry),
            status: picklists::LEAD_STATUSES[[0, 0, 1, 1, 3][dice.index(5)]],
            source: dice.pick(picklists::LEAD_SOURCES),
            rating: if dice.percent(50) { dice.pick(picklists::RATINGS) } else { "" },
            score: dice.below(101),
            has_consent: dice.percent(65),
            owner: FIRST_OWNER + dice.below(OWNERS.into()) as u32,
            created_at: 0,
            modified_at: 0,
            system_modstamp: 0,
            converted: None,
        };
        self.people.push(person);
        self.restamp(&mut lead);
        lead
    }

    fn restamp(&mut self, lead: &mut Lead) {
        lead.created_at = self.dice.instant();
        let is_touched = self.dice.percent(60);
        lead.modified_at =
            if is_touched { self.dice.instant_after(lead.created_at) } else { lead.created_at };
        let by_system = self.dice.percent(5);
        lead.system_modstamp =
            if by_system { self.dice.instant_after(lead.modified_at) } else { lead.modified_at };
    }
}
