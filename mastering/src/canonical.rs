//! One byte form of a golden record, for comparing two stores and for hashing.
//!
//! It holds what was decided, and nothing that differs between stores that decided alike: no ids of ours, no
//! observation numbers, no times of observing.

use std::collections::BTreeMap;

use domain::sources::SourceKey;
use serde::Serialize;

use crate::golden_record::{GoldenRecord, Settlement};
use crate::survivorship::steps::Step;

/// The golden record as one line of JSON.
pub fn line(golden: &GoldenRecord) -> String {
    let sources = golden.sources().iter().map(AsRef::as_ref).collect();
    let fields = golden.settlements().map(|(field, it)| (field.name(), Decided::of(it))).collect();
    let record = Record { kind: golden.kind().code(), policy: golden.policy(), sources, fields };
    serde_json::to_string(&record).expect("texts always serialise")
}

#[derive(Serialize)]
struct Record<'a> {
    kind: &'static str,
    policy: &'a str,
    sources: Vec<&'a SourceKey>,
    fields: BTreeMap<&'static str, Decided<'a>>,
}

#[derive(Serialize)]
struct Decided<'a> {
    value: Option<&'a str>,
    /// `None` for a value that a person gave.
    winner: Option<&'a SourceKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<Step>,
    step: Step,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<(&'a SourceKey, Option<&'a str>, Step)>,
}

impl<'a> Decided<'a> {
    fn of(settlement: &'a Settlement) -> Self {
        let lost = settlement.losers.iter();
        Self {
            value: settlement.value.as_deref(),
            winner: settlement.source().map(AsRef::as_ref),
            instead: settlement.would_win().map(|(_, step)| step),
            step: settlement.step,
            lost: lost.map(|it| (it.source.as_ref(), it.value.as_deref(), it.step)).collect(),
        }
    }
}
