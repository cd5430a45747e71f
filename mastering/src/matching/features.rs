//! What a record offers for comparing: all keys, computed once.

use domain::corporate_number::CorporateNumber;
use domain::fields::{Field, RecordKind, account, contact, lead};
use domain::ids::GoldenId;
use domain::sources::Values;

use crate::normalise::company::CompanyName;
use crate::normalise::contact::{is_mobile, is_service, phone, postal_code};
use crate::normalise::mailbox::Mailbox;
use crate::normalise::person::{PersonName, WrittenName};
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
    /// E.164, without numbers that say nothing about who answers.
    pub phones: Vec<String>,
}

/// What identifies an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The golden account, where it is known already.
    pub account: Option<GoldenId>,
    /// The name, then the name in English, if there is one.
    pub names: Vec<CompanyName>,
    /// The loose key of the name's reading.
    pub kana: Option<String>,
    /// 法人番号; a wrong one gives no evidence.
    pub corporate_number: Option<CorporateNumber>,
    /// Registrable domains of its web site and of a personal company mailbox.
    pub domains: Vec<String>,
    /// E.164, of a land line.
    pub phone: Option<String>,
    /// Address of a contact's personal mailbox.
    pub email: Option<String>,
    /// Digits and letters of the postal code.
    pub postal_code: Option<String>,
    /// JIS X 0401.
    pub prefecture: Option<u8>,
}

impl Features {
    /// The keys of a record. `account` is the golden account it is known to belong to.
    pub fn of(kind: RecordKind, values: &Values, account: Option<GoldenId>) -> Self {
        let (person, organisation) = match kind {
            RecordKind::Account => (None, account_facts(values)),
            RecordKind::Contact => (Some(contact_person(values)), Organisation::default()),
            RecordKind::Lead => (Some(lead_person(values)), lead_company(values)),
            RecordKind::Opportunity => (None, Organisation::default()),
        };
        let person = person.filter(Person::is_somebody);
        Self { kind, person, organisation: Organisation { account, ..organisation } }
    }
}

impl Person {
    /// Whether anything points to one person. A land line rings at a company.
    fn is_somebody(&self) -> bool {
        self.name.is_some() || self.email.is_some() || self.phones.iter().any(|it| is_mobile(it))
    }
}

fn lead_person(values: &Values) -> Person {
    let written = WrittenName {
        last: values.text(lead::last_name),
        first: values.text(lead::first_name),
        last_kana: values.text(lead::last_name_kana),
        first_kana: values.text(lead::first_name_kana),
    };
    person(written, values, lead::email, [lead::phone, lead::mobile_phone])
}

fn contact_person(values: &Values) -> Person {
    let written = WrittenName {
        last: values.text(contact::last_name),
        first: values.text(contact::first_name),
        last_kana: values.text(contact::last_name_kana),
        first_kana: values.text(contact::first_name_kana),
    };
    person(written, values, contact::email, [contact::phone, contact::mobile_phone])
}

fn person(written: WrittenName<'_>, values: &Values, email: Field, phones: [Field; 2]) -> Person {
    let mut numbers: Vec<String> =
        phones.into_iter().filter_map(|it| phone(values.text(it)?)).filter(|it| !is_service(it)).collect();
    numbers.dedup();
    let mailbox = values.text(email).and_then(Mailbox::of).filter(|it| !it.is_role);
    let mut name = PersonName::of(written);
    if let (Some(name), Some(mailbox)) = (&mut name, &mailbox) {
        // The bridge between 山田太郎 and Taro Yamada where nobody gave the kana.
        name.reading = name.reading.take().or_else(|| mailbox.reading());
    }
    Person { name, email: mailbox, phones: numbers }
}

fn lead_company(values: &Values) -> Organisation {
    let mailbox = values.text(lead::email).and_then(Mailbox::of).filter(|it| !it.is_role);
    let mut company = organisation(
        values,
        OrganisationFields {
            name: lead::company,
            corporate_number: lead::corporate_number,
            website: lead::website,
            phone: lead::phone,
            postal_code: lead::postal_code,
            region: lead::region,
            city: lead::city,
            street: lead::street,
        },
    );
    if let Some(mailbox) = mailbox {
        company.domains.extend(mailbox.domain);
        company.domains.sort();
        company.domains.dedup();
        company.email = Some(mailbox.address);
    }
    company
}

fn account_facts(values: &Values) -> Organisation {
    let mut account = organisation(
        values,
        OrganisationFields {
            name: account::name,
            corporate_number: account::corporate_number,
            website: account::website,
            phone: account::phone,
            postal_code: account::postal_code,
            region: account::region,
            city: account::city,
            street: account::street,
        },
    );
    account.names.extend(values.text(account::name_en).and_then(CompanyName::of));
    if let Some(kana) = values.text(account::name_kana).and_then(CompanyName::of) {
        account.kana = Some(kana.loose);
    }
    account
}

/// Which fields of a record tell of an organisation.
struct OrganisationFields {
    name: Field,
    corporate_number: Field,
    website: Field,
    phone: Field,
    postal_code: Field,
    region: Field,
    city: Field,
    street: Field,
}

fn organisation(values: &Values, fields: OrganisationFields) -> Organisation {
    let text = |field| values.text(field);
    let name = text(fields.name).and_then(CompanyName::of);
    let place = || text(fields.city).or(text(fields.street)).and_then(place::prefecture_at_start);
    Organisation {
        account: None,
        kana: name.as_ref().filter(|it| it.is_kana()).map(|it| it.loose.clone()),
        names: name.into_iter().collect(),
        corporate_number: text(fields.corporate_number).and_then(|it| it.parse().ok()),
        domains: text(fields.website).and_then(web_domain::of_website).into_iter().collect(),
        phone: text(fields.phone).and_then(phone).filter(|it| !is_service(it)),
        email: None,
        postal_code: text(fields.postal_code).and_then(postal_code),
        prefecture: text(fields.region).and_then(place::prefecture).or_else(place),
    }
}
