//! Telling listeners what happened to registrations.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ids::{RegistrationEventId, RegistrationId};
use domain::registrations::RegistrationStep;
use entity::registrations::{deal_registration, registration_event};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::access;
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::listening::{Feed, MOST_AT_ONCE, nudge};

/// Steps that decide about a registration, also those that time takes.
pub(super) const DECISIONS: &[RegistrationStep] = &[
    RegistrationStep::Approved,
    RegistrationStep::AutoApproved,
    RegistrationStep::Rejected,
    RegistrationStep::Returned,
    RegistrationStep::Revoked,
    RegistrationStep::Expired,
    RegistrationStep::Won,
    RegistrationStep::Lost,
];

/// Tells listeners that something happened. Called after the commit.
pub async fn announce(ctx: &RequestContext) {
    nudge::<Steps>(ctx).await;
}

/// These steps of registrations.
pub(super) struct Steps(pub(super) &'static [RegistrationStep]);

/// Something that happened to a registration that the listener sees.
pub(super) struct News {
    pub(super) event: registration_event::Model,
    pub(super) registration: deal_registration::Model,
}

impl Feed for Steps {
    type News = News;
    type Id = RegistrationEventId;
    const CHANNEL: &'static str = "deal-registrations";

    /// In pages: after midnight a job tells of very many.
    async fn read(
        &self,
        db: &DatabaseConnection,
        caller: &Caller,
        since: DateTime<Utc>,
    ) -> Result<Vec<News>, DbErr> {
        use registration_event::Column;
        let visible = access::visible_to(caller).select_only().column(deal_registration::Column::Id);
        let mut pages = registration_event::Entity::find()
            .filter(Column::At.gte(since))
            .filter(Column::Step.is_in(self.0.iter().copied()))
            .filter(Column::RegistrationId.in_subquery(visible.into_query()))
            .cursor_by(Column::Id);
        let mut news = Vec::new();
        loop {
            let events = pages.first(MOST_AT_ONCE).all(db).await?;
            let Some(last) = events.last().map(|it| it.id) else { return Ok(news) };
            news.extend(with_registrations(db, caller, events).await?);
            pages.after(last);
        }
    }

    fn stamp(news: &News) -> (RegistrationEventId, DateTime<Utc>) {
        (news.event.id, news.event.at)
    }
}

async fn with_registrations(
    db: &DatabaseConnection,
    caller: &Caller,
    events: Vec<registration_event::Model>,
) -> Result<Vec<News>, DbErr> {
    let of = among(db, deal_registration::Column::Id, events.iter().map(|it| it.registration_id));
    let seen = access::visible_to(caller).filter(of).all(db).await?;
    let seen: HashMap<RegistrationId, deal_registration::Model> =
        seen.into_iter().map(|it| (it.id, it)).collect();
    let news = |event: registration_event::Model| {
        let registration = seen.get(&event.registration_id)?.clone();
        Some(News { event, registration })
    };
    Ok(events.into_iter().filter_map(news).collect())
}
