//! Which records are one, which value is right, and why.
//!
//! Three questions, each answered in one place:
//! - *Same?* `matching` compares records, gives points for evidence and joins records into groups.
//! - *Which value?* `survivorship` settles every field among the records of a group by the update precedence.
//! - *Why?* Settling yields its trace; `trace` stores it, `canonical` gives it one byte form, `history` rewinds what
//!   sources said.
//!
//! Everything is pure: no I/O, clock, randomness or map order. Rules that are data stand in `policies/`.
//! The features `store` and `graphql` add derives to codes and nothing else.

pub mod normalise;

pub mod equivalence;

pub mod policy;

pub mod matching;

pub mod creation;
pub mod survivorship;
pub mod write_back;

pub mod canonical;
pub mod golden_record;
pub mod history;
pub mod trace;
