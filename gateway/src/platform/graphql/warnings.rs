//! What a client should know beside the answer: it comes as `extensions.warnings`.
//!
//! Here: collecting warnings in a request, and the schema extension that adds them to its answer.

use std::sync::{Arc, Mutex};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Response, Value};
use async_trait::async_trait;
use serde_json::json;

use crate::platform::context::RequestContext;

/// Something that a client should know.
#[derive(Debug, Clone)]
pub struct Warning {
    /// Stable code, unique in the API.
    pub code: &'static str,
    /// What it means.
    pub message: String,
    /// What it is about.
    pub detail: serde_json::Value,
}

/// The warnings of one request.
#[derive(Debug, Default)]
pub struct Warnings(Mutex<Vec<Warning>>);

impl Warnings {
    /// Adds one.
    pub fn add(&self, warning: Warning) {
        self.0.lock().expect("no holder panics").push(warning);
    }

    fn take(&self) -> Vec<Warning> {
        std::mem::take(&mut *self.0.lock().expect("no holder panics"))
    }
}

/// Adds the warnings of a request to its answer.
pub struct TellWarnings;

impl ExtensionFactory for TellWarnings {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for TellWarnings {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(ctx, operation_name).await;
        let warnings = ctx.data_opt::<RequestContext>().map(|it| it.warnings.take()).unwrap_or_default();
        if !warnings.is_empty() {
            let told = |it: Warning| json!({ "code": it.code, "message": it.message, "detail": it.detail });
            let told = serde_json::Value::Array(warnings.into_iter().map(told).collect());
            let told = Value::from_json(told).expect("JSON is a value");
            response.extensions.insert("warnings".to_owned(), told);
        }
        response
    }
}
