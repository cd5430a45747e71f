//! The configuration of the demo, and what its folder remembers.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use ::sandbox::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET};
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::platform::auth::demo_keys::DemoKeys;
use crate::platform::config::sources::{
    BUDGET_RESERVE_PERCENT, BULK_FROM, INTERACTIVE_RESERVE_PERCENT, Login, OVERLAP, PAGE_SIZE, Source,
    SourceKind, WEBHOOK_SILENCE, WEBHOOK_TOLERANCE,
};
use crate::platform::config::{Config, Upstream};

/// The section that describes the demo's CRM.
pub(super) const SOURCE: &str = "crm";

const FILE: &str = "demo.json";

/// Which CRM the folder was made with. Another one would contradict what was read before.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Crm {
    pub(super) leads: usize,
    pub(super) seed: u64,
}

/// Keeps a second demo out of the folder for as long as the file is held.
pub(super) fn alone_in(folder: &Path) -> anyhow::Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join("demo.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => {
            bail!("a demo runs in {} already; end it, or name another folder with --data", folder.display())
        }
    }
}

/// The CRM of a folder: the one it was made with; a new folder remembers the one it is made with now.
pub(super) fn of_crm(folder: &Path, leads: usize, seed: u64) -> anyhow::Result<Crm> {
    let path = folder.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is damaged; delete the folder to begin anew", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let crm = Crm { leads, seed };
            fs::write(&path, serde_json::to_vec(&crm)?)
                .with_context(|| format!("cannot write {}", path.display()))?;
            Ok(crm)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Describes the demo: a store in the folder, its own keys, its own CRM.
pub(super) fn describe(config: &mut Config, folder: &Path, keys: &DemoKeys, crm: &str) {
    config.database.url = format!("sqlite://{}", folder.join("gateway.db").display()).into();
    config.auth = keys.auth();
    config.server.drain = Duration::ZERO;
    let source = Source {
        kind: SourceKind::Salesforce,
        system: "CRM".parse().expect("a short code"),
        login_url: crm.to_owned(),
        client_id: DEMO_CLIENT_ID.to_owned(),
        login: Login::ClientSecret(DEMO_CLIENT_SECRET.to_owned().into()),
        api_version: None,
        mapping_file: None,
        overlap: OVERLAP,
        page_size: PAGE_SIZE,
        budget_reserve_percent: BUDGET_RESERVE_PERCENT,
        interactive_reserve_percent: INTERACTIVE_RESERVE_PERCENT,
        write_back: true,
        upstream: Upstream::default(),
        allow_http_loopback: true,
        bulk_from: BULK_FROM,
        schedule: Vec::new(),
        webhook_secrets: Vec::new(),
        webhook_tolerance: WEBHOOK_TOLERANCE,
        webhook_counts: false,
        webhook_silence: WEBHOOK_SILENCE,
    };
    config.sources.insert(SOURCE.to_owned(), source);
}
