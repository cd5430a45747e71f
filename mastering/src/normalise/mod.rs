//! Keys for comparing: what is left of a text when spelling habits are taken away.
//!
//! Here: one module per kind of text. Stored text is never touched; keys are recomputed when rules change.
//! Not here: what an equal key is worth (`matching`), when two values are one value (`equivalence`).

pub mod kana;
pub mod kanji_variants;
pub mod placeholders;
pub mod text;

pub mod company;
pub mod legal_forms;

pub mod nicknames;
pub mod person;
pub mod reading;

pub mod contact;
pub mod mailbox;
pub mod place;
pub mod web_domain;
