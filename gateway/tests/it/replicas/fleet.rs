//! Replicas of the gateway and what they share, as processes of their own.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::access::Role;
use gateway::platform::auth::demo_keys::{AUDIENCE, DemoKeys, ISSUER};
use gateway::platform::clock::Clock;
use sandbox::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{claims_at, run};

/// For a process to come up or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all replicas share.
pub struct Fleet {
    environment: Vec<(String, String)>,
    pub token: String,
    pub http: reqwest::Client,
    _folder: TempDir,
}

impl Fleet {
    /// Over a database, which is brought to today's schema, and over a Redis, if there is an address.
    pub async fn over(database: &str, redis: &str) -> Self {
        let (code, _, said) = run(database, &["migrate"]);
        assert_eq!(code, 0, "{said}");
        let folder = tempfile::tempdir().unwrap();
        let keys = DemoKeys::load_or_make(folder.path()).unwrap();
        let public = folder.path().join("demo.jwks.json");
        let mut environment = vec![
            ("GATEWAY__DATABASE__URL", database),
            ("GATEWAY__DATABASE__ACQUIRE_TIMEOUT", "2s"),
            ("GATEWAY__SERVER__DRAIN", "1s"),
            ("GATEWAY__AUTH__ISSUERS__DEMO__ISSUER", ISSUER),
            ("GATEWAY__AUTH__ISSUERS__DEMO__AUDIENCE", AUDIENCE),
            ("GATEWAY__AUTH__ISSUERS__DEMO__JWKS_FILE", public.to_str().unwrap()),
            ("GATEWAY__TELEMETRY__LOG_LEVEL", "error"),
        ];
        if !redis.is_empty() {
            environment.push(("GATEWAY__CACHE__URL", redis));
        }
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            environment: environment.into_iter().map(owned).collect(),
            token: token(&keys),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            _folder: folder,
        }
    }

    /// The same with another setting.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Reads this CRM.
    pub fn reading(self, crm: &Sandbox) -> Self {
        self.with("GATEWAY__SOURCES__CRM__KIND", "salesforce")
            .with("GATEWAY__SOURCES__CRM__LOGIN_URL", &crm.base_url())
            .with("GATEWAY__SOURCES__CRM__CLIENT_ID", DEMO_CLIENT_ID)
            .with("GATEWAY__SOURCES__CRM__CLIENT_SECRET", DEMO_CLIENT_SECRET)
            .with("GATEWAY__SOURCES__CRM__ALLOW_HTTP_LOOPBACK", "true")
    }

    /// Runs a command with these settings.
    pub async fn run(&self, arguments: &[&str]) {
        let mut command = self.command();
        let status = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(status.success(), "{arguments:?}");
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.env_remove("GATEWAY_CONFIG").envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

fn token(keys: &DemoKeys) -> String {
    keys.signer().sign(&claims_at(Clock::default().now(), &[Role::Admin], "admin", None)).unwrap()
}

/// A running gateway.
pub struct Replica {
    process: Child,
    address: String,
    http: reqwest::Client,
}

impl Replica {
    /// Starts one and waits until it is ready.
    pub async fn start(fleet: &Fleet) -> Self {
        let mut process = fleet
            .command()
            .args(["--json", "serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let address = said["address"].as_str().unwrap().to_owned();
        let replica = Self { process, address, http: fleet.http.clone() };
        let started = Instant::now();
        while !replica.is_ready().await {
            assert!(started.elapsed() < PATIENCE, "it does not become ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        replica
    }

    /// Where it answers.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// Whether it wishes traffic.
    pub async fn is_ready(&self) -> bool {
        is_ready(&self.http, &self.address).await
    }

    /// What it answers an administrator.
    pub async fn ask(&self, fleet: &Fleet, query: &str) -> Value {
        self.request(fleet, query).send().await.unwrap().json().await.unwrap()
    }

    /// The request of an administrator.
    pub fn request(&self, fleet: &Fleet, query: &str) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}/graphql", self.address)).bearer_auth(&fleet.token);
        request.json(&json!({ "query": query }))
    }

    /// Tells it to end, and waits until it has, in order.
    pub async fn stop(&mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let told = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(told.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(status.success(), "{status}");
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // Ended already, unless the test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether somebody there wishes traffic.
pub async fn is_ready(http: &reqwest::Client, address: &str) -> bool {
    let answer = http.get(format!("{address}/readyz")).send().await;
    answer.is_ok_and(|it| it.status().is_success())
}

/// A Redis of the test's own, which may be killed.
pub struct Redis {
    process: Child,
    pub url: String,
}

impl Redis {
    /// Starts one; none where tests have no Redis.
    pub async fn start() -> Option<Self> {
        std::env::var_os("GATEWAY_TEST_REDIS_URL")?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let redis = Self { process, url: format!("redis://127.0.0.1:{port}") };
        let started = Instant::now();
        while std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_err() {
            assert!(started.elapsed() < PATIENCE, "Redis does not come up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(redis)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
