//! Keys for comparing: what is left of a text when spelling habits are taken away.
//!
//! Here: one module per kind of text. Stored text is never touched; keys are recomputed when rules change.
//! Not here: what an equal key is worth (`matching`), when two values are one value (`equivalence`).

pub mod kana;
pub mod kanji_variants;
pub mod placeholders;
pub mod similarity;
pub mod text;

pub mod company;
pub mod legal_forms;

pub mod name_dictionary;
pub mod nicknames;
pub mod person;
mod person_words;
pub mod reading;
pub mod sound;

pub mod contact;
pub mod country;
pub mod mailbox;
pub mod phone;
pub mod place;
mod states;
pub mod street;
pub mod web_domain;
