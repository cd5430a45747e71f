//! What every type of the API shares: global ids, pages, filters, orders and batched reads.

pub mod batch;
pub mod cursor;
pub mod node_id;

pub mod at_hand;
pub mod children;
pub mod connection;
pub mod creation_order;
pub mod filter;
pub mod search;

mod absent;
pub mod guard;
mod lexer;
pub mod warnings;
