//! Logging in: the token endpoint, revocation, introspection, identity.
//!
//! Here: grants and OAuth's own error shape. Not here: what a session may do (`server`).

mod assertion;
mod sessions;

use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

pub(crate) use sessions::Sessions;

use crate::error::Error;
use crate::options::Options;
use crate::org::Org;
use crate::org::record_id::RecordId;
use crate::org::schema::Object;
use crate::org::value::ValueRef;
use crate::rest::Answer;
use crate::state::{State, organization_id};
use crate::urlencoded;
use assertion::Keys;

/// Who may log in, and who is.
#[derive(Debug)]
pub(crate) struct Login {
    client_id: String,
    client_secret: String,
    keys: Keys,
    pub(crate) sessions: Sessions,
}

/// OAuth's errors: a code and a description, not the REST array.
#[derive(Debug)]
struct Refusal(u16, &'static str, &'static str);

impl Login {
    pub(crate) fn new(options: &Options) -> Result<Login, Error> {
        Ok(Login {
            client_id: options.client_id.clone(),
            client_secret: options.client_secret.clone(),
            keys: Keys::new(&options.jwt_keys)?,
            sessions: Sessions::new(lifetime_millis(options.session_lifetime)),
        })
    }

    /// The client of a form or of HTTP Basic, with the right secret.
    fn check_client(&self, form: &Form) -> Result<(), Refusal> {
        let (id, secret) = form.credentials();
        if id != self.client_id {
            return Err(Refusal(400, "invalid_client_id", "client identifier invalid"));
        }
        match secret == self.client_secret {
            true => Ok(()),
            false => Err(Refusal(400, "invalid_client", "invalid client credentials")),
        }
    }
}

/// Answers `/services/oauth2/<endpoint>`.
pub(crate) fn answer(
    state: &State,
    method: &str,
    endpoint: &str,
    headers: &HeaderMap,
    query: &str,
    body: &[u8],
) -> Answer {
    let form = Form::read(headers, query, body);
    let answered = match (endpoint, method) {
        ("token", "POST") => token(state, &form),
        ("token", _) => Err(Refusal(400, "invalid_request", "must use HTTP POST")),
        ("revoke", "GET" | "POST") => Ok(revoke(state, &form)),
        ("introspect", "POST") => introspect(state, &form),
        ("userinfo", "GET" | "POST") => Ok(userinfo(state, headers, &form)),
        _ => return Answer::errors(&[crate::rest::error::ApiError::not_found()]),
    };
    answered.unwrap_or_else(|Refusal(status, error, description)| {
        Answer::json(status, &json!({"error": error, "error_description": description}))
    })
}

/// Answers `/id/<organization>/<user>`.
pub(crate) fn identity(state: &State, headers: &HeaderMap, query: &str, user: &str) -> Answer {
    let form = Form::read(headers, query, &[]);
    let session = bearer(headers)
        .or(form.get("oauth_token"))
        .and_then(|it| state.login.sessions.user(it, state.clock.millis()));
    let Some(_) = session else { return Answer::bytes(403, b"\"Bad_OAuth_Token\"".to_vec()) };
    match RecordId::parse(user).filter(|it| it.object == Object::User) {
        Some(user) => person(state, user).map_or_else(|| Answer::empty(404), |it| Answer::json(200, &it)),
        None => Answer::empty(404),
    }
}

/// The token of an `Authorization` header; the older word `OAuth` is taken too.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get("authorization")?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("Bearer") || scheme.eq_ignore_ascii_case("OAuth")).then(|| token.trim())
}

fn token(state: &State, form: &Form) -> Result<Answer, Refusal> {
    let login = &state.login;
    match form.get("grant_type").unwrap_or_default() {
        "client_credentials" => {
            login.check_client(form)?;
            let user = integration_user(&state.org()).ok_or(Refusal(
                400,
                "invalid_grant",
                "no client credentials user enabled",
            ))?;
            Ok(granted(state, user, None))
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            let assertion =
                form.get("assertion").ok_or(Refusal(400, "invalid_request", "missing assertion"))?;
            let username =
                login.keys.check(assertion, &login.client_id, state.base_url(), state.clock.seconds())?;
            let unknown = Refusal(400, "invalid_grant", "user hasn't approved this consumer");
            let user = user_named(&state.org(), &username).ok_or(unknown)?;
            Ok(granted(state, user, None))
        }
        "refresh_token" => {
            login.check_client(form)?;
            let given = form.get("refresh_token").unwrap_or_default();
            let refreshed = login.sessions.refresh(given);
            let (user, rotated) =
                refreshed.ok_or(Refusal(400, "invalid_grant", "expired access/refresh token"))?;
            Ok(granted(state, user, rotated))
        }
        "password" | "authorization_code" => {
            Err(Refusal(400, "invalid_grant", "authentication failure: this flow is switched off"))
        }
        "" => Err(Refusal(400, "invalid_request", "missing required parameter: grant_type")),
        _ => Err(Refusal(400, "unsupported_grant_type", "grant type not supported")),
    }
}

