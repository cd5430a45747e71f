//! What behaviour tests stand on: a gateway over a fresh store, clients per role, and things to begin with.
//!
//! Here: starting and speaking to a gateway. Not here: what it should answer (the files of the features).

mod chance;
mod channel;
mod claims;
mod clients;
mod command;
mod crm;
mod gateway;
mod given;
mod stores;
mod stream;
mod time;

pub use chance::Chance;
pub use claims::deal;
pub use clients::{Answer, Client, claims_at};
pub use command::run;
pub use crm::given_crm;
pub use gateway::TestGateway;
pub use given::{GivenPartner, GivenUser, Said};
pub use stores::{on_every_shared_store, on_every_store, on_every_store_making, on_shared_postgres};
pub use time::{START, instant};
