//! What serves requests: the router over the schema, with everything it needs.

use std::sync::Arc;

use axum::Router;

use super::{Services, StartupError, read};
use crate::engagement::ingest::Ingest;
use crate::notifications::metrics::Waiting;
use crate::platform::auth::Authenticator;
use crate::platform::config::{self, Config};
use crate::platform::context::RequestContext;
use crate::platform::database::PoolFigures;
use crate::platform::graphql::guard::Guard;
use crate::platform::graphql::leaving::EndWithRequest;
use crate::platform::graphql::measure::Operations;
use crate::platform::graphql::traced::TraceFields;
use crate::platform::http::{self, Api, Check, Documents, Ide, Readiness, RequestId};
use crate::platform::metrics::Figures;
use crate::schema::{self, GatewaySchema};
use crate::sync::metrics::SyncFigures;
use crate::sync::sources::ConfiguredSource;
use crate::sync::webhooks::Webhooks;
use crate::training::badge::BadgeVerifier;

impl Services {
    /// The router over the whole API, and whether traffic is welcome.
    pub async fn router(&self, config: &Config, ide: Ide) -> Result<(Router, Arc<Readiness>), StartupError> {
        let now = self.clock.now();
        self.standing.look(now).await.map_err(StartupError::Standing)?;
        let authenticator = Authenticator::open(&config.auth, &self.cache, now).await?;
        let authenticator = authenticator.with(Arc::clone(&self.standing) as _);
        let operations = Operations::new(config.telemetry.slow_operation);
        let readiness = Arc::new(Readiness::new(vec![self.database_check()]));
        let (database, clock, shared) = (self.database.clone(), self.clock.clone(), self.shared());
        let ingest = Ingest::new(database.clone(), clock.clone(), shared.clone());
        let badges = BadgeVerifier::new(database.clone(), clock.clone(), shared.clone());
        let api = Api {
            executor: schema(config, operations.clone()),
            authenticator: Arc::new(authenticator),
            cache: self.cache.clone(),
            documents: self.documents(&config.server)?,
            prepare: Arc::new(move |request, caller, RequestId(id)| {
                let context =
                    RequestContext::new(database.clone(), clock.clone(), shared.clone(), caller, id);
                request.data(context)
            }),
            clock: self.clock.clone(),
            readiness: Arc::clone(&readiness),
            ide,
            webhooks: Arc::new(self.webhooks()),
            uploads: Arc::new(ingest),
            verifier: Arc::new(badges),
            figures: self.figures(operations),
        };
        Ok((http::router(api, &config.server), readiness))
    }

    /// Which documents are executed.
    fn documents(&self, config: &config::Server) -> Result<Documents, StartupError> {
        match &config.trusted_documents {
            Some(path) => {
                let manifest = read("server.trusted_documents", path)?;
                Documents::trusted(&manifest)
                    .map_err(|source| StartupError::Manifest { path: path.clone(), source })
            }
            None if config.persisted_queries => Ok(Documents::Remembered(self.cache.clone())),
            None => Ok(Documents::Sent),
        }
    }

    /// How everything does.
    fn figures(&self, operations: Operations) -> Arc<[Arc<dyn Figures>]> {
        let database = &self.database;
        Arc::from([
            Arc::new(SyncFigures::new(database.clone(), Arc::clone(&self.sources))) as Arc<dyn Figures>,
            Arc::new(Waiting::new(database.clone())),
            Arc::new(operations),
            Arc::new(PoolFigures::new(database.clone())),
            Arc::new(self.cache.clone()),
        ])
    }

    /// Takes pushes for the sources.
    fn webhooks(&self) -> Webhooks {
        let known = |it: &ConfiguredSource| {
            (it.name.clone(), (it.job.connector.system().clone(), it.webhook.clone()))
        };
        let may_push = |it: &&ConfiguredSource| !it.webhook.secrets.is_empty();
        let sources = self.sources.iter().filter(may_push).map(known).collect();
        Webhooks::new(self.database.clone(), self.clock.clone(), sources)
    }

    fn database_check(&self) -> Check {
        let database = self.database.clone();
        let probe = move || {
            let database = database.clone();
            Box::pin(async move { database.read().ping().await.is_ok() }) as _
        };
        Check { name: "the database", probe: Box::new(probe) }
    }
}

/// The schema with the configured limits and the guard before it.
fn schema(config: &Config, operations: Operations) -> GatewaySchema {
    let limits = config.server.limits;
    let mut schema = schema::builder_within(operations)
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .extension(Guard::new(limits))
        .extension(EndWithRequest);
    if config.telemetry.otlp_endpoint.is_some() {
        schema = schema.extension(TraceFields);
    }
    if config.server.introspection { schema.finish() } else { schema.disable_introspection().finish() }
}
