//! The fields of golden records: their names, kinds and labels.
//!
//! Here: the catalogue that mappings, policies, traces and the API share, and the canonical text of a value.
//! Not here: which value wins (`mastering`), which column or CRM field holds it (`entity`, mappings).
//!
//! A value travels as the canonical text of its field's kind: a date as `2026-04-01`, an amount as an exact decimal,
//! a boolean as `true`. One form means that equal values are equal bytes, in the store, in hashes and in exports.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;

crate::codes! {
    /// What a golden record describes.
    pub enum RecordKind {
        Account("取引先", "Account"),
        Contact("取引先責任者", "Contact"),
        Lead("リード", "Lead"),
        Opportunity("商談", "Opportunity"),
    }
}

/// What kind of value a field holds, hence its canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// A telephone number, as written.
    Phone,
    /// A mail address, as written.
    Email,
    /// A web site, as written.
    Website,
    /// 法人番号; kept as written when its check digit is wrong.
    CorporateNumber,
    /// A postal code, as written.
    PostalCode,
    /// A code of a list that the source defines.
    Code,
    /// `2026-04-01`.
    Date,
    /// `2026-04-01T00:00:00Z`, whole seconds.
    Instant,
    /// `true` or `false`.
    Boolean,
    /// An exact decimal without trailing zeros.
    Number,
    /// The external id, in the same source, of another record.
    Reference(RecordKind),
    /// Id of a partner in our store.
    Partner,
    /// Id of a partner user in our store.
    PartnerUser,
}

struct FieldSpec {
    name: &'static str,
    kind: FieldKind,
    ja: &'static str,
    en: &'static str,
}

/// One field of one kind of golden record. Ordered as the catalogue lists them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    record: RecordKind,
    index: u8,
}

/// A name that is no field of its kind of record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no field of {record}; use one of {known}")]
pub struct UnknownField {
    /// The kind of record that was asked.
    pub record: RecordKind,
    /// The name that was given.
    pub name: String,
    /// The fields there are.
    pub known: String,
}

/// A text that is no value of its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` expects {expected}")]
pub struct InvalidValue {
    /// The field.
    pub field: Field,
    /// What its kind looks like. The value itself is not repeated: it may be personal.
    pub expected: &'static str,
}

impl RecordKind {
    /// The field of that name.
    pub fn field(self, name: &str) -> Result<Field, UnknownField> {
        let position = self.specs().iter().position(|spec| spec.name == name);
        match position.and_then(|it| u8::try_from(it).ok()) {
            Some(index) => Ok(Field { record: self, index }),
            None => {
                let known = self.fields().map(Field::name).collect::<Vec<_>>().join(", ");
                Err(UnknownField { record: self, name: name.to_owned(), known })
            }
        }
    }

    /// All fields, in the order of the catalogue.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        (0..self.specs().len() as u8).map(move |index| Field { record: self, index })
    }

    /// Whether its records are about one person.
    pub fn is_of_person(self) -> bool {
        self.fields().any(Field::is_personal)
    }

    fn specs(self) -> &'static [FieldSpec] {
        match self {
            Self::Account => account::FIELDS,
            Self::Contact => contact::FIELDS,
            Self::Lead => lead::FIELDS,
            Self::Opportunity => opportunity::FIELDS,
        }
    }
}

impl Field {
    /// The kind of record the field belongs to.
    pub fn record(self) -> RecordKind {
        self.record
    }

    /// The name, unique within its kind of record.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// What kind of value it holds.
    pub fn kind(self) -> FieldKind {
        self.spec().kind
    }

    /// Whether it tells who a person is or how to reach them: what legal erasure scrubs. The company stays, and so does
    /// the town, by which territories are told apart.
    pub fn is_personal(self) -> bool {
        PERSONAL.contains(&self)
    }

    /// Whether it is a way to call or write to a person: what is masked once a lead is closed.
    pub fn is_contact_detail(self) -> bool {
        self.is_personal() && matches!(self.kind(), FieldKind::Email | FieldKind::Phone)
    }

