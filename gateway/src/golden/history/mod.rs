//! Golden records as they were: what we knew at one instant of how things stood at another.
//!
//! Nothing of the past is kept as such. Memberships, observations and policies are dated, and the rules that settle
//! records now settle them as of then, so the past cannot disagree with what was served.
//! Here: who belonged together (`members`), what the sources had said (`told`), the rows that follow (`past`), one by
//! one (`loader`) and in lists (`pages`), and the changes of one record (`life`, `service`). Not here: replaying one record (`mastering::history`), the API (`graphql`).

pub mod loader;
pub mod pages;
pub mod past;
pub mod service;

mod life;
mod members;
pub(super) mod told;
