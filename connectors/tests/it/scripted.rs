//! A server that answers as a test says.
//!
//! Here: raw HTTP over TCP, so that answers can be cut off, and a note of every request.
//! Not here: a CRM; what is asked for and answered is the test's own business.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connectors::http::{HttpOptions, RetryPolicy};
use connectors::salesforce::{Config, Credentials, Salesforce};
use reqwest::Url;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

/// What to answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    is_cut: bool,
}

impl Reply {
    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), is_cut: false }
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn fault(status: u16, code: &str) -> Self {
        Self { status, ..Self::json(format!(r#"[{{"errorCode":"{code}","message":"a private value"}}]"#)) }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Announces the whole body and sends half of it.
    pub(crate) fn cut(self) -> Self {
        Self { is_cut: true, ..self }
    }
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// A running server.
#[derive(Clone)]
pub(crate) struct ScriptedCrm {
    pub(crate) address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl ScriptedCrm {
    /// Answers each request by the script, which also gets how often the same path came before.
    pub(crate) async fn start(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (crm, script) = (Self { address, seen: Arc::default() }, Arc::new(script));
        let serving = crm.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (crm, script) = (serving.clone(), script.clone());
                tokio::spawn(async move { crm.serve(stream, script.as_ref()).await });
            }
        });
        crm
    }

    /// A server with a token for everybody, and a Lead of which everything is visible.
    pub(crate) async fn with_leads(
        script: impl Fn(&Seen, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::start(move |seen, before| match script(seen, before) {
            Some(reply) => reply,
            None if seen.path.ends_with("/oauth2/token") => {
                token(&format!("http://{}", seen.headers["host"]))
            }
            None if seen.path.ends_with("/describe") => describe(&LEAD_FIELDS),
            None => leads(1, None),
        })
        .await
    }

    /// The requests whose path contains a text.
    pub(crate) fn seen(&self, part: &str) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|it| it.path.contains(part)).cloned().collect()
    }

    /// A connector that talks to this server and has little patience.
    pub(crate) fn connector(&self) -> Salesforce {
        Salesforce::new(self.config()).unwrap()
    }

    pub(crate) fn config(&self) -> Config {
        let credentials = Credentials::ClientCredentials {
            client_id: "the-client".to_owned(),
            client_secret: "the-secret".into(),
        };
        let retry = RetryPolicy {
            attempts: 3,
            base: Duration::from_millis(5),
            max: Duration::from_millis(20),
            deadline: Duration::from_secs(5),
        };
        Config {
            allow_http_loopback: true,
            http: HttpOptions { retry, timeout: Duration::from_secs(5), ..HttpOptions::default() },
            ..Config::new("CRM".parse().unwrap(), &self.address, credentials)
        }
    }

    async fn serve(&self, stream: TcpStream, script: &Script) {
        let mut stream = BufReader::new(stream);
        while let Some(seen) = receive(&mut stream).await {
            let before = {
                let mut all = self.seen.lock().unwrap();
                let before = all.iter().filter(|it| it.path == seen.path).count();
                all.push(seen.clone());
                before
            };
            let reply = script(&seen, before);
            if !send(stream.get_mut(), &reply).await {
                return;
            }
        }
    }
}

/// Fields of a Lead; the connector asks for no others.
pub(crate) const LEAD_FIELDS: [&str; 9] = [
    "Id",
    "IsDeleted",
    "CreatedDate",
    "LastModifiedDate",
    "SystemModstamp",
    "Company",
    "Email",
    "Score__c",
    "Status",
];

pub(crate) fn token(instance: &str) -> Reply {
    Reply::json(format!(r#"{{"access_token":"t","instance_url":"{instance}","token_type":"Bearer"}}"#))
}

pub(crate) fn describe(fields: &[&str]) -> Reply {
    let field = |name: &&str| format!(r#"{{"name":"{name}","createable":true,"updateable":true}}"#);
    Reply::json(format!(r#"{{"fields":[{}]}}"#, fields.iter().map(field).collect::<Vec<_>>().join(",")))
}

/// A page of leads.
pub(crate) fn leads(count: usize, next: Option<&str>) -> Reply {
    let lead = |n| {
        format!(
            r#"{{"attributes":{{"type":"Lead"}},"Id":"00Q5g00000{n:05}","Company":"極洋",
                "SystemModstamp":"2026-04-01T01:02:03.000+0000"}}"#
        )
    };
    let records = (0..count).map(lead).collect::<Vec<_>>().join(",");
    let next = next.map_or_else(String::new, |it| format!(r#","nextRecordsUrl":"{it}""#));
    Reply::json(format!(r#"{{"totalSize":{count},"done":{}{next},"records":[{records}]}}"#, next.is_empty()))
}

async fn receive(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|&read| read > 0)?;
    let mut parts = line.split_whitespace();
    let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |it| it.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let url = Url::parse(&format!("http://host{target}")).unwrap();
    let query = url.query_pairs().into_owned().collect();
    Some(Seen { method, path: url.path().to_owned(), query, headers, body: String::from_utf8(body).unwrap() })
}

/// Whether the connection can go on.
async fn send(stream: &mut TcpStream, reply: &Reply) -> bool {
    let mut head = format!("HTTP/1.1 {} Scripted\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
    let has_date = reply.headers.iter().any(|(name, _)| *name == "date");
    if !has_date {
        head.push_str("date: Wed, 01 Apr 2026 02:00:00 GMT\r\n");
    }
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body =
        if reply.is_cut { &reply.body.as_bytes()[..reply.body.len() / 2] } else { reply.body.as_bytes() };
    let sent = stream.write_all(format!("{head}\r\n").as_bytes()).await.is_ok()
        && stream.write_all(body).await.is_ok();
    if reply.is_cut {
        let _ = stream.shutdown().await;
    }
    sent && !reply.is_cut
}
