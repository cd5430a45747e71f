//! From HTTP to the resources and back.
//!
//! Here: sessions, the API budget, faults as they are played, headers every answer has.
//! Not here: what the resources do (`rest`), logging in (`oauth`).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use futures::stream;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;

use crate::faults::FaultKind;
use crate::listener::Peer;
use crate::org::record_id::RecordId;
use crate::rest::error::{ApiError, Code};
use crate::rest::{self, Answer, AnswerFaults, Call, Method, versions};
use crate::state::State;
use crate::{admin, oauth, urlencoded};

/// The vendor's bound on request bodies.
const MOST_BODY_BYTES: usize = 50 * 1024 * 1024;
/// The vendor's bound on a URI and its headers.
const MOST_URI_BYTES: usize = 16_384;

pub(crate) fn router(state: Arc<State>) -> Router {
    // Speed matters more than size: clients are on the same machine.
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest);
    Router::new().fallback(serve).layer(RequestDecompressionLayer::new()).layer(compression).with_state(state)
}

/// One request with its body read.
struct Incoming {
    method: String,
    /// Decoded segments; a trailing slash makes none.
    path: Vec<String>,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    peer: Peer,
}

async fn serve(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BODY_BYTES).await else {
        return to_response(&state, Answer::empty(413));
    };
    if parts.uri.path_and_query().map_or(0, |it| it.as_str().len()) > MOST_URI_BYTES {
        return to_response(&state, Answer::empty(414));
    }
    let segments = parts.uri.path().split('/').filter(|it| !it.is_empty());
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path: segments.map(urlencoded::decode).collect(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        peer,
    };
    if incoming.path.first().is_some_and(|it| it == "admin") {
        let local = incoming.peer.address.ip().is_loopback();
        let answer = admin::answer(
            &state,
            &incoming.method,
            &incoming.path[1..],
            &incoming.headers,
            &incoming.body,
            local,
        );
        return to_response(&state, answer);
    }
    faulty(state, incoming).await
}

/// Answers, after the faults that strike this request had their way.
async fn faulty(state: Arc<State>, incoming: Incoming) -> Response<Body> {
    count(&state, &incoming);
    if incoming.path.starts_with(&["services".to_owned(), "data".to_owned()]) {
        admin::carry_out(&state);
    }
    let faults = state.faults.strike(&incoming.path);
    for fault in &faults {
        if let Some(response) = strike(&state, &incoming, fault).await {
            return response;
        }
    }
    let bent = AnswerFaults {
        duplicated: faults.contains(&FaultKind::DuplicatedPage),
        reordered: faults.contains(&FaultKind::ReorderedRows),
        most_found: faults.iter().find_map(|it| match it {
            FaultKind::SlowQuery { most } => Some(*most),
            _ => None,
        }),
        failing_job: faults.contains(&FaultKind::FailingJob),
        locked_rows: faults.contains(&FaultKind::LockedRows),
        reformatted: faults.contains(&FaultKind::ReformattedWrites),
    };
    let answering = state.clone();
    // Queries over a whole org take longer than an async worker should be held.
    let answer = tokio::task::spawn_blocking(move || answer(&answering, &incoming, bent)).await;
    let mut answer = answer.unwrap_or_else(|error| {
        tracing::error!(%error, "a request ended in a panic");
        Answer::errors(&[ApiError::new(Code::UnknownException, "An unexpected error occurred")])
    });
    if faults.contains(&FaultKind::TruncatedBody) {
        answer.body.truncate(answer.body.len() / 2);
    }
    let length = answer.body.len();
    match faults.contains(&FaultKind::CutBody) {
        true => cut(to_response(&state, answer), length),
        false => to_response(&state, answer),
    }
}

/// What a fault does before the resource is asked: nothing, a delay, or the whole answer.
async fn strike(state: &State, incoming: &Incoming, fault: &FaultKind) -> Option<Response<Body>> {
    let error = match fault {
        FaultKind::Latency { millis } => {
            tokio::time::sleep(Duration::from_millis(*millis)).await;
            return None;
        }
        FaultKind::ConnectionReset => {
            incoming.peer.cut();
            return Some(Response::new(Body::empty()));
        }
        FaultKind::ExpiredToken => {
            if let Some(token) = oauth::bearer(&incoming.headers) {
                state.login.sessions.revoke(token);
            }
            return None;
        }
        FaultKind::Unavailable => return Some(unavailable(state)),
        FaultKind::TooManyRequests { .. } => {
            ApiError::new(Code::TooManyRequests, "too many requests; slow down")
        }
        FaultKind::FailingLaterPage => {
            ApiError::new(Code::UnknownException, "An unexpected error occurred: 1234-5 (67)")
        }
        FaultKind::Refusal { code } => {
            ApiError::new(Code::named(code).unwrap_or(Code::UnknownException), "refused on demand")
        }
        FaultKind::DuplicatedPage
        | FaultKind::ReorderedRows
        | FaultKind::FailingJob
        | FaultKind::SlowQuery { .. }
        | FaultKind::LockedRows
        | FaultKind::ReformattedWrites
        | FaultKind::TruncatedBody
        | FaultKind::CutBody => return None,
    };
    let mut answer = Answer::errors(&[error]);
    if let FaultKind::TooManyRequests { retry_after } = fault {
        answer = answer.with("Retry-After", retry_after.to_string());
    }
    Some(to_response(state, answer))
}

