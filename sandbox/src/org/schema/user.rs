//! The fields of User.

use super::field::{Default, Field, boolean, email, phone, picklist, reference, text};
use super::{Object, picklists};

pub(super) fn fields() -> Vec<Field> {
    vec![
        text("Username", "Username", 80).required().id_lookup(),
        text("LastName", "Last Name", 80).required(),
        text("FirstName", "First Name", 40),
        text("Name", "Full Name", 121).required().read_only().name_field(),
        text("CompanyName", "Company Name", 80),
        text("Division", "Division", 80),
        text("Department", "Department", 80),
        text("Title", "Title", 80),
        email("Email", "Email").required(),
        phone("Phone", "Phone"),
        text("Alias", "Alias", 8).required(),
        boolean("IsActive", "Active"),
        picklist("UserType", "User Type", picklists::USER_TYPES).read_only(),
        reference("ManagerId", "Manager ID", &[Object::User], "Manager"),
        reference("ContactId", "Contact ID", &[Object::Contact], "Contact"),
        reference("AccountId", "Account ID", &[Object::Account], "Account").read_only(),
        text("TimeZoneSidKey", "Time Zone", 40).required().default(Default::Text("Asia/Tokyo")),
        text("LocaleSidKey", "Locale", 40).required().default(Default::Text("ja_JP")),
        text("LanguageLocaleKey", "Language", 40).required().default(Default::Text("ja")),
    ]
}
