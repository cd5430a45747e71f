//! A golden account as a row.

use domain::fields::{RecordKind, account};
use entity::accounts::golden_account::{Column, Entity, Model};
use sea_orm::Select;

use super::access;
use crate::golden::served::{Served, Serving, golden_columns};
use crate::platform::auth::Caller;

impl Served for Entity {
    const KIND: RecordKind = RecordKind::Account;
    golden_columns!();

    fn visible_to(caller: &Caller) -> Select<Entity> {
        access::visible_to(caller)
    }

    fn row(it: &Serving<'_>) -> Model {
        Model {
            id: it.id,
            version: 1,
            redirect_to: None,
            archived_at: None,
            created_at: it.now,
            updated_at: it.now,
            name: it.text(account::name),
            name_kana: it.text(account::name_kana),
            name_en: it.text(account::name_en),
            corporate_number: it.text(account::corporate_number),
            phone: it.text(account::phone),
            website: it.text(account::website),
            industry: it.text(account::industry),
            street: it.text(account::street),
            city: it.text(account::city),
            region: it.text(account::region),
            postal_code: it.text(account::postal_code),
            country: it.text(account::country),
            parent_ref: it.reference_text(account::parent),
            parent_id: it.reference(account::parent),
        }
    }
}
