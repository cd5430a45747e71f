//! Requests that end before their answer: out of time, or because the client has gone.

use std::pin::pin;
use std::sync::Arc;

use async_graphql::Response;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_trait::async_trait;

use crate::platform::context::RequestContext;

/// Tells the database when nobody waits any more for what it does.
pub struct EndWithRequest;

impl ExtensionFactory for EndWithRequest {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for EndWithRequest {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut answer = pin!(next.run(ctx, operation_name));
        // Behind the answer, because what was made last is dropped first: the database must know before connections come back.
        let awaited = ctx.data_opt::<RequestContext>().map(|it| it.database.awaited());
        let response = answer.as_mut().await;
        if let Some(awaited) = awaited {
            awaited.answered();
        }
        response
    }
}
