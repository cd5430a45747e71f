//! What a record offers for comparing: all keys, computed once.

use domain::corporate_number::CorporateNumber;
use domain::fields::{Field, RecordKind, account, contact, lead};
use domain::ids::GoldenId;
use domain::sources::Values;
use smol_str::{SmolStr, ToSmolStr as _};

use crate::normalise::company::CompanyName;
use crate::normalise::contact::postal_code;
use crate::normalise::country::calling_code;
use crate::normalise::mailbox::Mailbox;
use crate::normalise::person::{PersonName, WrittenName};
use crate::normalise::phone::{self, Line};
use crate::normalise::street::{Street, town};
use crate::normalise::{place, web_domain};

/// The keys of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// What the record describes.
    pub kind: RecordKind,
    /// Who it is about; `None` for accounts and for leads that point to nobody.
    pub person: Option<Person>,
    /// The account it is, or the company it names.
    pub organisation: Organisation,
}

/// What identifies a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: Option<PersonName>,
    /// A mailbox of one's own; a role's mailbox is no person's.
    pub email: Option<Mailbox>,
    /// Lines, without those that say nothing about who answers.
    pub phones: Vec<Line>,
    /// Where letters reach the person.
    pub address: Address,
}

/// An address, at work or at home.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Street and number; in Japanese the town too.
    pub street: Option<Street>,
    /// The city in its shortest form, without spaces; may be empty.
    pub city: SmolStr,
    /// Digits and letters of the postal code.
    pub postal_code: Option<SmolStr>,
    /// Number of the prefecture, or the region in folded form; may be empty.
    pub region: SmolStr,
}

/// What identifies an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The golden account, where it is known already.
    pub account: Option<GoldenId>,
    /// The name, then the name in English, if there is one.
    pub names: Vec<CompanyName>,
    /// The loose key of the name's reading.
    pub kana: Option<SmolStr>,
    /// 法人番号; a wrong one gives no evidence.
    pub corporate_number: Option<CorporateNumber>,
    /// Registrable domains of its web site and of a personal company mailbox.
    pub domains: Vec<SmolStr>,
    /// E.164, of a land line.
    pub phone: Option<SmolStr>,
    /// Address of a contact's personal mailbox.
    pub email: Option<SmolStr>,
    /// Digits and letters of the postal code.
    pub postal_code: Option<SmolStr>,
    /// JIS X 0401.
    pub prefecture: Option<u8>,
}

/// A record as far as it says something: the canonical text of its fields.
pub trait Said {
    /// The value, if there is one.
    fn text(&self, field: Field) -> Option<&str>;
}

impl Said for Values {
    fn text(&self, field: Field) -> Option<&str> {
        self.text(field)
    }
}

impl Features {
    /// The keys of a record. `account` is the golden account it is known to belong to.
    pub fn of(kind: RecordKind, said: &dyn Said, account: Option<GoldenId>) -> Self {
        let (person, organisation) = match kind {
            RecordKind::Account => (None, organisation(said, &ACCOUNT, Reach::of(said, &ACCOUNT_PLACE))),
            RecordKind::Contact => {
                let lines = phone::lines(said.text(contact::phone).unwrap_or_default(), None);
                let reach = Reach { lines, ..Reach::default() };
                (Some(person(said, &CONTACT_PERSON, &reach)), Organisation::default())
            }
            RecordKind::Lead => {
                let reach = Reach::of(said, &LEAD_PLACE);
                let person = person(said, &LEAD_PERSON, &reach);
                let company = lead_company(said, reach, person.email.as_ref());
                (Some(person), company)
            }
            RecordKind::Opportunity => (None, Organisation::default()),
        };
        let person = person.filter(Person::is_somebody);
        Self { kind, person, organisation: Organisation { account, ..organisation } }
    }
}

impl Person {
    /// Whether anything points to one person. A land line rings at a company.
    fn is_somebody(&self) -> bool {
        self.name.is_some() || self.email.is_some() || self.phones.iter().any(Line::is_mobile)
    }
}

/// Which fields of a record tell where it is to be reached.
struct ReachFields {
    phone: Field,
    street: Field,
    city: Field,
    region: Field,
    postal_code: Field,
    country: Field,
}

const LEAD_PLACE: ReachFields = ReachFields {
    phone: lead::phone,
    street: lead::street,
    city: lead::city,
    region: lead::region,
    postal_code: lead::postal_code,
    country: lead::country,
};

const ACCOUNT_PLACE: ReachFields = ReachFields {
    phone: account::phone,
    street: account::street,
    city: account::city,
    region: account::region,
    postal_code: account::postal_code,
    country: account::country,
};

/// What a person and the company have in common, worked out once for both.
#[derive(Default)]
struct Reach<'a> {
    calling_code: Option<&'static str>,
    /// Of the first telephone.
    lines: Vec<Line>,
    postal_code: Option<SmolStr>,
    /// The prefecture that the region names.
    prefecture: Option<u8>,
    region: Option<&'a str>,
    city: Option<&'a str>,
    street: Option<&'a str>,
}

