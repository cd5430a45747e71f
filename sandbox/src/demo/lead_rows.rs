//! Leads as records.

use super::account_number;
use super::leads::{Lead, external_id};
use super::rows::{Columns, date, id, stamps, text};
use crate::org::Org;
use crate::org::schema::Object;
use crate::org::value::Value;

/// The columns leads fill.
pub(super) struct LeadRows(Columns<29>);

impl LeadRows {
    pub(super) fn new() -> LeadRows {
        let names = [
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
        ];
        LeadRows(Columns::new(Object::Lead, names))
    }

    /// Puts the lead of a place, from 0.
    pub(super) fn put(&self, org: &mut Org, place: usize, it: &Lead) {
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
        self.0.put(org, place as u32 + 1, stamps, values);
    }
}
