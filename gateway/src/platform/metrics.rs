//! Figures for monitoring, in the text that Prometheus reads.
//!
//! Here: what a figure is, and the text of many. Not here: which figures there are; the features that have them say so. They
//! are gathered when somebody asks, from what replicas share, so that each of them tells the same; what a process does itself is
//! counted there as it happens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::error::{Error, Result};

/// Before the name of every figure.
const PREFIX: &str = "partner_gateway";

/// One figure as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it tells, with its unit: `sync_checked_timestamp_seconds`.
    pub name: &'static str,
    /// The same in words.
    pub help: &'static str,
    /// Of what: names that are few, and never of persons or partners.
    pub of: Vec<(&'static str, String)>,
    /// How much.
    pub value: f64,
}

/// Something that has figures.
#[async_trait]
pub trait Figures: Send + Sync {
    /// All of them that are known when somebody asks.
    async fn gather(&self) -> Result<Vec<Figure>>;

    /// Adds those that are counted all the time.
    fn register(&self, _: &mut Registry) {}
}

type Labelled = Family<Vec<(&'static str, String)>, Gauge<f64, AtomicU64>>;

/// The text of all figures of these.
pub async fn text(all: &[Arc<dyn Figures>]) -> Result<String> {
    let mut families: BTreeMap<&'static str, (&'static str, Labelled)> = BTreeMap::new();
    for figures in all {
        for it in figures.gather().await? {
            let (_, family) = families.entry(it.name).or_insert_with(|| (it.help, Labelled::default()));
            family.get_or_create(&it.of).set(it.value);
        }
    }
    let mut registry = Registry::with_prefix(PREFIX);
    all.iter().for_each(|figures| figures.register(&mut registry));
    families.into_iter().for_each(|(name, (help, family))| registry.register(name, help, family));
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Error::internal)?;
    Ok(text)
}
