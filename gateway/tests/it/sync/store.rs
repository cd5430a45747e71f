//! A store, and what it holds.

use std::time::Duration;

use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::{record_link, source_record};
use entity::leads::golden_lead;
use entity::sync::{sync_error, sync_run, watermark};
use gateway::golden::export::export;
use gateway::platform::database::{Database, DatabaseOptions};
use gateway::sync::failures::which::Which;
use gateway::sync::service;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// A store with its schema.
pub struct Store {
    /// Its address; other processes may open it as well.
    pub url: String,
    /// The connections to it.
    pub database: Database,
}

impl Store {
    /// Opens a store and brings its schema up to date.
    pub async fn open(url: &str) -> Self {
        let acquire_timeout = Duration::from_secs(30);
        let options = DatabaseOptions {
            url: url.to_owned(),
            max_connections: 4,
            acquire_timeout,
            statement_timeout: acquire_timeout,
        };
        let database = Database::connect(options).await.unwrap();
        database.migrate().await.unwrap();
        Self { url: url.to_owned(), database }
    }

    /// All golden records, in canonical form.
    pub async fn holds(&self) -> String {
        let mut out = Vec::new();
        let count = export(&self.database, &mut out).await.unwrap();
        assert!(count > 0, "an empty store proves nothing");
        String::from_utf8(out).unwrap()
    }

    /// How far each object has been read.
    pub async fn watermarks(&self) -> Vec<watermark::Model> {
        service::watermarks(&self.database).await.unwrap()
    }

    /// Pages stored so far: each moves a watermark by one.
    pub async fn pages(&self) -> u64 {
        self.watermarks().await.iter().map(|it| u64::try_from(it.version).unwrap()).sum()
    }

    /// The runs, newest first.
    pub async fn runs(&self) -> Vec<sync_run::Model> {
        service::newest_runs(&self.database, 100).await.unwrap()
    }

    /// The failures that are open.
    pub async fn open_errors(&self) -> Vec<sync_error::Model> {
        service::errors(&self.database, &Which::default(), 100).await.unwrap()
    }

    /// The lead as served that a CRM's record belongs to.
    pub async fn lead(&self, external_id: &str) -> golden_lead::Model {
        let id = self.golden(external_id).await;
        let row = golden_lead::Entity::find_by_id(id).one(self.database.read()).await.unwrap();
        row.expect("a linked record is served")
    }

    async fn golden(&self, external_id: &str) -> GoldenId {
        let record = source_record::Entity::find().filter(source_record::Column::ExternalId.eq(external_id));
        let record = record.one(self.database.read()).await.unwrap().expect("the record was read");
        let id: SourceRecordId = record.id;
        let link = record_link::Entity::find()
            .filter(record_link::Column::SourceRecordId.eq(id))
            .filter(record_link::Column::EndedAt.is_null());
        link.one(self.database.read()).await.unwrap().expect("the record is linked").golden_id
    }
}

/// Asserts that two stores hold the same, and shows the first difference if not.
pub async fn assert_same(left: &Store, right: &Store) {
    assert_holds(left, &right.holds().await).await;
}

/// Asserts that a store holds what was held before.
pub async fn assert_holds(store: &Store, expected: &str) {
    let held = store.holds().await;
    if held != expected {
        let (left, right): (Vec<_>, Vec<_>) = (held.lines().collect(), expected.lines().collect());
        let (a, b) = left.iter().zip(&right).find(|(a, b)| a != b).unwrap_or((&"(one holds more)", &""));
        panic!("{} and {} records, first difference:\n{a}\n{b}", left.len(), right.len());
    }
}
