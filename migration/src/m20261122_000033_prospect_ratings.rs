//! How prospective partners were rated.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string};

use crate::columns::{instant, migration, refers, table};

migration! {
    tables: vec![table("prospect_ratings", vec![
        refers("partner_id"),
        string("criterion"),
        integer("rating"),
        instant("rated_at"),
        string("rated_by"),
    ], &["partner_id", "criterion"])],
    indexes: vec![],
    drops: &["prospect_ratings"]
}
