//! A golden contact as a row.

use domain::fields::{RecordKind, contact};
use entity::contacts::golden_contact::{Column, Entity, Model};
use sea_orm::Select;

use super::access;
use crate::golden::served::{Served, Serving, golden_columns};
use crate::platform::auth::Caller;

impl Served for Entity {
    const KIND: RecordKind = RecordKind::Contact;
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
            last_name: it.text(contact::last_name),
            first_name: it.text(contact::first_name),
            last_name_kana: it.text(contact::last_name_kana),
            first_name_kana: it.text(contact::first_name_kana),
            title: it.text(contact::title),
            department: it.text(contact::department),
            email: it.text(contact::email),
            phone: it.text(contact::phone),
            mobile_phone: it.text(contact::mobile_phone),
            account_ref: it.reference_text(contact::account),
            account_id: it.reference(contact::account),
        }
    }
}
