//! A golden contact as a row.

use domain::fields::{RecordKind, contact};
use entity::contacts::golden_contact::{ActiveModel, Column, Entity, Model};
use sea_orm::IntoActiveModel;

use crate::golden::served::{Served, Serving, golden_columns};

impl Served for Entity {
    const KIND: RecordKind = RecordKind::Contact;
    golden_columns!();

    fn row(it: &Serving<'_>) -> ActiveModel {
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
        .into_active_model()
    }
}
