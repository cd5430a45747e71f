//! A course.

use domain::ids::CourseId;
use domain::training::CourseMode;
use sea_orm::entity::prelude::*;

/// A course.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "courses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CourseId,
    /// By which learning systems know it.
    pub code: String,
    pub title_ja: String,
    pub title_en: Option<String>,
    pub mode: CourseMode,
    /// Ids of the courses to be passed before, separated by commas.
    pub prerequisites: String,
    /// The score to reach, from 0 to 100, as an exact decimal; null when there is no test.
    pub pass_mark: Option<String>,
    /// How often its test may be tried; null for as often as one likes.
    pub max_attempts: Option<i32>,
    /// For how long passing it certifies; null when it certifies nothing.
    pub validity_months: Option<i32>,
    /// How many certified users certify their partner; null when partners are not certified.
    pub holders_needed: Option<i32>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
