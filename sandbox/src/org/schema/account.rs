//! The fields of Account.

use super::field::{
    Field, address, boolean, currency, date, int, long_text, owner, phone, picklist, reference, text, url,
};
use super::{Object, picklists};

pub(super) fn fields() -> Vec<Field> {
    let mut fields = vec![
        reference("MasterRecordId", "Master Record ID", &[Object::Account], "MasterRecord").read_only(),
        text("Name", "Account Name", 255).required().name_field(),
        picklist("Type", "Account Type", picklists::ACCOUNT_TYPES),
        reference("ParentId", "Parent Account ID", &[Object::Account], "Parent").children("ChildAccounts"),
    ];
    fields.extend(address([
        ("BillingAddress", "Billing Address"),
        ("BillingStreet", "Billing Street"),
        ("BillingCity", "Billing City"),
        ("BillingState", "Billing State/Province"),
        ("BillingPostalCode", "Billing Zip/Postal Code"),
        ("BillingCountry", "Billing Country"),
    ]));
    fields.extend(address([
        ("ShippingAddress", "Shipping Address"),
        ("ShippingStreet", "Shipping Street"),
        ("ShippingCity", "Shipping City"),
        ("ShippingState", "Shipping State/Province"),
        ("ShippingPostalCode", "Shipping Zip/Postal Code"),
        ("ShippingCountry", "Shipping Country"),
    ]));
    fields.extend([
        phone("Phone", "Account Phone"),
        phone("Fax", "Account Fax"),
        url("Website", "Website"),
        picklist("Industry", "Industry", picklists::INDUSTRIES),
        currency("AnnualRevenue", "Annual Revenue"),
        int("NumberOfEmployees", "Employees"),
        picklist("Ownership", "Ownership", picklists::OWNERSHIPS),
        text("AccountNumber", "Account Number", 40),
        long_text("Description", "Account Description", 32_000),
        picklist("Rating", "Account Rating", picklists::RATINGS),
        text("Site", "Account Site", 80),
        picklist("AccountSource", "Account Source", picklists::LEAD_SOURCES),
        owner(),
        boolean("IsPartner", "Partner Account").read_only(),
        date("LastActivityDate", "Last Activity").read_only(),
        text("External_Id__c", "External Id", 64).external_id().unique(),
        text("Corporate_Number__c", "Corporate Number", 13).external_id(),
        text("NameKana__c", "Name Kana", 255),
        text("NameEn__c", "Name En", 255),
    ]);
    fields
}
