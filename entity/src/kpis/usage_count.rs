//! What a partner did with our support, as a table.

use domain::ids::PartnerId;
use domain::kpis::rollup::Grain;
use sea_orm::entity::prelude::*;

/// What a partner did in one day, or in one month; made anew from the events whenever one of them comes late. A stretch in which
/// nobody did anything has no row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usage_counts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub grain: Grain,
    /// The first date, by the calendar of Tokyo.
    #[sea_orm(primary_key, auto_increment = false)]
    pub begins: Date,
    pub document_views: i32,
    pub downloads: i32,
    pub proposal_tool_uses: i32,
    pub faq_views: i32,
    /// Those that began then.
    pub chat_sessions: i32,
    /// Users who logged in, each once a day.
    pub logins: i32,
    pub last_access_at: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
