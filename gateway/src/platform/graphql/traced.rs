//! Spans of a trace for what a request asks of the root, so that statements and requests to CRMs stand below the field that
//! needed them. Fields further down are too many to have spans of their own.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::{ServerResult, Value};
use async_trait::async_trait;
use tracing::Instrument as _;

/// Makes a span for each field of the root. Only worth its price where there is a collector.
pub struct TraceFields;

impl ExtensionFactory for TraceFields {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for TraceFields {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        if info.path_node.parent.is_some() {
            return next.run(ctx, info).await;
        }
        let span = tracing::info_span!("field", otel.name = format!("{}.{}", info.parent_type, info.name));
        next.run(ctx, info).instrument(span).await
    }
}
