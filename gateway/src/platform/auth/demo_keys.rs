//! A key pair of this machine alone, so that the demo needs no issuer.
//!
//! Here: made once, kept in a file that only its owner reads, with the matching public set beside it.
//! Not here: production, where tokens come from the company's own issuer.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::signing::{Signer, UnusableKey};
use crate::platform::config;
use crate::platform::config::auth::{Issuer, KeySource, SigningAlgorithm};

/// Who issues the demo's tokens.
pub const ISSUER: &str = "partner-gateway-demo";
/// Whom they are for.
pub const AUDIENCE: &str = "partner-gateway";

const PRIVATE_FILE: &str = "demo.key.pem";
const PUBLIC_FILE: &str = "demo.jwks.json";

/// Why there is no key pair.
#[derive(Debug, thiserror::Error)]
pub enum DemoKeyError {
    /// The folder or a file in it cannot be read or written.
    #[error("cannot keep the demo's keys in {}: {source}", path.display())]
    Inaccessible {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others on this machine may read the private key.
    #[error("{} can be read by others; run `chmod 600` on it, or delete it to get a new one", .0.display())]
    Exposed(PathBuf),
    /// The file holds something else.
    #[error("{} is not a usable private key; delete it to get a new one", .0.display())]
    Broken(PathBuf),
}

/// The demo's key pair.
#[derive(Debug, Clone)]
pub struct DemoKeys {
    signer: Signer,
    public_file: PathBuf,
}

impl DemoKeys {
    /// Loads the pair of a folder.
    pub fn load(folder: &Path) -> Result<Self, DemoKeyError> {
        let private = folder.join(PRIVATE_FILE);
        let mode = fs::metadata(&private).map_err(inaccessible(&private))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(DemoKeyError::Exposed(private));
        }
        let pem = fs::read(&private).map_err(inaccessible(&private))?;
        let signer = Signer::from_pem(&pem, None).map_err(|UnusableKey| DemoKeyError::Broken(private))?;
        Ok(Self { signer, public_file: folder.join(PUBLIC_FILE) })
    }

    /// Loads the pair of a folder, or makes one there. Writes the public set beside it.
    pub fn load_or_make(folder: &Path) -> Result<Self, DemoKeyError> {
        fs::create_dir_all(folder).map_err(inaccessible(folder))?;
        let private = folder.join(PRIVATE_FILE);
        match write_private(&private) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            written => written.map_err(inaccessible(&private))?,
        }
        let keys = Self::load(folder)?;
        let public = serde_json::to_vec_pretty(&keys.signer.key_set()).expect("a key set is JSON");
        fs::write(&keys.public_file, public).map_err(inaccessible(&keys.public_file))?;
        Ok(keys)
    }

    /// The private half.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// A configuration that accepts what the pair signs, and nothing else.
    pub fn auth(&self) -> config::Auth {
        let issuer = Issuer {
            issuer: ISSUER.to_owned(),
            audience: vec![AUDIENCE.to_owned()],
            keys: vec![KeySource::File(self.public_file.clone())],
            algorithms: vec![SigningAlgorithm::EdDsa],
        };
        config::Auth { issuers: BTreeMap::from([("demo".to_owned(), issuer)]), ..config::Auth::default() }
    }
}

/// Readable by its owner from the first byte on; never replaces a key that is there.
fn write_private(path: &Path) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let made = Ed25519KeyPair::generate().and_then(|pair| pair.as_der());
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = made.map_err(std::io::Error::other)?;
    file.write_all(pem(der.as_ref()).as_bytes())?;
    file.sync_all()
}

/// A private key (PKCS #8) as text, RFC 7468: base64 in lines of 64.
pub(super) fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).expect("base64 is ASCII"));
    let body: Vec<&str> = lines.collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", body.join("\n"))
}

fn inaccessible(path: &Path) -> impl FnOnce(std::io::Error) -> DemoKeyError {
    let path = path.to_owned();
    move |source| DemoKeyError::Inaccessible { path, source }
}
