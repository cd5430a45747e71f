//! Sockets: accepting, time for slow clients, and leaving without breaking what is under way.
//!
//! HTTP/1.1 only; HTTP/2 and TLS belong to the proxy in front.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt as _;

use super::Readiness;
use crate::platform::config::Server;

/// After a failed accept, usually for want of file descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `stop` resolves, then leaves.
///
/// Leaving: first `/readyz` says no while everything is still accepted, so that load balancers notice; then
/// nothing new is accepted; then requests under way may end, up to the configured time.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: &Server,
    readiness: Arc<Readiness>,
    stop: impl Future<Output = ()>,
) {
    let (closing, _) = watch::channel(false);
    let doors = Doors {
        listener,
        router,
        header_timeout: config.header_timeout,
        places: Arc::new(Semaphore::new(config.connections)),
        closing,
    };
    tokio::select! {
        () = doors.accept() => {}
        () = stop => {}
    }
    readiness.leave();
    tracing::info!("leaving: not ready any more, still accepting");
    let _ = tokio::time::timeout(config.drain, doors.accept()).await;
    doors.close(config.shutdown_timeout).await;
}

struct Doors {
    listener: TcpListener,
    router: Router,
    header_timeout: Duration,
    /// One for each connection.
    places: Arc<Semaphore>,
    /// Tells open connections to end; those that have ended do not listen any more.
    closing: watch::Sender<bool>,
}

impl Doors {
    /// Accepts for ever. Can be stopped and begun again between two connections.
    async fn accept(&self) {
        loop {
            let place = Arc::clone(&self.places).acquire_owned().await.expect("the places are never closed");
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(self.connection(stream, place));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }

    /// One connection, from its first request to its last.
    fn connection(&self, stream: TcpStream, place: OwnedSemaphorePermit) -> impl Future<Output = ()> + use<> {
        let mut closing = self.closing.subscribe();
        let service = self.router.clone().map_request(|request: Request<Incoming>| request.map(Body::new));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.header_timeout);
        async move {
            // Answers are small and complete: waiting to fill a packet only delays them.
            let _ = stream.set_nodelay(true);
            let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = async { drop(closing.wait_for(|it| *it).await) } => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke");
            }
            drop((place, closing));
        }
    }

    async fn close(self, patience: Duration) {
        let Self { listener, closing, .. } = self;
        drop(listener);
        closing.send_replace(true);
        if tokio::time::timeout(patience, closing.closed()).await.is_err() {
            let connections = closing.receiver_count();
            tracing::warn!(connections, "left while requests were under way");
        }
    }
}
