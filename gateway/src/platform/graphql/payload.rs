//! Payloads of mutations: what was changed, or why nothing was.
//!
//! Here: the one shape of refusals, added to every payload. Not here: what a mutation changes (the features).

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::resolver_utils::resolve_container;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, Positioned, ServerResult, SimpleObject, Value,
};

use crate::error::{Error, FORBIDDEN, Result};
use crate::platform::context::RequestContext;

/// Why a mutation changed nothing.
#[derive(SimpleObject)]
pub struct UserError {
    /// By which programs tell refusals apart; stable.
    code: &'static str,
    /// Path of the one field that is to blame, below `input`; null when there is none.
    field: Option<Vec<&'static str>>,
    /// What to do, in the caller's language.
    message: String,
}

/// What every payload has.
#[derive(SimpleObject)]
struct Refusals {
    /// Why nothing was changed; empty when the mutation was done.
    user_errors: Vec<UserError>,
}

/// The payload of a mutation that was done, or why it was refused. In the API it is the payload `P` with `userErrors`, and
/// with all its own fields nullable.
pub struct Payload<P> {
    done: Option<P>,
    refusals: Refusals,
}

/// Does what a mutation asks for. A refusal becomes its payload; what the caller has no right to, and what is not the
/// caller's fault, stays an error of the request.
pub fn answer<'a, P: Send + 'a>(
    ctx: &'a RequestContext,
    change: impl Future<Output = Result<P>> + Send + 'a,
) -> impl Future<Output = Result<Payload<P>>> + Send + 'a {
    // On the heap: the futures of all mutations together are too large for a thread's stack.
    let change = Box::pin(change);
    async move {
        let (done, user_errors) = match change.await {
            Ok(done) => (Some(done), Vec::new()),
            Err(error) => (None, vec![UserError::of(ctx, error)?]),
        };
        Ok(Payload { done, refusals: Refusals { user_errors } })
    }
}

impl UserError {
    fn of(ctx: &RequestContext, error: Error) -> Result<Self> {
        let message = error.message(ctx.caller.language);
        match error {
            Error::Refused { code, field, .. } if code != FORBIDDEN => {
                Ok(Self { code, field: Some(field).filter(|it| !it.is_empty()), message })
            }
            other => Err(other),
        }
    }
}

impl<P: ContainerType> OutputType for Payload<P> {
    fn type_name() -> Cow<'static, str> {
        P::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let refusals = registry.create_fake_output_type::<Refusals>();
        let qualified = P::create_type_info(registry);
        let payload = registry.types.get_mut(&*P::type_name());
        if let (Some(MetaType::Object { fields, .. }), MetaType::Object { fields: told, .. }) =
            (payload, refusals)
        {
            fields.values_mut().for_each(|it| it.ty.truncate(it.ty.trim_end_matches('!').len()));
            fields.extend(told);
        }
        qualified
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl<P: ContainerType> ContainerType for Payload<P> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        if let Some(told) = self.refusals.resolve_field(ctx).await? {
            return Ok(Some(told));
        }
        let Some(done) = &self.done else { return Ok(None) };
        // A nullable field that fails is null beside its siblings.
        done.resolve_field(ctx).await.or_else(|error| {
            ctx.add_error(error);
            Ok(None)
        })
    }
}
