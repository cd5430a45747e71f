//! Finding assets by what they say, in Japanese and English, the same way on both databases.
//!
//! Characters and their pairs find candidates through an index of our own, and the whole word in the folded text says that it is
//! there.
//! PostgreSQL's word search knows no Japanese words, its trigrams are an extension that may be missing, and SQLite's trigrams
//! find nothing of two characters, as most Japanese words are.

use domain::access::Permission;
use domain::enablement::SearchWords;
use entity::enablement::{asset_term, asset_version};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Func, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::access;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::filter::TextFilter;

/// Versions that one search gives at most.
pub const MOST_FOUND: u64 = 50;

/// The versions that the caller sees and that have every word: those with all words in the title first, then the newest.
pub async fn search(
    ctx: &RequestContext,
    words: &SearchWords,
    most: u64,
) -> Result<Vec<asset_version::Model>> {
    use asset_version::Column;
    ctx.caller.require(Permission::ReadEnablement)?;
    let title_first: Expr = Expr::case(has(Column::SearchTitle, words), 1).finally(0).into();
    let found = access::versions_visible_to(ctx)
        .await?
        .filter(Column::Id.in_subquery(known_by(words)))
        .filter(has(Column::SearchText, words))
        .order_by_desc(title_first)
        .order_by_desc(Column::Id)
        .limit(Ord::min(most, MOST_FOUND));
    Ok(found.all(ctx.read()).await?)
}

/// Versions that are known by all terms of the words.
fn known_by(words: &SearchWords) -> SelectStatement {
    use asset_term::{Column, Entity};
    let terms = words.terms();
    let count = i64::try_from(terms.len()).unwrap_or(i64::MAX);
    Query::select()
        .column(Column::AssetVersionId)
        .from(Entity)
        .and_where(Column::Term.is_in(terms))
        .group_by_col(Column::AssetVersionId)
        .and_having(Expr::expr(Func::count(Expr::col(Column::Term))).eq(count))
        .take()
}

/// Whether a folded text has every word as it is.
fn has(column: asset_version::Column, words: &SearchWords) -> Condition {
    let has = |word: &String| TextFilter { contains: Some(word.clone()), ..TextFilter::default() }.on(column);
    words.words().iter().map(has).fold(Condition::all(), Condition::add)
}
