//! Records as fresh as somebody wants them: those whose mirror is older are fetched from their source first.
//!
//! Here: how old the mirror of a record is (`age`), fetching what is too old, once however many ask at the same time
//! (`refresher`), what a partner may have fetched (`share`), and one batch for all records of a request (`batch`). A source that does not answer in time delays
//! nobody: then the stored value is served, with its age as a warning. Who asks for no age pays nothing.

mod age;
mod batch;
mod max_age;
mod refresher;
mod share;

pub use batch::{fresh, look_up};
pub use max_age::MaxAge;
pub use refresher::Refresher;
