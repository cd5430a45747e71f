//! What can be learned from records without labels.
//!
//! Here: how common their values are (`frequencies`), and what each level is worth (`weights`, by EM).
//! Not here: applying it (`persons`). Everything is a function of the set of records: pairs are sampled by hash.

mod frequencies;

pub use frequencies::adapted;
