//! Leads: people who asked, some of them twice, some of them only alike.

use std::collections::HashSet;

use super::companies::Company;
use super::companies_text::without_legal_form;
use super::crm::Opportunity;
use super::dice;
use super::dice::{Dice, Stream};
use super::duplicates;
use super::people::{Person, Taken, named, person};
use super::users::{FIRST_OWNER, OWNERS};
use crate::org::schema::picklists;

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
    pub(super) industry: String,
    pub(super) status: &'static str,
    pub(super) source: &'static str,
    pub(super) rating: &'static str,
    pub(super) score: u64,
    pub(super) has_consent: bool,
    pub(super) owner: u32,
    pub(super) created_at: i64,
    pub(super) modified_at: i64,
    pub(super) system_modstamp: i64,
    /// Place among the opportunities, when converted.
    pub(super) converted: Option<Conversion>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Conversion {
    pub(super) company: usize,
    pub(super) contact: usize,
    pub(super) opportunity: usize,
}

/// The external id of the lead at a place.
pub(super) fn external_id(place: usize) -> String {
    format!("L-{:06}", place + 1)
}

/// Makes the leads of a demo org one by one and hands each over with its place, from 0. They come in
/// no order, so that a duplicate lies anywhere; none is kept, as there may be 200,000.
pub(super) fn each(
    companies: &[Company],
    contacts: &[Person],
    opportunities: &[Opportunity],
    count: usize,
    seed: u64,
    mut take: impl FnMut(usize, Lead),
) {
    let mut places: Vec<usize> = (0..count).collect();
    dice(seed, Stream::Order).shuffle(&mut places);
    let mut places = places.into_iter();
    let mut hand_over = |lead: Lead| places.next().map(|place| take(place, lead)).is_some();
    let mut maker = Maker {
        dice: dice(seed, Stream::Leads),
        companies,
        taken: Taken::by(contacts),
        known: Vec::new(),
        people: 0,
    };
    // One lead became one contact, even if that contact has several deals.
    let mut contacts_met = HashSet::new();
    let converted =
        opportunities.iter().enumerate().step_by(9).filter(|(_, it)| contacts_met.insert(it.contact));
    for (place, it) in converted.take(count / 25) {
        let (lead, _) = maker.converted(&contacts[it.contact], place, it);
        hand_over(lead);
    }
    loop {
        let (first, person) = maker.first();
        let mut again = maker.dice.percent(DOUBLED_PERCENT);
        while again {
            if !hand_over(maker.duplicate(&first, &person)) {
                return;
            }
            again = maker.dice.percent(TRIPLED_PERCENT);
        }
        if !hand_over(first) {
            return;
        }
    }
}

/// Makes leads and remembers some of the people behind them.
struct Maker<'a> {
    dice: Dice,
    companies: &'a [Company],
    taken: Taken,
    /// Those of whom someone alike may come; older ones give way.
    known: Vec<Person>,
    people: u32,
}

/// What subsidiaries are called after their parent, in names and in domains.
const SUBSIDIARIES: &[(&str, &str)] = &[
    ("販売", "sales"),
    ("北海道", "hokkaido"),
    ("九州", "kyushu"),
    ("サービス", "service"),
    ("テクノロジーズ", "tech"),
    ("ロジスティクス", "logi"),
];

/// How many people are remembered.
const MOST_KNOWN: usize = 4_096;

