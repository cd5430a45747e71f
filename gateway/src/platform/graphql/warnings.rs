//! What a client should know beside the answer: it comes as `extensions.warnings`.
//!
//! Here: collecting warnings in a request, and adding them to its answer.

use std::sync::Mutex;

use async_graphql::{Response, Value};
use serde_json::json;

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

    /// Adds to an answer what there is to know since the one before.
    pub(super) fn tell(&self, response: &mut Response) {
        let warnings = std::mem::take(&mut *self.0.lock().expect("no holder panics"));
        if warnings.is_empty() {
            return;
        }
        let told = |it: Warning| json!({ "code": it.code, "message": it.message, "detail": it.detail });
        let told = serde_json::Value::Array(warnings.into_iter().map(told).collect());
        response.extensions.insert("warnings".to_owned(), Value::from_json(told).expect("JSON is a value"));
    }
}
