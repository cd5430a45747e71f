//! `gateway sandbox`: a Salesforce-compatible CRM on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ::sandbox::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_LEADS, DEMO_SEED, DEMO_USERNAME, JwtKey, Options, Sandbox,
    Scenario,
};
use clap::Args;
use serde_json::json;

use super::{Failure, Shell, signals};

/// Start a Salesforce-compatible CRM to talk to
///
/// It speaks OAuth, REST and SOQL as Salesforce does, so the client libraries made for it work. Its people and
/// duplicates are invented from a seed, its companies are real ones; everything is gone when it ends, unless a
/// journal keeps the changes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// How many leads to invent; 200000 is fine
    #[arg(long, default_value_t = DEMO_LEADS, value_name = "N")]
    leads: usize,

    /// The same seed gives the same CRM
    #[arg(long, default_value_t = DEMO_SEED, value_name = "S")]
    seed: u64,

    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8090, value_name = "P")]
    port: u16,

    /// Accept JWT bearer logins signed with the private half of this RSA key (PEM)
    #[arg(long, value_name = "FILE")]
    jwt_key: Option<PathBuf>,

    /// Whom such logins act as
    #[arg(long, default_value = DEMO_USERNAME, value_name = "NAME", requires = "jwt_key")]
    jwt_user: String,

    /// Keep changes in this file, and replay them at the next start
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,

    /// What goes wrong, and when (docs/sandbox.md)
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  gateway sandbox                                     2,000 leads on port 8090
  gateway sandbox --leads 200000 --seed 7             a large one
  gateway sandbox --journal crm.journal               survives a restart
  gateway sandbox --scenario bad-day.toml             with faults, the same each time
  gateway sandbox --jwt-key integration.pub.pem       JWT bearer logins too

Let it misbehave (docs/sandbox.md): every third answer is a 503
  curl -X POST http://127.0.0.1:8090/admin/faults -H 'content-type: application/json' \
    -d '{\"kind\":\"unavailable\",\"path\":\"/services/data\",\"when\":{\"every_nth\":3}}'

Let the gateway read from it:
  [sources.crm]
  kind = \"salesforce\"
  login_url = \"http://127.0.0.1:8090\"
  client_id = \"partner-gateway-demo\"
  client_secret = \"demo-client-secret\"
  allow_http_loopback = true";

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let stopping = signals::stopping()?;
    let options = Options {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port)),
        leads: Some(arguments.leads),
        seed: arguments.seed,
        jwt_keys: jwt_keys(arguments.jwt_key.as_deref(), arguments.jwt_user)?,
        journal: arguments.journal,
        scenario: scenario(arguments.scenario.as_deref())?,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.map_err(Failure::failed)?;
    let address = sandbox.base_url();
    shell.output.result(
        format_args!(
            "the CRM answers at {address}\n\n  client id      {DEMO_CLIENT_ID}\n  client secret  {DEMO_CLIENT_SECRET}\n\nCtrl-C ends it"
        ),
        &json!({"address": address, "clientId": DEMO_CLIENT_ID, "clientSecret": DEMO_CLIENT_SECRET}),
    );
    stopping.await;
    sandbox.shutdown().await;
    Ok(())
}

fn scenario(file: Option<&Path>) -> Result<Scenario, Failure> {
    let read = |file| Scenario::read(file).map_err(|error| Failure::usage(anyhow::Error::new(error)));
    file.map_or_else(|| Ok(Scenario::default()), read)
}

fn jwt_keys(file: Option<&Path>, username: String) -> Result<Vec<JwtKey>, Failure> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let public_key_pem = std::fs::read_to_string(file).map_err(|error| {
        Failure::usage(anyhow::Error::new(error).context(format!("cannot read {}", file.display())))
    })?;
    Ok(vec![JwtKey { public_key_pem, username }])
}
