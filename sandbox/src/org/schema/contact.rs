//! The fields of Contact.

use super::field::{
    Field, address, boolean, date, email, long_text, owner, phone, picklist, reference, text,
};
use super::{Object, picklists};

pub(super) fn fields() -> Vec<Field> {
    let mut fields = vec![
        reference("MasterRecordId", "Master Record ID", &[Object::Contact], "MasterRecord").read_only(),
        reference("AccountId", "Account ID", &[Object::Account], "Account").children("Contacts").cascading(),
        text("LastName", "Last Name", 80).required(),
        text("FirstName", "First Name", 40),
        picklist("Salutation", "Salutation", picklists::SALUTATIONS),
        text("Name", "Full Name", 121).required().read_only().name_field(),
    ];
    fields.extend(address([
        ("MailingAddress", "Mailing Address"),
        ("MailingStreet", "Mailing Street"),
        ("MailingCity", "Mailing City"),
        ("MailingState", "Mailing State/Province"),
        ("MailingPostalCode", "Mailing Zip/Postal Code"),
        ("MailingCountry", "Mailing Country"),
    ]));
    fields.extend([
        phone("Phone", "Business Phone"),
        phone("MobilePhone", "Mobile Phone"),
        phone("Fax", "Business Fax"),
        email("Email", "Email").id_lookup(),
        text("Title", "Title", 128),
        text("Department", "Department", 80),
        reference("ReportsToId", "Reports To ID", &[Object::Contact], "ReportsTo"),
        date("Birthdate", "Birthdate"),
        picklist("LeadSource", "Lead Source", picklists::LEAD_SOURCES),
        long_text("Description", "Contact Description", 32_000),
        boolean("HasOptedOutOfEmail", "Email Opt Out"),
        boolean("DoNotCall", "Do Not Call"),
        owner(),
        date("LastActivityDate", "Last Activity").read_only(),
        text("External_Id__c", "External Id", 64).external_id().unique(),
        text("LastNameKana__c", "Last Name Kana", 80),
        text("FirstNameKana__c", "First Name Kana", 40),
    ]);
    fields
}
