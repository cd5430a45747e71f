//! `gateway lead`: what can be asked of every golden record, and giving leads to partners.

use clap::{Args, Subcommand};
use domain::fields::RecordKind;
use domain::products::ProductScope;
use serde_json::json;

use super::desk::Desk;
use super::golden::{self, id};
use super::{Failure, Shell};
use crate::distribution::service::{self, Wanted};
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// What can be asked of a lead.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Golden(golden::Command),
    Offer(OfferArguments),
    Recall(RecallArguments),
}

/// Offer a lead to the best partner by the policy, or to one that is named
#[derive(Debug, Args)]
#[command(after_help = OFFER_EXAMPLES)]
pub(super) struct OfferArguments {
    /// The lead: a global id, or a UUID
    id: String,

    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    by: String,

    /// To this partner: a global id, or a UUID
    #[arg(long, value_name = "ID", requires = "reason")]
    partner: Option<String>,

    /// Why to this partner
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// What the lead is about; any product when left out
    #[arg(long = "product", value_name = "CODE")]
    products: Vec<String>,
}

/// Take a lead back from its partner
#[derive(Debug, Args)]
#[command(after_help = RECALL_EXAMPLES)]
pub(super) struct RecallArguments {
    /// The lead: a global id, or a UUID
    id: String,

    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    by: String,

    /// Why; the partner reads it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

const OFFER_EXAMPLES: &str = "\
Examples:
  gateway lead offer TGVhZDowMTk… --by manager-1
  gateway lead offer TGVhZDowMTk… --by manager-1 --partner UGFydG5lcjow… --reason '先方の希望' --product X";

const RECALL_EXAMPLES: &str = "\
Examples:
  gateway lead recall TGVhZDowMTk… --by manager-1 --reason '顧客の希望'";

pub(super) async fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::Golden(command) => golden::run(RecordKind::Lead, command, shell).await,
        Command::Offer(arguments) => offer(arguments, shell).await,
        Command::Recall(arguments) => recall(arguments, shell).await,
    }
}

async fn offer(arguments: OfferArguments, shell: &Shell) -> Result<(), Failure> {
    let partner = arguments.partner.as_deref().map(|it| NodeId::plain_or_global(it, NodeType::Partner));
    let products = arguments.products.iter().map(String::as_str);
    let wanted = Wanted {
        lead: id(RecordKind::Lead, &arguments.id)?,
        partner: partner.transpose().map_err(Failure::usage)?.map(Into::into),
        reason: arguments.reason,
        products: ProductScope::checked(products).map_err(Failure::usage)?,
        entrustment: None,
    };
    let desk = Desk::open(shell, Some(&arguments.by)).await?;
    let offer = service::offer(&desk.ctx, None, wanted).await.map_err(Failure::failed)?;
    let accept_by = offer.accept_by.to_rfc3339();
    let text = format!("{}  offered to {} until {accept_by}", offer.id, offer.partner_id);
    let json = json!({ "leadOfferId": offer.id, "partnerId": offer.partner_id, "acceptBy": accept_by });
    shell.output.result(text, &json);
    Ok(())
}

async fn recall(arguments: RecallArguments, shell: &Shell) -> Result<(), Failure> {
    let wanted = (id(RecordKind::Lead, &arguments.id)?, arguments.reason.parse().map_err(Failure::usage)?);
    let desk = Desk::open(shell, Some(&arguments.by)).await?;
    let lead = service::recall(&desk.ctx, None, wanted).await.map_err(Failure::failed)?;
    let text = format!("{}  is {}", lead.id, lead.stage.as_deref().unwrap_or_default());
    shell.output.result(text, &json!({ "leadId": lead.id, "stage": lead.stage }));
    Ok(())
}
