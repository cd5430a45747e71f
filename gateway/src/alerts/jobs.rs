//! Watching: what the rules find now is compared with the alerts that there are. Each change is a transaction of its own, which looks
//! again: two replicas raise an alert once.

use std::collections::{BTreeMap, BTreeSet};

use domain::alerts::{Alert, AlertChange, AlertStatus, Finding, Metrics, Severity, Urgency, reconcile};
use domain::ids::{AlertId, PartnerId};
use domain::notifications::NotificationTopic;
use domain::nurturing::DiagnosisKind;
use domain::text::Language;
use entity::alerts::alert::Model;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::news::Raised;
use super::rules::rules;
use super::{service, store};
use crate::error::{Error, Result};
use crate::kpis::signals;
use crate::notifications::service::{News, Recipient, in_both, tell};
use crate::partners;
use crate::platform::context::RequestContext;
use crate::platform::database::take_turn;
use crate::platform::listening::nudge;

/// Name of the job.
pub const JOB: &str = "alerts.watch";

/// Raises what the rules find and resolves what they no longer find. What fails is left for the next turn, and keeps nothing else
/// waiting.
pub async fn watch(ctx: &RequestContext) -> Result<()> {
    let figures = signals::of_active(ctx).await?;
    let findings = findings(&figures);
    let alerts: Vec<Alert> = store::unresolved(ctx.read()).await?.iter().map(alert).collect();
    let codes: BTreeSet<String> = alerts.iter().map(|it| it.finding.rule.clone()).collect();
    let codes = codes.into_iter().chain(rules().iter().map(|it| it.code.clone())).collect();
    let mut outcome = Ok(());
    for change in reconcile(&findings, &alerts, &codes) {
        let done = follow(ctx, &change, &figures).await;
        if let Err(error) = &done {
            tracing::warn!(code = error.code(), "an alert is left for the next turn");
        }
        outcome = outcome.and(done);
    }
    nudge::<Raised>(ctx).await;
    outcome
}

/// What the rules find of these partners.
fn findings(figures: &BTreeMap<PartnerId, Metrics>) -> Vec<Finding> {
    let of = |(partner, figures): (&PartnerId, &Metrics)| -> Vec<Finding> {
        let holding = rules().iter().filter(|it| it.holds(figures));
        let finding = |rule: &domain::alerts::AlertRule| Finding {
            rule: rule.code.clone(),
            subject: partner.0,
            severity: rule.severity,
            evidence: BTreeSet::new(),
        };
        holding.map(finding).collect()
    };
    figures.iter().flat_map(of).collect()
}

fn alert(row: &Model) -> Alert {
    Alert {
        id: row.id,
        finding: Finding {
            rule: row.rule.clone(),
            subject: row.partner_id.0,
            severity: row.severity,
            evidence: BTreeSet::new(),
        },
        status: row.status,
        opened_at: row.opened_at,
        acknowledged_at: row.acknowledged_at,
        resolved_at: row.resolved_at,
    }
}

async fn follow(
    ctx: &RequestContext,
    change: &AlertChange,
    figures: &BTreeMap<PartnerId, Metrics>,
) -> Result<()> {
    match change {
        AlertChange::Raise(finding) => {
            let partner = PartnerId(finding.subject);
            let nothing = Metrics::new();
            raise(ctx, finding, partner, figures.get(&partner).unwrap_or(&nothing)).await
        }
        AlertChange::Update(id, finding) => change_severity(ctx, *id, finding.severity).await,
        AlertChange::Resolve(id) => resolve(ctx, *id).await,
    }
}

async fn raise(ctx: &RequestContext, finding: &Finding, partner: PartnerId, figures: &Metrics) -> Result<()> {
    let txn = ctx.begin().await?;
    take_turn(&txn, &format!("{JOB}/{}/{partner}", finding.rule)).await?;
    if store::unresolved_of(&txn, &finding.rule, partner).await?.is_some() {
        return Ok(());
    }
    let row = Model {
        id: ctx.clock.new_id(),
        rule: finding.rule.clone(),
        partner_id: partner,
        severity: finding.severity,
        status: AlertStatus::Open,
        figures: serde_json::to_string(figures).map_err(Error::internal)?,
        opened_at: ctx.now,
        acknowledged_at: None,
        acknowledged_by: None,
        resolved_at: None,
    };
    let row = store::insert(&txn, row).await?;
    service::note(&txn, ctx, "alerts.raise", &row).await?;
    tell_staff(&txn, ctx, &row).await?;
    Ok(txn.commit().await?)
}

async fn change_severity(ctx: &RequestContext, id: AlertId, severity: Severity) -> Result<()> {
    let txn = ctx.begin().await?;
    let found = store::lock(&txn, &ctx.caller, id).await?;
    if let Some(row) = found.filter(|it| it.resolved_at.is_none()) {
        store::replace(&txn, Model { severity, ..row }).await?;
    }
    Ok(txn.commit().await?)
}

async fn resolve(ctx: &RequestContext, id: AlertId) -> Result<()> {
    let txn = ctx.begin().await?;
    let found = store::lock(&txn, &ctx.caller, id).await?;
    if let Some(row) = found.filter(|it| it.resolved_at.is_none()) {
        let (status, resolved_at) = (AlertStatus::Resolved, Some(ctx.now));
        let row = store::replace(&txn, Model { status, resolved_at, ..row }).await?;
        service::note(&txn, ctx, "alerts.resolve", &row).await?;
    }
    Ok(txn.commit().await?)
}

async fn tell_staff(txn: &DatabaseTransaction, ctx: &RequestContext, row: &Model) -> Result<()> {
    let partner = partners::service::find_in(txn, ctx, row.partner_id).await?;
    let news = News {
        topic: NotificationTopic::AlertRaised,
        occasion: row.id.to_string(),
        urgency: Urgency::Normal,
        details: json!({
            "partner": partner.map(|it| it.legal_name).unwrap_or_default(),
            "rule": in_both(|language| label(&row.rule, language)),
        }),
    };
    tell(txn, ctx, &[Recipient::Staff], &news).await
}

/// What a finding is called; a rule that is no diagnosis goes by its code.
fn label(rule: &str, language: Language) -> String {
    rule.parse::<DiagnosisKind>().map_or_else(|_| rule.to_owned(), |it| it.label(language).to_owned())
}