    /// The label shown to people.
    pub fn label(self, language: crate::text::Language) -> &'static str {
        match language {
            crate::text::Language::Ja => self.spec().ja,
            crate::text::Language::En => self.spec().en,
        }
    }

    /// The canonical text of a value given as text; `None` for a blank or `-`, which mean "empty".
    pub fn canonical(self, given: &str) -> Result<Option<String>, InvalidValue> {
        let Some(text) = said(given) else { return Ok(None) };
        let refuse = |expected| InvalidValue { field: self, expected };
        if text.contains('\0') {
            // PostgreSQL cannot hold it, and no one means it.
            return Err(refuse("a text without the character U+0000"));
        }
        match self.kind() {
            FieldKind::Date => date(text).ok_or_else(|| refuse("a date such as 2026-04-01")),
            FieldKind::Instant => {
                instant(text).ok_or_else(|| refuse("an instant such as 2026-04-01T00:00:00Z"))
            }
            FieldKind::Boolean => boolean(text).ok_or_else(|| refuse("true or false")),
            FieldKind::Number => number(text).ok_or_else(|| refuse("a decimal number such as 1200000")),
            _ => Ok(text.to_owned()),
        }
        .map(Some)
    }

    fn spec(self) -> &'static FieldSpec {
        &self.record.specs()[usize::from(self.index)]
    }
}

/// The fields that are a person's, of the kinds of records that are about one.
const PERSONAL: [Field; 19] = [
    lead::last_name,
    lead::first_name,
    lead::last_name_kana,
    lead::first_name_kana,
    lead::title,
    lead::email,
    lead::phone,
    lead::mobile_phone,
    lead::street,
    lead::postal_code,
    contact::last_name,
    contact::first_name,
    contact::last_name_kana,
    contact::first_name_kana,
    contact::title,
    contact::department,
    contact::email,
    contact::phone,
    contact::mobile_phone,
];

/// What a cell or a form says, without what surrounds it; `None` for a blank or `-`, which mean "empty".
pub fn said(given: &str) -> Option<&str> {
    let text = given.trim_matches(|it: char| it.is_whitespace() || it.is_control());
    (!text.is_empty() && text != "-").then_some(text)
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.record, self.name())
    }
}

fn date(text: &str) -> Option<String> {
    text.parse::<NaiveDate>().ok().map(|it| it.to_string())
}

fn instant(text: &str) -> Option<String> {
    let parsed = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    parsed.ok().map(|it| it.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn boolean(text: &str) -> Option<String> {
    let known = ["true", "false"].into_iter().find(|it| it.eq_ignore_ascii_case(text));
    known.map(str::to_owned)
}

fn number(text: &str) -> Option<String> {
    let parsed = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text));
    parsed.ok().map(|it| it.normalize().to_string())
}