impl<'a> Reach<'a> {
    fn of(said: &'a dyn Said, fields: &ReachFields) -> Self {
        let text = |field| said.text(field);
        let calling_code = text(fields.country).and_then(calling_code);
        Self {
            calling_code,
            lines: text(fields.phone).map(|it| phone::lines(it, calling_code)).unwrap_or_default(),
            postal_code: text(fields.postal_code).and_then(postal_code),
            prefecture: text(fields.region).and_then(place::prefecture),
            region: text(fields.region),
            city: text(fields.city),
            street: text(fields.street),
        }
    }

    fn address(&self) -> Address {
        let prefecture = self
            .prefecture
            .or_else(|| [self.city, self.street].into_iter().find_map(|it| place::prefecture_at_start(it?)));
        let region = match prefecture {
            Some(number) => number.to_smolstr(),
            None => self.region.map(|it| place::region(it).into()).unwrap_or_default(),
        };
        Address {
            street: self.street.and_then(|it| Street::of(place::without_prefecture(it))),
            city: self.city.map(|it| town(&place::city(it))).unwrap_or_default(),
            postal_code: self.postal_code.clone(),
            region,
        }
    }
}

/// Which fields of a record tell of a person.
struct PersonFields {
    last: Field,
    first: Field,
    last_kana: Field,
    first_kana: Field,
    email: Field,
    mobile: Field,
}

const LEAD_PERSON: PersonFields = PersonFields {
    last: lead::last_name,
    first: lead::first_name,
    last_kana: lead::last_name_kana,
    first_kana: lead::first_name_kana,
    email: lead::email,
    mobile: lead::mobile_phone,
};

const CONTACT_PERSON: PersonFields = PersonFields {
    last: contact::last_name,
    first: contact::first_name,
    last_kana: contact::last_name_kana,
    first_kana: contact::first_name_kana,
    email: contact::email,
    mobile: contact::mobile_phone,
};

fn person(said: &dyn Said, fields: &PersonFields, reach: &Reach<'_>) -> Person {
    let text = |field| said.text(field);
    let mobiles = text(fields.mobile).map(|it| phone::lines(it, reach.calling_code)).unwrap_or_default();
    let mut phones: Vec<Line> = Vec::new();
    for line in reach.lines.iter().cloned().chain(mobiles) {
        if !phones.iter().any(|it| it.number == line.number) {
            phones.push(line);
        }
    }
    // A role's mailbox is nobody's.
    let mailbox = text(fields.email).and_then(Mailbox::of).filter(|it| !it.is_role);
    let mut name = PersonName::of(WrittenName {
        last: text(fields.last),
        first: text(fields.first),
        last_kana: text(fields.last_kana),
        first_kana: text(fields.first_kana),
    });
    // The bridge between 山田太郎 and Taro Yamada where nobody gave the kana.
    if let (Some(name), Some(mailbox)) = (name.as_mut().filter(|it| it.can_learn()), &mailbox) {
        mailbox.spelled_name().into_iter().for_each(|it| name.learn_from(it));
    }
    Person { name, email: mailbox, phones, address: reach.address() }
}

/// The company that a lead names, or that its personal mailbox is at.
fn lead_company(said: &dyn Said, reach: Reach<'_>, mailbox: Option<&Mailbox>) -> Organisation {
    let mut company = organisation(said, &LEAD_COMPANY, reach);
    if let Some(mailbox) = mailbox {
        company.domains.extend(mailbox.domain.clone());
        company.domains.sort();
        company.domains.dedup();
        company.email = Some(mailbox.address.clone());
    }
    company
}

/// Which fields of a record tell of an organisation.
struct OrganisationFields {
    name: Field,
    name_en: Option<Field>,
    name_kana: Option<Field>,
    corporate_number: Field,
    website: Field,
}

const LEAD_COMPANY: OrganisationFields = OrganisationFields {
    name: lead::company,
    name_en: None,
    name_kana: None,
    corporate_number: lead::corporate_number,
    website: lead::website,
};

const ACCOUNT: OrganisationFields = OrganisationFields {
    name: account::name,
    name_en: Some(account::name_en),
    name_kana: Some(account::name_kana),
    corporate_number: account::corporate_number,
    website: account::website,
};

fn organisation(said: &dyn Said, fields: &OrganisationFields, reach: Reach<'_>) -> Organisation {
    let text = |field| said.text(field);
    let name_of = |field| text(field).and_then(CompanyName::of);
    let name = name_of(fields.name);
    let written_kana = fields.name_kana.and_then(name_of).map(|it| it.loose);
    let shown_kana = || name.as_ref().filter(|it| it.is_kana()).map(|it| it.loose.clone());
    let place = || reach.city.or(reach.street).and_then(place::prefecture_at_start);
    Organisation {
        account: None,
        kana: written_kana.or_else(shown_kana),
        names: name.into_iter().chain(fields.name_en.and_then(name_of)).collect(),
        corporate_number: text(fields.corporate_number).and_then(|it| it.parse().ok()),
        domains: text(fields.website).and_then(web_domain::of_website).into_iter().collect(),
        prefecture: reach.prefecture.or_else(place),
        phone: reach.lines.into_iter().next().map(|it| it.number),
        email: None,
        postal_code: reach.postal_code,
    }
}
