//! Why a sandbox does not start, or an admin's wish is refused.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Every way this crate fails towards its user. Clients of the REST API see the CRM's own errors.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: choose a free port, or 0 for any")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A key for JWT bearer assertions is not an RSA public key in PEM form.
    #[error("the JWT bearer key of {username} is not an RSA public key in PEM form")]
    JwtKey {
        /// The user the key was given for.
        username: String,
        /// What is wrong with it.
        #[source]
        source: jsonwebtoken::errors::Error,
    },
    /// The journal cannot be read or written.
    #[error("cannot use the journal {}: check the path and its permissions", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A line of the journal is not one this version writes.
    #[error("line {line} of the journal {} is broken: move the file away to start afresh", path.display())]
    JournalLine {
        /// The file.
        path: PathBuf,
        /// Counts from 1.
        line: usize,
    },
    /// The journal's writes belong to an org seeded otherwise.
    #[error(
        "the journal {} belongs to the org `{found}`, not to `{expected}`: start with its leads and seed, or name another file",
        path.display()
    )]
    JournalOfAnotherOrg {
        /// The file.
        path: PathBuf,
        /// What its first line says.
        found: String,
        /// What these options would seed.
        expected: String,
    },
    /// A scenario file cannot be read.
    #[error("the scenario {} cannot be used: {problem}", path.display())]
    Scenario {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Deliveries to an address cannot be made.
    #[error("nothing can be delivered to {url}: check the address")]
    Webhook {
        /// The address.
        url: String,
        /// What is wrong with it.
        #[source]
        source: reqwest::Error,
    },
    /// The admin named something that is not there, or may not be changed so.
    #[error("{code}: {message}")]
    Refused {
        /// The CRM's error code.
        code: &'static str,
        /// The CRM's message.
        message: String,
    },
}
