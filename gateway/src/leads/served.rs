//! A golden lead as a row.

use domain::fields::{RecordKind, lead};
use entity::leads::golden_lead::{Column, Entity, Model};
use sea_orm::Select;

use super::access;
use crate::golden::served::{Served, Serving, golden_columns};
use crate::platform::auth::Caller;

impl Served for Entity {
    const KIND: RecordKind = RecordKind::Lead;
    golden_columns!();

    fn visible_to(caller: &Caller) -> Select<Entity> {
        access::visible_to(caller)
    }

    fn row(it: &Serving<'_>) -> Model {
        let opportunity = it.reference(lead::converted_opportunity);
        Model {
            id: it.id,
            version: 1,
            redirect_to: None,
            archived_at: None,
            created_at: it.now,
            updated_at: it.now,
            last_name: it.text(lead::last_name),
            first_name: it.text(lead::first_name),
            last_name_kana: it.text(lead::last_name_kana),
            first_name_kana: it.text(lead::first_name_kana),
            company: it.text(lead::company),
            title: it.text(lead::title),
            email: it.text(lead::email),
            phone: it.text(lead::phone),
            mobile_phone: it.text(lead::mobile_phone),
            website: it.text(lead::website),
            corporate_number: it.text(lead::corporate_number),
            industry: it.text(lead::industry),
            street: it.text(lead::street),
            city: it.text(lead::city),
            region: it.text(lead::region),
            postal_code: it.text(lead::postal_code),
            country: it.text(lead::country),
            source_channel: it.text(lead::source_channel),
            origin: it.text(lead::origin),
            stage: it.text(lead::stage),
            disqualification_reason: it.text(lead::disqualification_reason),
            score: it.text(lead::score),
            converted_account_ref: it.reference_text(lead::converted_account),
            converted_contact_ref: it.reference_text(lead::converted_contact),
            converted_opportunity_ref: it.reference_text(lead::converted_opportunity),
            consent_to_share: it.parsed(lead::consent_to_share),
            assigned_partner_id: it.id_of(lead::assigned_partner),
            assigned_user_id: it.id_of(lead::assigned_user),
            account_id: it.reference(lead::converted_account).or(it.account),
            opportunity_id: opportunity,
        }
    }
}