fn answer(state: &State, incoming: &Incoming, bent: AnswerFaults) -> Answer {
    let path: Vec<&str> = incoming.path.iter().map(String::as_str).collect();
    match path[..] {
        ["services", "oauth2", endpoint] => oauth::answer(
            state,
            &incoming.method,
            endpoint,
            &incoming.headers,
            &incoming.query,
            &incoming.body,
        ),
        ["id", _, user] => oauth::identity(state, &incoming.headers, &incoming.query, user),
        ["services", "data"] => versions::list(),
        ["services", "data", version, ..] => {
            let answer = resource(state, incoming, version, bent).unwrap_or_else(|it| Answer::errors(&[it]));
            let (used, most) = state.budget.usage();
            answer.with("Sforce-Limit-Info", format!("api-usage={used}/{most}"))
        }
        _ => Answer::errors(&[ApiError::not_found()]),
    }
}

fn resource(
    state: &State,
    incoming: &Incoming,
    version: &str,
    bent: AnswerFaults,
) -> Result<Answer, ApiError> {
    let user = session(state, &incoming.headers)?;
    if !state.budget.spend(state.clock.seconds()) {
        return Err(ApiError::new(Code::RequestLimitExceeded, "TotalRequests Limit exceeded."));
    }
    versions::check(version)?;
    let query = urlencoded::pairs(&incoming.query);
    let method = match query.iter().find(|(name, _)| name == "_HttpMethod") {
        Some((_, name)) if incoming.method == "POST" => Method::named(name),
        _ => Method::named(&incoming.method),
    };
    let path = incoming.path[3..].to_vec();
    let (headers, body) = (&incoming.headers, &incoming.body[..]);
    Ok(rest::dispatch(state, &Call { method, version, path, query, headers, body, user, faults: bent }))
}

fn session(state: &State, headers: &HeaderMap) -> Result<RecordId, ApiError> {
    let user = oauth::bearer(headers).and_then(|it| state.login.sessions.user(it, state.clock.millis()));
    user.ok_or_else(ApiError::session_expired)
}

fn to_response(state: &State, answer: Answer) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !answer.body.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    }
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (header::HeaderName::try_from(*name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    let date = rest::to_http_date(state.clock.seconds());
    headers.insert(header::DATE, HeaderValue::try_from(date).expect("a date is printable ASCII"));
    *response.body_mut() = Body::from(answer.body);
    response
}

fn unavailable(state: &State) -> Response<Body> {
    let page = "<!DOCTYPE html><html><head><title>Down for maintenance</title></head>\
                <body><h1>We are down for maintenance.</h1></body></html>";
    let mut response = to_response(state, Answer::bytes(503, page.as_bytes().to_vec()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html;charset=UTF-8"));
    response
}

/// Promises the whole body and ends the connection halfway.
fn cut(response: Response<Body>, whole: usize) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    // A compressed answer would have no promised length.
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole));
    let half = stream::once(async move {
        let bytes = to_bytes(body, whole).await.unwrap_or_default();
        Ok::<Bytes, std::io::Error>(bytes.slice(..bytes.len() / 2))
    });
    let end = stream::once(async {
        // The first half must be on its way before the connection breaks.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::ErrorKind::ConnectionReset.into())
    });
    Response::from_parts(parts, Body::from_stream(stream::StreamExt::chain(half, end)))
}

/// Counts by method and resource; ids and values are left out, so that counts stay few.
fn count(state: &State, incoming: &Incoming) {
    let path: Vec<&str> = incoming.path.iter().map(String::as_str).collect();
    let resource = match path[..] {
        ["services", "data", _, "sobjects", object, _, _] => format!("sobjects/{object}/external"),
        ["services", "data", _, "sobjects", object, last @ ("describe" | "updated" | "deleted")] => {
            format!("sobjects/{object}/{last}")
        }
        ["services", "data", _, "sobjects", object, _] => format!("sobjects/{object}/record"),
        ["services", "data", _, resource @ ("query" | "queryAll"), _] => format!("{resource}/next"),
        ["services", "data", _, "jobs", kind, _] => format!("jobs/{kind}/job"),
        ["services", "data", _, "jobs", kind, _, part] => format!("jobs/{kind}/{part}"),
        ["services", "data", _, ref rest @ ..] => rest.join("/"),
        _ => path.join("/"),
    };
    *state.requests().entry(format!("{} {resource}", incoming.method)).or_default() += 1;
}
