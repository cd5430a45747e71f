//! Keys for comparing: what is left of a text when spelling habits are taken away.
//!
//! Here: one module per kind of text. Stored text is never touched; keys are recomputed when rules change.
//! Not here: what an equal key is worth (`matching`), when two values are one value (`equivalence`).

pub mod contact;
pub mod text;
