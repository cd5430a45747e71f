//! The fields of Lead.

use super::field::{
    Default, Field, address, boolean, currency, date, datetime, email, int, long_text, number, owner, phone,
    picklist, reference, text, url,
};
use super::{Object, picklists};

pub(super) fn fields() -> Vec<Field> {
    let mut fields = vec![
        reference("MasterRecordId", "Master Record ID", &[Object::Lead], "MasterRecord").read_only(),
        text("LastName", "Last Name", 80).required(),
        text("FirstName", "First Name", 40),
        picklist("Salutation", "Salutation", picklists::SALUTATIONS),
        text("Name", "Full Name", 121).required().read_only().name_field(),
        text("Title", "Title", 128),
        text("Company", "Company", 255).required(),
    ];
    fields.extend(address([
        ("Address", "Address"),
        ("Street", "Street"),
        ("City", "City"),
        ("State", "State/Province"),
        ("PostalCode", "Zip/Postal Code"),
        ("Country", "Country"),
    ]));
    fields.extend(reach());
    fields.extend(qualification());
    fields.extend(conversion());
    fields.extend(custom());
    fields
}

fn reach() -> Vec<Field> {
    vec![
        phone("Phone", "Phone"),
        phone("MobilePhone", "Mobile Phone"),
        phone("Fax", "Fax"),
        email("Email", "Email").id_lookup(),
        url("Website", "Website"),
        boolean("HasOptedOutOfEmail", "Email Opt Out"),
        boolean("DoNotCall", "Do Not Call"),
        text("EmailBouncedReason", "Email Bounced Reason", 255),
        datetime("EmailBouncedDate", "Email Bounced Date"),
    ]
}

fn qualification() -> Vec<Field> {
    vec![
        long_text("Description", "Description", 32_000),
        picklist("LeadSource", "Lead Source", picklists::LEAD_SOURCES),
        picklist("Status", "Status", picklists::LEAD_STATUSES)
            .required()
            .default(Default::Text("Open - Not Contacted")),
        picklist("Industry", "Industry", picklists::INDUSTRIES),
        picklist("Rating", "Rating", picklists::RATINGS),
        currency("AnnualRevenue", "Annual Revenue"),
        int("NumberOfEmployees", "Employees"),
        owner(),
        boolean("IsUnreadByOwner", "Unread By Owner"),
        date("LastActivityDate", "Last Activity").read_only(),
    ]
}

fn conversion() -> Vec<Field> {
    vec![
        boolean("IsConverted", "Converted").create_only(),
        date("ConvertedDate", "Converted Date").read_only(),
        reference("ConvertedAccountId", "Converted Account ID", &[Object::Account], "ConvertedAccount")
            .read_only(),
        reference("ConvertedContactId", "Converted Contact ID", &[Object::Contact], "ConvertedContact")
            .read_only(),
        reference(
            "ConvertedOpportunityId",
            "Converted Opportunity ID",
            &[Object::Opportunity],
            "ConvertedOpportunity",
        )
        .read_only(),
        reference("PartnerAccountId", "Partner Account ID", &[Object::Account], "PartnerAccount").read_only(),
    ]
}

fn custom() -> Vec<Field> {
    vec![
        text("External_Id__c", "External Id", 64).external_id().unique(),
        text("Corporate_Number__c", "Corporate Number", 13).external_id(),
        text("LastNameKana__c", "Last Name Kana", 80),
        text("FirstNameKana__c", "First Name Kana", 40),
        boolean("Consent_To_Share__c", "Consent To Share"),
        number("Score__c", "Score", 5, 0),
    ]
}
