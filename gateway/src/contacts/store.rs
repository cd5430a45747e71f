//! Contacts in SQL. Every query starts from what the caller sees.

use domain::ids::GoldenId;
use entity::contacts::golden_contact::Model;
use sea_orm::{ConnectionTrait, DbErr};

use super::access;
use crate::golden::served;
use crate::platform::auth::Caller;

/// The contact of that id; an id that lost a merge gives its survivor.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: GoldenId,
) -> Result<Option<Model>, DbErr> {
    served::find(db, access::visible_to(caller), id).await
}
