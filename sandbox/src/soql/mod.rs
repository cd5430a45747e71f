//! The query language: from text to a fixed list of records, and from records to JSON.
//!
//! `lexer` → `parser` (`ast`) → `plan` (`resolve`, `filter`, `dates`) → `execute`, `aggregate` → `render`.
//! Knows the org, but no HTTP.

mod aggregate;
mod ast;
pub(crate) mod csv;
mod cursors;
mod dates;
mod execute;
mod fields;
mod filter;
mod lexer;
mod parser;
mod plan;
pub(crate) mod render;
mod resolve;
mod sort;

pub(crate) use cursors::{Cursor, Cursors};
pub(crate) use execute::{Outcome, run};
pub(crate) use plan::{Plan, Scope, is_filterable};
