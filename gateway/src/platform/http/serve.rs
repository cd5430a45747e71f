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
            let service = TowerToHyperService::new(service);
            let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::{Notify, oneshot};
    use tokio::task::JoinHandle;

    use super::*;

    struct Running {
        address: SocketAddr,
        readiness: Arc<Readiness>,
        stop: oneshot::Sender<()>,
        ended: JoinHandle<()>,
    }

    async fn start(router: Router, config: Server) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let readiness = Arc::new(Readiness::default());
        let (stop, stopped) = oneshot::channel();
        let told = Arc::clone(&readiness);
        let ended = tokio::spawn(async move {
            serve(listener, router, &config, told, async { drop(stopped.await) }).await;
        });
        Running { address, readiness, stop, ended }
    }

    async fn send(address: SocketAddr, head: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_client_that_never_finishes_its_head_is_let_go() {
        let config = Server { header_timeout: Duration::from_millis(50), ..Server::default() };
        let running = start(Router::new(), config).await;
        let stream = send(running.address, "GET / HTTP/1.1\r\nhost:").await;
        let answer = tokio::time::timeout(Duration::from_secs(5), rest(stream)).await;
        assert!(!answer.unwrap().contains("200"));
    }

    #[tokio::test]
    async fn a_head_of_a_megabyte_is_refused_unread() {
        let running = start(Router::new().route("/", get("quick")), Server::default()).await;
        let token = "x".repeat(1 << 20);
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        // The other side may have had enough before the end.
        let _ = stream.write_all(GET.replace("close", &token).as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"), "{answer:?}");
        assert!(rest(send(running.address, GET).await).await.contains("quick"), "others are served");
    }

    #[tokio::test]
    async fn leaving_finishes_what_is_under_way_and_welcomes_nobody_new() {
        let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (at_work, may_go) = (Arc::clone(&arrived), Arc::clone(&go));
        let slow = move || async move {
            at_work.notify_one();
            may_go.notified().await;
            "done"
        };
        let router = Router::new().route("/", get("quick")).route("/slow", get(slow));
        let config = Server { drain: Duration::from_millis(200), ..Server::default() };
        let running = start(router, config).await;

        let under_way = send(running.address, &GET.replace("GET /", "GET /slow")).await;
        arrived.notified().await;
        running.stop.send(()).unwrap();
        while running.readiness.check().await.is_ok() {
            tokio::task::yield_now().await;
        }
        let meanwhile = send(running.address, GET).await;
        assert!(rest(meanwhile).await.contains("quick"), "still accepting while draining");
        while TcpStream::connect(running.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go.notify_one();
        assert!(rest(under_way).await.ends_with("done"));
        running.ended.await.unwrap();
    }

    #[tokio::test]
    async fn a_request_that_never_ends_does_not_keep_the_process() {
        let router = Router::new().route("/", get(std::future::pending::<()>));
        let config = Server {
            drain: Duration::ZERO,
            shutdown_timeout: Duration::from_millis(50),
            ..Server::default()
        };
        let running = start(router, config).await;
        let _under_way = send(running.address, GET).await;
        running.stop.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(5), running.ended).await.unwrap().unwrap();
    }
}
