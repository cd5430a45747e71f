//! The sheet of partner users: a row is a person, told by partner and mail address.

use domain::partners::{JobFunction, PartnerUserRole, PartnerUserStatus};
use domain::text::EmailAddress;
use entity::partners::partner_user;
use sea_orm::DatabaseTransaction;

use super::cells::{Cells, coded};
use super::columns::*;
use super::import::{Outcome, Taken};
use super::partners::called;
use crate::error::Result;
use crate::partners::users::{self, PartnerUserDetails};
use crate::platform::context::RequestContext;

pub(super) async fn take(txn: &DatabaseTransaction, ctx: &RequestContext, cells: Cells<'_>) -> Result<Taken> {
    let partner = called(txn, ctx, cells.needed(PARTNER)?, PARTNER).await?;
    let email: EmailAddress = cells.needed(EMAIL)?.parse()?;
    let before = users::with_email(txn, partner, &email).await?;
    let details = details(cells, email, before.as_ref())?;
    let (row, outcome) = match before {
        None => (users::create_in(txn, ctx, partner, details).await?, Outcome::Created),
        Some(before) if is_same(&before, &details) => (before, Outcome::Unchanged),
        Some(before) => (users::update_in(txn, ctx, &before, details).await?, Outcome::Updated),
    };
    Ok(Taken { id: row.id.into(), outcome })
}

fn details(
    cells: Cells<'_>,
    email: EmailAddress,
    before: Option<&partner_user::Model>,
) -> Result<PartnerUserDetails> {
    let kana = |text: Option<&String>| text.map(|it| it.parse()).transpose();
    let family_name_kana = kana(before.and_then(|it| it.family_name_kana.as_ref()))?;
    let given_name_kana = kana(before.and_then(|it| it.given_name_kana.as_ref()))?;
    let (function, role) = (coded!(cells, JOB_FUNCTION, JobFunction)?, coded!(cells, ROLE, PartnerUserRole)?);
    let status = coded!(cells, STATUS, PartnerUserStatus)?;
    Ok(PartnerUserDetails {
        family_name: cells.needed(FAMILY_NAME)?.parse()?,
        given_name: cells.needed(GIVEN_NAME)?.parse()?,
        family_name_kana: cells.over(FAMILY_NAME_KANA, family_name_kana)?,
        given_name_kana: cells.over(GIVEN_NAME_KANA, given_name_kana)?,
        email,
        job_function: function.or(before.map(|it| it.job_function)).unwrap_or(JobFunction::Sales),
        role: role.or(before.map(|it| it.role)).unwrap_or(PartnerUserRole::PartnerRep),
        status: status.or(before.map(|it| it.status)).unwrap_or(PartnerUserStatus::Invited),
    })
}

fn is_same(before: &partner_user::Model, details: &PartnerUserDetails) -> bool {
    let kana = |it: &Option<domain::text::Name>| it.clone().map(String::from);
    before.family_name == String::from(details.family_name.clone())
        && before.given_name == String::from(details.given_name.clone())
        && before.family_name_kana == kana(&details.family_name_kana)
        && before.given_name_kana == kana(&details.given_name_kana)
        && before.email == details.email.as_str()
        && before.job_function == details.job_function
        && before.role == details.role
        && before.status == details.status
}