fn granted(state: &State, user: RecordId, refresh_token: Option<String>) -> Answer {
    let now = state.clock.millis();
    let token = state.login.sessions.open(user, now);
    let signature = STANDARD.encode(token.signature);
    let mut body = json!({
        "access_token": token.text,
        "signature": signature,
        "scope": "api refresh_token",
        "instance_url": state.base_url(),
        "id": state.identity_url(user),
        "token_type": "Bearer",
        "issued_at": now.to_string(),
    });
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = json!(refresh_token);
    }
    Answer::json(200, &body).with("Cache-Control", "no-store")
}

fn revoke(state: &State, form: &Form) -> Answer {
    if let Some(token) = form.get("token") {
        state.login.sessions.revoke(token);
    }
    Answer::empty(200)
}

fn introspect(state: &State, form: &Form) -> Result<Answer, Refusal> {
    state.login.check_client(form)?;
    let token = form.get("token").unwrap_or_default();
    let now = state.clock.millis();
    Ok(match state.login.sessions.expires_at(token, now) {
        None => Answer::json(200, &json!({"active": false})),
        Some(at) => {
            let body = json!({"active": true, "exp": at / 1000, "client_id": form.credentials().0, "token_type": "access_token"});
            Answer::json(200, &body)
        }
    })
}

fn userinfo(state: &State, headers: &HeaderMap, form: &Form) -> Answer {
    let token = bearer(headers).or(form.get("access_token"));
    let user = token.and_then(|it| state.login.sessions.user(it, state.clock.millis()));
    match user.and_then(|it| person(state, it)) {
        None => Answer::bytes(403, b"\"Bad_OAuth_Token\"".to_vec()),
        Some(mut person) => {
            person["sub"] = person["id"].clone();
            person["name"] = person["display_name"].clone();
            person["preferred_username"] = person["username"].clone();
            Answer::json(200, &person)
        }
    }
}

fn person(state: &State, user: RecordId) -> Option<Json> {
    let org = state.org();
    let record = org.record(user)?;
    let text = |name: &str| match record.get(org.schema(Object::User).known(name).slot) {
        ValueRef::Text(text) => text.to_owned(),
        _ => String::new(),
    };
    Some(json!({
        "id": state.identity_url(user),
        "asserted_user": true,
        "user_id": user.to_string(),
        "organization_id": organization_id(),
        "username": text("Username"),
        "nick_name": text("Alias"),
        "display_name": text("Name"),
        "email": text("Email"),
        "email_verified": true,
        "first_name": text("FirstName"),
        "last_name": text("LastName"),
        "timezone": text("TimeZoneSidKey"),
        "active": record.get(org.schema(Object::User).known("IsActive").slot) == ValueRef::Bool(true),
        "user_type": text("UserType").to_uppercase(),
        "language": text("LanguageLocaleKey"),
        "locale": text("LocaleSidKey"),
        "urls": {
            "rest": format!("{}/services/data/v{{version}}/", state.base_url()),
            "sobjects": format!("{}/services/data/v{{version}}/sobjects/", state.base_url()),
            "query": format!("{}/services/data/v{{version}}/query/", state.base_url()),
        },
    }))
}

/// The first user of the org runs integrations.
fn integration_user(org: &Org) -> Option<RecordId> {
    org.table(Object::User).get(1).map(|it| it.id)
}

fn user_named(org: &Org, username: &str) -> Option<RecordId> {
    let schema = org.schema(Object::User);
    let (name, active) = (schema.known("Username").slot, schema.known("IsActive").slot);
    let is_it =
        |value: ValueRef<'_>| matches!(value, ValueRef::Text(it) if it.eq_ignore_ascii_case(username));
    let mut users = org.table(Object::User).iter();
    users.find(|it| is_it(it.get(name)) && it.get(active) == ValueRef::Bool(true)).map(|it| it.id)
}

fn lifetime_millis(lifetime: Duration) -> i64 {
    i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX / 2)
}

/// Parameters of the body and of the query string, and HTTP Basic credentials.
#[derive(Debug)]
struct Form {
    pairs: Vec<(String, String)>,
    basic: Option<(String, String)>,
}

impl Form {
    fn read(headers: &HeaderMap, query: &str, body: &[u8]) -> Form {
        let mut pairs = urlencoded::pairs(&String::from_utf8_lossy(body));
        pairs.extend(urlencoded::pairs(query));
        Form { pairs, basic: basic(headers) }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn credentials(&self) -> (&str, &str) {
        match (&self.basic, self.get("client_id")) {
            (_, Some(id)) => (id, self.get("client_secret").unwrap_or_default()),
            (Some((id, secret)), None) => (id, secret),
            (None, None) => ("", ""),
        }
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get("authorization")?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
