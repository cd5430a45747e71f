//! Properties that hold for whatever the sources say: order never matters, and every value recomputes.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod history;
mod matching;
mod pairs;
mod survivorship;
mod timeline;
