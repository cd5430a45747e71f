//! `gateway token`: a signed token to try queries with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;
use domain::access::Role;
use domain::codes::UnknownCode;
use domain::ids::PartnerUserId;
use serde_json::json;
use uuid::Uuid;

use super::{DEMO_FOLDER, Failure, KEYS_FOLDER, Shell};
use crate::platform::auth::demo_keys::{AUDIENCE, DemoKeys, ISSUER};
use crate::platform::auth::signing::{Claims, Signer};
use crate::platform::clock::Clock;
use crate::platform::config;
use crate::platform::graphql::node_id::{InvalidNodeId, NodeId, NodeType};

/// Sign a token for one role
///
/// Signed with the demo's key, or with a private key that you name. In production tokens come from your own
/// issuer: this command is for trying things out.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// admin, channel-manager, data-steward, integration-job, partner-admin or partner-rep; may be repeated
    #[arg(long = "role", required_unless_present = "jwks", value_name = "ROLE", value_parser = role)]
    roles: Vec<Role>,

    /// The partner, for partner-admin and partner-rep
    #[arg(long, value_name = "ID", value_parser = partner_id)]
    partner: Option<Uuid>,

    /// The partner user, for partner-rep; becomes the subject
    #[arg(long, value_name = "ID", conflicts_with = "subject", value_parser = user_id)]
    user: Option<Uuid>,

    /// Whom the token speaks of; by default the role's name
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,

    /// How long it counts; gateways refuse more than `auth.max_lifetime`
    #[arg(long, default_value = "12h", value_name = "TIME", value_parser = config::length_of_time)]
    ttl: Duration,

    /// Language of labels: ja or en
    #[arg(long, default_value = "ja", value_name = "LANGUAGE")]
    locale: String,

    /// An OAuth scope; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,

    /// The tenant
    #[arg(long, default_value = "default", value_name = "TEXT")]
    tenant: String,

    /// Folder of the demo's data, whose key signs
    #[arg(long, default_value = DEMO_FOLDER, value_name = "FOLDER")]
    data: PathBuf,

    /// Sign with this private key instead (PEM, PKCS #8: RSA, P-256 or Ed25519)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// The key's id in the issuer's key set; by default its thumbprint (RFC 7638)
    #[arg(long, value_name = "KID", requires = "key")]
    key_id: Option<String>,

    /// `iss` of the token
    #[arg(long, value_name = "TEXT", default_value = ISSUER)]
    issuer: String,

    /// `aud` of the token
    #[arg(long, value_name = "TEXT", default_value = AUDIENCE)]
    audience: String,

    /// Print the public key set that proves such tokens, for `jwks_file`, instead of a token
    #[arg(long)]
    jwks: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway token --role admin
  gateway token --role channel-manager --subject hana --locale en
  gateway token --role partner-rep --partner UGFy… --user UGFy…

With a key of your own, for `jwks_file` in [auth.issuers.<name>]:
  openssl genpkey -algorithm ed25519 -out issuer.pem
  gateway token --key issuer.pem --jwks > issuer.jwks.json
  gateway token --key issuer.pem --issuer https://login.example.com/ --role admin

Use it:
  curl http://127.0.0.1:8080/graphql -H 'content-type: application/json' \\
    -H \"authorization: Bearer $(gateway token --role admin)\" -d '{\"query\":\"{__typename}\"}'";

/// Takes `partner-rep` as well as `PARTNER_REP`.
fn role(text: &str) -> Result<Role, UnknownCode> {
    text.to_uppercase().replace('-', "_").parse()
}

/// Takes the `id` of the API as well as a plain UUID.
fn partner_id(text: &str) -> Result<Uuid, InvalidNodeId> {
    NodeId::plain_or_global(text, NodeType::Partner)
}

fn user_id(text: &str) -> Result<Uuid, InvalidNodeId> {
    NodeId::plain_or_global(text, NodeType::PartnerUser)
}

/// A role that needs something the arguments do not give.
#[derive(Debug, thiserror::Error)]
enum Incomplete {
    #[error("{} needs --partner: without one it sees nothing", .0.code())]
    Partner(Role),
    #[error("PARTNER_REP needs --user: without one it sees nothing")]
    User,
}

pub(super) fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    check(&arguments).map_err(Failure::usage)?;
    let signer = signer(&arguments)?;
    if arguments.jwks {
        let keys = serde_json::to_string_pretty(&signer.key_set()).expect("a key set is JSON");
        shell.output.line(keys);
        return Ok(());
    }
    let claims = claims(arguments, &Clock::default());
    let token = signer.sign(&claims).map_err(Failure::failed)?;
    shell
        .output
        .result(&token, &json!({"token": token, "expiresAt": claims.expires_at, "subject": claims.subject}));
    Ok(())
}

fn check(arguments: &Arguments) -> Result<(), Incomplete> {
    let of_partner = arguments.roles.iter().find(|it| it.is_partner());
    match of_partner {
        Some(role) if arguments.partner.is_none() => Err(Incomplete::Partner(*role)),
        _ if arguments.roles.contains(&Role::PartnerRep) && arguments.user.is_none() => Err(Incomplete::User),
        _ => Ok(()),
    }
}

fn signer(arguments: &Arguments) -> Result<Signer, Failure> {
    let Some(file) = &arguments.key else { return demo_signer(&arguments.data) };
    let pem = fs::read(file).map_err(|error| {
        Failure::usage(anyhow::Error::new(error).context(format!("cannot read {}", file.display())))
    })?;
    Signer::from_pem(&pem, arguments.key_id.clone()).map_err(Failure::usage)
}

fn demo_signer(data: &Path) -> Result<Signer, Failure> {
    let keys = DemoKeys::load(&data.join(KEYS_FOLDER)).map_err(|error| {
        Failure::usage(error).with_hint("start `gateway demo` once, or name a key with --key")
    })?;
    Ok(keys.signer().clone())
}

fn claims(arguments: Arguments, clock: &Clock) -> Claims {
    let by_role = || arguments.roles.first().map(|it| it.code().to_lowercase()).unwrap_or_default();
    let user = arguments.user.map(|it| PartnerUserId(it).to_string());
    let issued_at = clock.now();
    Claims {
        issuer: arguments.issuer,
        audience: arguments.audience,
        subject: user.or(arguments.subject).unwrap_or_else(by_role),
        tenant: arguments.tenant,
        partner: arguments.partner.map(Into::into),
        scopes: arguments.scopes,
        locale: arguments.locale,
        issued_at,
        expires_at: issued_at + TimeDelta::from_std(arguments.ttl).unwrap_or(TimeDelta::days(1)),
        roles: arguments.roles,
    }
}
