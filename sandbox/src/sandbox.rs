//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::admin::Admin;
use crate::clock::Clock;
use crate::error::Error;
use crate::faults::Faults;
use crate::listener::{BreakableListener, Peer};
use crate::oauth::Login;
use crate::options::Options;
use crate::org::Org;
use crate::org::journal::Journal;
use crate::state::State;
use crate::{demo, server};

/// A CRM that serves until [`Sandbox::shutdown`], or until it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    admin: Admin,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Sandbox {
    /// Seeds the org, replays the journal, and begins to listen.
    ///
    /// # Errors
    /// When the address is taken, a key is unreadable, or the journal does not fit.
    pub async fn start(options: Options) -> Result<Sandbox, Error> {
        let wanted = options.address;
        let failed = |source| Error::Bind { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let scenario = options.scenario.clone();
        // A large org takes seconds to seed, longer than an async worker should be held.
        let opened = tokio::task::spawn_blocking(move || open(&options)).await;
        let state = Arc::new(opened.expect("seeding does not panic, and nobody cancels it")?);
        state.set_base_url(format!("http://{address}"));
        let admin = Admin(state.clone());
        admin.set_up(&scenario)?;
        let (stop, stopped) = oneshot::channel();
        let service = server::router(state.clone()).into_make_service_with_connect_info::<Peer>();
        let served = axum::serve(BreakableListener(listener), service).with_graceful_shutdown(async move {
            // A dropped sender stops it just as well.
            let _ = stopped.await;
        });
        let serving = tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        Ok(Sandbox { address, admin, stop, serving })
    }

    /// Where it listens, such as `http://127.0.0.1:40123`: login host and instance in one.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The switches behind it.
    pub fn admin(&self) -> &Admin {
        &self.admin
    }

    /// The fault switches.
    pub fn faults(&self) -> &Faults {
        self.admin.faults()
    }

    /// Stops accepting, lets requests under way finish, and ends.
    pub async fn shutdown(self) {
        // The other end is gone only if serving has already ended.
        let _ = self.stop.send(());
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the sandbox ended in a panic");
        }
    }
}

fn open(options: &Options) -> Result<State, Error> {
    let clock = Arc::new(Clock::new(options.frozen_at));
    let login = Login::new(options)?;
    let mut org = Org::empty(clock.clone());
    demo::seed(&mut org, options.leads, options.seed);
    if let Some(path) = &options.journal {
        let journal = Journal::open(path, &options.seeded(), &mut org)?;
        org.keep_journal(journal);
    }
    org.settle_clock();
    let scenario = &options.scenario;
    clock.advance(i64::try_from(scenario.clock_ahead_seconds).unwrap_or(i64::MAX).saturating_mul(1000));
    let state = State::new(org, clock, login, options.api_budget, options.admin_token.clone(), scenario);
    Ok(state)
}
