//! Reading contacts.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::GoldenId;
use entity::contacts::golden_contact::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::types::Contact;
use crate::contacts::{access, store};
use crate::error::Result;
use crate::golden::graphql::AsOfInput;
use crate::golden::history::pages::{self, Filter, Wanted};
use crate::golden::history::{loader, past::Past};
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::{TextFilter, all_of};
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Which contacts; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct ContactFilter {
    /// 姓.
    last_name: Option<TextFilter>,
    /// Mail address.
    email: Option<TextFilter>,
    /// Works at this account.
    account_id: Option<ID>,
    /// A served value changed at or after this instant.
    updated_since: Option<DateTime<Utc>>,
}

impl ContactFilter {
    fn account(&self) -> Result<Option<GoldenId>> {
        let account = self.account_id.as_ref().map(|id| NodeId::decode(id, NodeType::Account));
        Ok(account.transpose()?)
    }

    fn condition(&self) -> Result<Condition> {
        Ok(all_of([
            self.last_name.as_ref().map(|it| it.on(Column::LastName)),
            self.email.as_ref().map(|it| it.on(Column::Email)),
            self.account()?.map(|it| Column::AccountId.eq(it).into_condition()),
            self.updated_since.map(|it| Column::UpdatedAt.gte(it).into_condition()),
        ]))
    }

    /// The filter on contacts of the past.
    fn on_past(self) -> Result<Filter<Model>> {
        let account = self.account()?;
        Ok(Box::new(move |past: &Past<Model>| {
            let row = &past.row;
            let is = TextFilter::is_met;
            is(&self.last_name, &row.last_name)
                && is(&self.email, &row.email)
                && account.is_none_or(|it| row.account_id == Some(it))
                && self.updated_since.is_none_or(|it| row.updated_at >= it)
        }))
    }
}

/// Orders of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum ContactOrder {
    /// Newest first.
    #[default]
    CreatedDesc,
    /// Last changed first.
    UpdatedDesc,
    /// By the reading of the name; by the name, where there is none.
    NameAsc,
}

impl SortKey<Model> for ContactOrder {
    fn name(self) -> String {
        format!("contacts/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        match self {
            Self::CreatedDesc => Expr::col(Column::Id),
            Self::UpdatedDesc => Expr::col(Column::UpdatedAt),
            Self::NameAsc => Expr::col(Column::LastNameKana).if_null(Expr::col(Column::LastName)).if_null(""),
        }
    }

    fn is_ascending(self) -> bool {
        matches!(self, Self::NameAsc)
    }

    fn value(self, row: &Model) -> SortValue {
        match self {
            Self::CreatedDesc => SortValue::Id(row.id.into()),
            Self::UpdatedDesc => SortValue::Instant(row.updated_at),
            Self::NameAsc => {
                let name = row.last_name_kana.as_ref().or(row.last_name.as_ref());
                SortValue::Text(name.cloned().unwrap_or_default())
            }
        }
    }

    fn sample(self) -> SortValue {
        match self {
            Self::CreatedDesc => SortValue::Id(Uuid::nil()),
            Self::UpdatedDesc => SortValue::Instant(DateTime::UNIX_EPOCH),
            Self::NameAsc => SortValue::Text(String::new()),
        }
    }
}

/// Reading contacts.
#[derive(Default)]
pub struct ContactQueries;

#[Object]
impl ContactQueries {
    /// One contact. An id that lost a merge gives the survivor.
    async fn contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
        #[graphql(desc = "As of when; now when left out. Staff only.")] as_of: Option<AsOfInput>,
    ) -> Option<Result<Contact>> {
        one(ctx.data_unchecked(), &id, as_of).await.transpose()
    }

    /// Contacts, page by page; none for partners.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which contacts; all when left out.")] filter: Option<ContactFilter>,
        #[graphql(default, desc = "In which order; as of another time, only by creation.")]
        order_by: ContactOrder,
        #[graphql(desc = "As of when; now when left out. Staff only.")] as_of: Option<AsOfInput>,
    ) -> Result<Page<Contact>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadCustomers)?;
        let input = PageInput { first, after, last, before };
        if let Some(as_of) = as_of {
            let filter = filter.map(ContactFilter::on_past).transpose()?;
            let wanted = Wanted { as_of: as_of.understood(ctx)?, input, filter };
            return pages::page::<Entity, _>(ctx, wanted, order_by, Contact::past).await;
        }
        let query = access::listed_for(&ctx.caller).filter(filter.unwrap_or_default().condition()?);
        let node = |row: Model| (row.id.into(), Contact::from(row));
        page(ctx, query, Column::Id, order_by, &input, node).await
    }
}

/// The contact, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: GoldenId) -> Result<Option<Contact>> {
    ctx.caller.require(Permission::ReadCustomers)?;
    Ok(store::find(ctx.read(), &ctx.caller, id).await?.map(Contact::from).map(|it| it.asked_for_by(id)))
}

async fn one(ctx: &RequestContext, id: &ID, as_of: Option<AsOfInput>) -> Result<Option<Contact>> {
    let id = NodeId::decode(id, NodeType::Contact)?;
    let Some(as_of) = as_of else { return by_id(ctx, id).await };
    let past = loader::find::<Entity>(ctx, as_of.understood(ctx)?, id).await?;
    Ok(past.map(Contact::past).map(|it| it.asked_for_by(id)))
}