impl Maker<'_> {
    /// The first lead of someone new: mostly a stranger, at times only alike to someone known.
    fn first(&mut self) -> (Lead, Person) {
        let place = self.dice.index(self.companies.len());
        let kind = if self.known.is_empty() { 99 } else { self.dice.below(100) };
        match kind {
            0..4 => self.namesake(place),
            4..10 => self.colleague(),
            10..12 => self.role_mailbox(place),
            12..15 => self.at_subsidiary(),
            _ => self.stranger(place),
        }
    }

    fn stranger(&mut self, place: usize) -> (Lead, Person) {
        let person = person(&mut self.dice, &mut self.taken, self.companies, place);
        self.lead_of(person)
    }

    /// The same name at another company: somebody else.
    fn namesake(&mut self, place: usize) -> (Lead, Person) {
        let known = self.known();
        if !self.taken.take(place, known.family, known.given) {
            return self.stranger(place);
        }
        let person = named(&mut self.dice, self.companies, place, known.family, known.given);
        self.lead_of(person)
    }

    /// Same company, often the same family name: somebody else.
    fn colleague(&mut self) -> (Lead, Person) {
        let known = self.known();
        let place = known.company;
        let other = person(&mut self.dice, &mut self.taken, self.companies, place);
        let is_relative = self.dice.percent(50) && self.taken.take(place, known.family, other.given);
        let other = match is_relative {
            true => named(&mut self.dice, self.companies, place, known.family, other.given),
            false => other,
        };
        self.lead_of(other)
    }

    /// Writes from a mailbox the whole office shares.
    fn role_mailbox(&mut self, place: usize) -> (Lead, Person) {
        let person = person(&mut self.dice, &mut self.taken, self.companies, place);
        let (mut lead, person) = self.lead_of(person);
        let role = self.dice.pick(&["info", "sales", "contact", "soumu"]);
        lead.email = format!("{role}@{}", self.companies[place].domain);
        lead.mobile.clear();
        (lead, person)
    }

    /// A namesake at a subsidiary, whose name is nearly the parent's: somebody else.
    fn at_subsidiary(&mut self) -> (Lead, Person) {
        let known = self.known();
        let kind = self.dice.index(SUBSIDIARIES.len());
        // Subsidiaries come after the companies of the sample, so that names are kept apart there too.
        let subsidiary = self.companies.len() * (kind + 1) + known.company;
        if !self.taken.take(subsidiary, known.family, known.given) {
            return self.stranger(known.company);
        }
        let person = named(&mut self.dice, self.companies, known.company, known.family, known.given);
        let (mut lead, person) = self.lead_of(person);
        let (parent, form) = without_legal_form(&lead.company);
        let (suffix, word) = SUBSIDIARIES[kind];
        lead.company = match form {
            Some((form, true)) => format!("{form}{parent}{suffix}"),
            _ => format!("{parent}{suffix}株式会社"),
        };
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
        (lead, person)
    }

    fn converted(&mut self, contact: &Person, place: usize, opportunity: &Opportunity) -> (Lead, Person) {
        let (mut lead, person) = self.lead_of(contact.clone());
        lead.status = picklists::CONVERTED_STATUS;
        let (company, contact) = (opportunity.company, opportunity.contact);
        lead.converted = Some(Conversion { company, contact, opportunity: place });
        (lead, person)
    }

    fn duplicate(&mut self, first: &Lead, person: &Person) -> Lead {
        let mut copy = first.clone();
        duplicates::retype(&mut self.dice, &mut copy, person, &self.companies[person.company]);
        let dice = &mut self.dice;
        copy.owner = FIRST_OWNER + dice.below(OWNERS.into()) as u32;
        copy.source = dice.pick(picklists::LEAD_SOURCES);
        copy.score = dice.below(101);
        self.restamp(&mut copy);
        copy
    }

    fn known(&mut self) -> Person {
        let place = self.dice.index(self.known.len());
        self.known[place].clone()
    }

    fn lead_of(&mut self, person: Person) -> (Lead, Person) {
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
            person: self.people + 1,
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
        self.people += 1;
        if self.known.len() < MOST_KNOWN {
            self.known.push(person.clone());
        } else {
            self.known[self.people as usize % MOST_KNOWN] = person.clone();
        }
        self.restamp(&mut lead);
        (lead, person)
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::demo::{companies, crm, people};

    #[test]
    fn a_mailbox_belongs_to_one_person_unless_an_office_shares_it() {
        let companies = companies::all();
        let contacts = people::contacts(&companies, 1);
        let opportunities = crm::opportunities(&companies, &contacts, 20_000, 1);
        let mut owners: HashMap<String, u32> = HashMap::new();
        let mut shared = 0;
        each(&companies, &contacts, &opportunities, 20_000, 1, |_, lead| {
            let mailbox = lead.email.to_lowercase();
            let is_role = ["info@", "sales@", "contact@", "soumu@"].iter().any(|it| mailbox.starts_with(it));
            if mailbox.is_empty() || is_role {
                return;
            }
            let owner = *owners.entry(mailbox).or_insert(lead.person);
            shared += usize::from(owner != lead.person);
        });
        // Typing errors can make one mailbox into another's.
        assert!(shared < 4, "{shared} mailboxes have two owners");
    }
}
