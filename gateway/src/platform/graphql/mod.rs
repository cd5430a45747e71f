//! What every type of the API shares: global ids, pages, filters, orders, batched reads and payloads.

pub mod batch;
pub mod cursor;
pub mod node_id;

pub mod at_hand;
pub mod children;
pub mod connection;
pub mod creation_order;
pub mod filter;
pub mod search;

pub mod payload;

mod absent;
pub mod guard;
pub mod leaving;
mod lexer;
pub mod measure;
mod tally;
pub mod traced;
pub mod warnings;
