//! What a use case knows of the request it serves.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_graphql::Request;
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

use super::auth::Caller;
use super::clock::Clock;
use super::database::Database;
use super::graphql::batch::{Batch, BatchLoad};
use super::graphql::warnings::Warnings;

/// One request: who asks, when, over which database, with the batches of its nested reads.
pub struct RequestContext {
    /// The database.
    pub database: Database,
    /// Who asks.
    pub caller: Caller,
    /// When it was asked: one instant for the whole request.
    pub now: DateTime<Utc>,
    /// Makes ids.
    pub clock: Clock,
    /// By which logs and answers are found again.
    pub request_id: String,
    /// What the client should know beside the answer.
    pub warnings: Arc<Warnings>,
    shared: Shared,
    batches: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

/// What features keep for the whole life of the process, by type. Filled once, at the start.
#[derive(Clone, Default)]
pub struct Shared(Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Shared {
    /// With one thing more.
    #[must_use]
    pub fn with<T: Any + Send + Sync>(self, thing: Arc<T>) -> Self {
        let mut things = (*self.0).clone();
        things.insert(TypeId::of::<T>(), thing);
        Self(Arc::new(things))
    }
}

impl RequestContext {
    /// A request that starts now.
    pub fn new(database: Database, clock: Clock, shared: Shared, caller: Caller, request_id: String) -> Self {
        Self {
            now: clock.now(),
            database,
            caller,
            clock,
            request_id,
            warnings: Arc::default(),
            shared,
            batches: Mutex::default(),
        }
    }

    /// The context that was put into a request, if it was.
    pub fn of(request: &Request) -> Option<&Self> {
        request.data.get(&TypeId::of::<Self>())?.downcast_ref()
    }

    /// What a feature keeps for the whole life of the process.
    pub fn shared<T: Any + Send + Sync>(&self) -> Arc<T> {
        let thing = self.shared.0.get(&TypeId::of::<T>()).expect("startup shares all that features ask for");
        Arc::clone(thing).downcast().expect("stored under its own type")
    }

    /// The connections, for reading.
    pub fn read(&self) -> &DatabaseConnection {
        self.database.read()
    }

    /// Begins the one transaction of a use case that writes.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.database.begin_write().await
    }

    /// This request's batch of that kind; made when first asked for.
    pub fn batch<L: BatchLoad + Default>(&self) -> Arc<Batch<L>> {
        let mut batches = self.batches.lock().expect("no holder panics");
        let batch = batches.entry(TypeId::of::<L>()).or_insert_with(|| Arc::new(Batch::<L>::default()));
        Arc::clone(batch).downcast().expect("stored under its own type")
    }
}
