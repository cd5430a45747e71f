//! A golden opportunity as a row.

use domain::fields::{RecordKind, opportunity};
use domain::money::Money;
use entity::opportunities::golden_opportunity::{Column, Entity, Model};
use sea_orm::Select;

use super::access;
use crate::golden::served::{Served, Serving, golden_columns};
use crate::platform::auth::Caller;

/// What amounts are in when a source does not say.
const DEFAULT_CURRENCY: &str = "JPY";

impl Served for Entity {
    const KIND: RecordKind = RecordKind::Opportunity;
    golden_columns!();

    fn visible_to(caller: &Caller) -> Select<Entity> {
        access::visible_to(caller)
    }

    fn row(it: &Serving<'_>) -> Model {
        let currency = it.text(opportunity::currency).unwrap_or_else(|| DEFAULT_CURRENCY.to_owned());
        let amount = it.parsed(opportunity::amount).and_then(|amount| Money::exact(amount, &currency).ok());
        Model {
            id: it.id,
            version: 1,
            redirect_to: None,
            archived_at: None,
            created_at: it.now,
            updated_at: it.now,
            name: it.text(opportunity::name),
            stage: it.text(opportunity::stage),
            currency: Some(currency),
            loss_reason: it.text(opportunity::loss_reason),
            deal_type: it.text(opportunity::deal_type),
            owner: it.text(opportunity::owner),
            account_ref: it.reference_text(opportunity::account),
            amount_minor: amount.map(|it| it.minor),
            close_date: it.parsed(opportunity::close_date),
            is_closed: it.parsed(opportunity::is_closed),
            is_won: it.parsed(opportunity::is_won),
            account_id: it.reference(opportunity::account),
            sourcing_partner_id: it.id_of(opportunity::sourcing_partner),
        }
    }
}
