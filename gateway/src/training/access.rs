//! Which enrolments and certifications a caller sees, as conditions in SQL.

use domain::access::{RowScope, customer_scope};
use entity::training::{certification, enrolment};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::leads;
use crate::platform::auth::Caller;

/// The enrolments a caller sees: channel managers those at the partners they manage, administrators of a partner the partner's,
/// representatives their own.
pub(super) fn enrolments_visible_to(caller: &Caller) -> Select<enrolment::Entity> {
    use enrolment::Column::{PartnerId, PartnerUserId};
    enrolment::Entity::find().filter(visible(caller, PartnerId, PartnerUserId))
}

/// The certifications a caller sees: as enrolments.
pub(super) fn certifications_visible_to(caller: &Caller) -> Select<certification::Entity> {
    use certification::Column::{PartnerId, PartnerUserId};
    certification::Entity::find().filter(visible(caller, PartnerId, PartnerUserId))
}

fn visible<C: ColumnTrait>(caller: &Caller, partner: C, user: C) -> Condition {
    match customer_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::ManagedBy(subject) => {
            Condition::all().add(partner.in_subquery(leads::access::managed_by(&subject)))
        }
        RowScope::OfPartner(own) => Condition::all().add(partner.eq(own)),
        RowScope::OfPartnerUser(own, it) => Condition::all().add(partner.eq(own)).add(user.eq(it)),
        RowScope::Nothing => Condition::all().add(Expr::value(false)),
    }
}
