//! Requests, and what they cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use reqwest::RequestBuilder;

use super::questions::Question;
use super::servers::{Kind, Server};

/// What one round cost.
pub struct Round {
    pub processor_seconds_per_thousand: f64,
    pub median_ms: f64,
    pub p99_ms: f64,
}

/// Asks so many times, several at once, each for another record.
pub async fn round(
    server: &Server,
    question: Question,
    ids: &[String],
    requests: usize,
    clients: usize,
) -> Result<Round> {
    #[expect(clippy::disallowed_methods, reason = "nothing here is a connector")]
    let client = reqwest::Client::new();
    let next = Arc::new(AtomicUsize::new(0));
    let before = server.processor_seconds()?;
    let work = (0..clients).map(|_| async {
        let mut times = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= requests {
                return anyhow::Ok(times);
            }
            let asked = ask(&client, server, question, &ids[number % ids.len()]);
            times.push(answered(asked).await?);
        }
    });
    let mut times = try_join_all(work).await?.concat();
    let spent = server.processor_seconds()? - before;
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    let processor_seconds_per_thousand = spent / requests as f64 * 1_000.0;
    Ok(Round { processor_seconds_per_thousand, median_ms: at(50), p99_ms: at(99) })
}

fn ask(client: &reqwest::Client, server: &Server, question: Question, id: &str) -> RequestBuilder {
    let address = &server.address;
    match server.kind {
        Kind::ByHand => client.get(format!("{address}{}", question.path())).query(&[("id", id)]),
        Kind::Gateway | Kind::Plain => {
            let request = client.post(format!("{address}/graphql")).bearer_auth(&server.token);
            request.header("Content-Type", "application/json").body(question.body(id).to_string())
        }
    }
}

/// A wrong answer is no answer, however fast.
async fn answered(request: RequestBuilder) -> Result<Duration> {
    let began = Instant::now();
    let answer = request.send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    let took = began.elapsed();
    let has = |what: &[u8]| body.windows(what.len()).any(|it| it == what);
    ensure!(
        status.is_success() && !has(b"\"errors\"") && has(b"updatedAt"),
        "{}",
        String::from_utf8_lossy(&body)
    );
    Ok(took)
}
