//! Writing to Salesforce.
//!
//! Here: one record on a real condition (`single`), many with few requests (`batch`), and what both need.
//! Not here: what is written and when (the gateway's sync).

mod answer;
mod prepare;
mod refusal;

mod batch;
mod made;
mod single;
