//! `gateway key create|list|revoke|revoke-tokens`: keys of integration jobs, and tokens that shall not count any more.

use std::time::Duration;

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use domain::review::Reason;
use entity::credentials::api_key;
use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::Desk;
use super::{Failure, Shell};
use crate::credentials::service::{self, KeyDetails, Revoked};
use crate::platform::config::length_of_time;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Create(CreateArguments),
    List(ListArguments),
    Revoke(RevokeArguments),
    RevokeTokens(RevokeTokensArguments),
}

/// Make a key for an integration job; it is shown once
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway key create nightly-import --scope source:CRM --expires 90d\n  gateway --json key create nightly-import --scope source:CRM --by sato"
)]
pub(super) struct CreateArguments {
    /// What the job is called
    name: String,

    /// What it may do it to; the source system that it acts for is one of them: source:CRM
    #[arg(long = "scope", required = true, value_name = "SCOPE")]
    scopes: Vec<String>,

    /// How long it counts, at most a year
    #[arg(long, default_value = "90d", value_parser = length_of_time)]
    expires: Duration,

    /// Who makes it
    #[arg(long, value_name = "SUBJECT")]
    by: Option<String>,
}

/// List all keys, newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway key list\n  gateway --json key list")]
pub(super) struct ListArguments {}

/// End a key at once
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway key revoke 01977a3e-… --reason 'lost' --by sato")]
pub(super) struct RevokeArguments {
    /// Its id
    id: Uuid,

    #[command(flatten)]
    because: Because,
}

/// Revoke one token, or all that a subject has until now
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway key revoke-tokens --subject 01977a3e-… --reason 'left the company'\n  gateway key revoke-tokens --token 5f1c… --reason 'found in a log'"
)]
pub(super) struct RevokeTokensArguments {
    /// The subject
    #[arg(long, required_unless_present = "token", conflicts_with = "token")]
    subject: Option<String>,

    /// The id (`jti`) of one token
    #[arg(long, value_name = "JTI")]
    token: Option<String>,

    #[command(flatten)]
    because: Because,
}

#[derive(Debug, Args)]
struct Because {
    /// Why
    #[arg(long)]
    reason: String,

    /// Who does it
    #[arg(long, value_name = "SUBJECT")]
    by: Option<String>,
}

impl Because {
    fn reason(&self) -> Result<Reason, Failure> {
        self.reason.parse().map_err(Failure::usage)
    }
}

pub(super) async fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create(arguments, shell).await,
        Command::List(ListArguments {}) => list(shell).await,
        Command::Revoke(RevokeArguments { id, because }) => {
            let reason = because.reason()?;
            let desk = Desk::open(shell, because.by.as_deref()).await?;
            let key = service::revoke_key(&desk.ctx, id.into(), &reason).await.map_err(Failure::failed)?;
            shell.output.result(format_args!("{} does not count any more", key.name), &described(&key));
            Ok(())
        }
        Command::RevokeTokens(arguments) => revoke_tokens(arguments, shell).await,
    }
}

async fn create(arguments: CreateArguments, shell: &Shell) -> Result<(), Failure> {
    let CreateArguments { name, scopes, expires, by } = arguments;
    let desk = Desk::open(shell, by.as_deref()).await?;
    let life = TimeDelta::from_std(expires).map_err(Failure::usage)?;
    let name = name.parse().map_err(Failure::usage)?;
    let details = KeyDetails { name, scopes, expires_at: desk.ctx.now + life };
    let (key, secret) = service::create_key(&desk.ctx, None, details).await.map_err(Failure::failed)?;
    let secret = secret.expect("only a repeated request gets none");
    shell.output.note(format_args!("{} counts until {}; it is not shown again", key.name, key.expires_at));
    shell.output.result(&secret, &json!({ "secret": secret, "key": described(&key) }));
    Ok(())
}

async fn list(shell: &Shell) -> Result<(), Failure> {
    let desk = Desk::open(shell, None).await?;
    for key in service::keys(&desk.ctx).await.map_err(Failure::failed)? {
        let state = match (key.revoked_at, key.last_used_at) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) => format!("used {at}"),
            (None, None) => "never used".to_owned(),
        };
        let line = format!("{}  {}  {}  until {}  {state}", key.id, key.name, key.scopes, key.expires_at);
        shell.output.result(line, &described(&key));
    }
    Ok(())
}

async fn revoke_tokens(arguments: RevokeTokensArguments, shell: &Shell) -> Result<(), Failure> {
    let RevokeTokensArguments { subject, token, because } = arguments;
    let reason = because.reason()?;
    let revoked = match (subject, token) {
        (Some(subject), _) => Revoked::Subject(subject),
        (None, token) => Revoked::Token(token.expect("one of the two is required")),
    };
    let desk = Desk::open(shell, because.by.as_deref()).await?;
    let done = service::revoke_tokens(&desk.ctx, None, revoked, &reason).await.map_err(Failure::failed)?;
    shell.output.result("revoked", &json!({ "id": done.id, "revokedAt": done.revoked_at }));
    Ok(())
}

fn described(key: &api_key::Model) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes.split_whitespace().collect::<Vec<_>>(),
        "createdBy": key.created_by,
        "expiresAt": key.expires_at,
        "lastUsedAt": key.last_used_at,
        "revokedAt": key.revoked_at,
    })
}