macro_rules! catalogue {
    ($( $(#[$meta:meta])* $module:ident: $record:ident { $( $name:ident: $kind:expr, $ja:literal, $en:literal; )+ } )+) => {$(
        $(#[$meta])*
        pub mod $module {
                        use super::{Field, FieldKind::*, FieldSpec, RecordKind};

            pub(super) static FIELDS: &[FieldSpec] = &[
                $( FieldSpec { name: stringify!($name), kind: $kind, ja: $ja, en: $en } ),+
            ];

            #[allow(non_camel_case_types, reason = "only counts the fields")]
            enum Index { $( $name ),+ }

            $(
                #[doc = concat!($ja, " / ", $en)]
                #[allow(non_upper_case_globals, reason = "reads as the name of the field")]
                pub const $name: Field = Field { record: RecordKind::$record, index: Index::$name as u8 };
            )+
        }
    )+};
}

catalogue! {
    /// Fields of an account.
    account: Account {
        name: Text, "会社名", "Name";
        name_kana: Text, "会社名カナ", "Name (kana)";
        name_en: Text, "会社名（英語）", "Name (English)";
        corporate_number: CorporateNumber, "法人番号", "Corporate number";
        phone: Phone, "電話番号", "Phone";
        website: Website, "ウェブサイト", "Website";
        industry: Text, "業種", "Industry";
        street: Text, "町名・番地", "Street";
        city: Text, "市区郡", "City";
        region: Text, "都道府県", "Prefecture";
        postal_code: PostalCode, "郵便番号", "Postal code";
        country: Text, "国", "Country";
        parent: Reference(RecordKind::Account), "親会社", "Parent account";
    }
    /// Fields of a contact.
    contact: Contact {
        last_name: Text, "姓", "Last name";
        first_name: Text, "名", "First name";
        last_name_kana: Text, "セイ", "Last name (kana)";
        first_name_kana: Text, "メイ", "First name (kana)";
        account: Reference(RecordKind::Account), "取引先", "Account";
        title: Text, "役職", "Title";
        department: Text, "部署", "Department";
        email: Email, "メール", "E-mail";
        phone: Phone, "電話番号", "Phone";
        mobile_phone: Phone, "携帯電話", "Mobile phone";
    }
    /// Fields of a lead.
    lead: Lead {
        last_name: Text, "姓", "Last name";
        first_name: Text, "名", "First name";
        last_name_kana: Text, "セイ", "Last name (kana)";
        first_name_kana: Text, "メイ", "First name (kana)";
        company: Text, "会社名", "Company";
        title: Text, "役職", "Title";
        email: Email, "メール", "E-mail";
        phone: Phone, "電話番号", "Phone";
        mobile_phone: Phone, "携帯電話", "Mobile phone";
        website: Website, "ウェブサイト", "Website";
        corporate_number: CorporateNumber, "法人番号", "Corporate number";
        industry: Text, "業種", "Industry";
        street: Text, "町名・番地", "Street";
        city: Text, "市区郡", "City";
        region: Text, "都道府県", "Prefecture";
        postal_code: PostalCode, "郵便番号", "Postal code";
        country: Text, "国", "Country";
        source_channel: Text, "リードソース", "Source channel";
        origin: Code, "発生元", "Origin";
        stage: Code, "ステージ", "Stage";
        disqualification_reason: Code, "対象外理由", "Disqualification reason";
        score: Number, "スコア", "Score";
        consent_to_share: Boolean, "提供同意", "Consent to share";
        assigned_partner: Partner, "担当パートナー", "Assigned partner";
        assigned_user: PartnerUser, "担当者", "Assigned partner user";
        converted_account: Reference(RecordKind::Account), "商談化後の取引先", "Converted account";
        converted_contact: Reference(RecordKind::Contact), "商談化後の責任者", "Converted contact";
        converted_opportunity: Reference(RecordKind::Opportunity), "商談化後の商談", "Converted opportunity";
    }
    /// Fields of an opportunity.
    opportunity: Opportunity {
        name: Text, "商談名", "Name";
        account: Reference(RecordKind::Account), "取引先", "Account";
        stage: Text, "フェーズ", "Stage";
        amount: Number, "金額", "Amount";
        currency: Code, "通貨", "Currency";
        close_date: Date, "完了予定日", "Close date";
        is_closed: Boolean, "完了", "Closed";
        is_won: Boolean, "受注", "Won";
        loss_reason: Text, "失注理由", "Loss reason";
        deal_type: Code, "取引種別", "Deal type";
        owner: Text, "所有者", "Owner";
        sourcing_partner: Partner, "発生元パートナー", "Sourcing partner";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: Field, given: &str, expected: Option<&str>) {
        assert_eq!(field.canonical(given).unwrap().as_deref(), expected, "{field:?} {given:?}");
    }

    #[test]
    fn blanks_and_a_lone_dash_are_empty() {
        for given in ["", "   ", "　", "-", "\u{0}"] {
            check(lead::company, given, None);
        }
    }

    #[test]
    fn leads_and_contacts_are_about_a_person_and_keep_their_company() {
        let of_persons: Vec<_> = RecordKind::ALL.iter().filter(|it| it.is_of_person()).collect();
        assert_eq!(of_persons, [&RecordKind::Contact, &RecordKind::Lead]);
        assert!(!lead::company.is_personal() && !contact::account.is_personal());
        assert!(lead::mobile_phone.is_contact_detail() && !lead::title.is_contact_detail());
    }

    #[test]
    fn one_value_has_one_text() {
        check(opportunity::amount, "1200000.00", Some("1200000"));
        check(opportunity::amount, "1.2E+6", Some("1200000"));
        check(opportunity::close_date, "2026-04-01", Some("2026-04-01"));
        check(opportunity::is_won, "True", Some("true"));
        check(lead::company, " 株式会社　極洋 ", Some("株式会社　極洋"));
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_without_repeating_it() {
        let error = opportunity::close_date.canonical("soon").unwrap_err();
        assert_eq!(error.to_string(), "`close_date` expects a date such as 2026-04-01");
    }

    #[test]
    fn a_field_is_found_by_its_name_and_only_in_its_record() {
        assert_eq!(RecordKind::Lead.field("company"), Ok(lead::company));
        assert!(
            RecordKind::Opportunity
                .field("company")
                .unwrap_err()
                .to_string()
                .contains("use one of name, account")
        );
    }
}
