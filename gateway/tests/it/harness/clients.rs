//! Clients of each role, and what they were answered.

use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Role;
use domain::ids::PartnerId;
use gateway::platform::auth::demo_keys::{AUDIENCE, ISSUER};
use gateway::platform::auth::signing::Claims;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{GivenPartner, GivenUser, TestGateway};

/// Somebody who speaks to the gateway.
pub struct Client<'a> {
    gateway: &'a TestGateway,
    identity: Identity,
}

/// How a client shows who it is.
enum Identity {
    /// With a fresh token for each request.
    Known { roles: Vec<Role>, subject: String, partner: Option<PartnerId>, locale: &'static str },
    /// With this `Authorization` header, or with none.
    Header(Option<String>),
}

/// What a client was answered.
pub struct Answer {
    /// The status of the response.
    pub status: StatusCode,
    /// The body, as sent.
    pub text: String,
    /// SQL statements that the request took.
    pub statements: u64,
    body: Value,
    user_errors: Vec<Value>,
}

/// What a good token says at an instant.
pub fn claims_at(now: DateTime<Utc>, roles: &[Role], subject: &str, partner: Option<PartnerId>) -> Claims {
    Claims {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        subject: subject.to_owned(),
        tenant: "default".to_owned(),
        roles: roles.to_vec(),
        partner,
        scopes: Vec::new(),
        locale: "ja".to_owned(),
        issued_at: now,
        expires_at: now + TimeDelta::hours(1),
    }
}

impl TestGateway {
    /// An administrator.
    pub fn as_admin(&self) -> Client<'_> {
        self.as_staff(Role::Admin, "admin")
    }

    /// A channel manager with this subject.
    pub fn as_channel_manager(&self, subject: &str) -> Client<'_> {
        self.as_staff(Role::ChannelManager, subject)
    }

    /// Somebody of the vendor's.
    pub fn as_staff(&self, role: Role, subject: &str) -> Client<'_> {
        self.known(&[role], subject, None)
    }

    /// An administrator of a partner.
    pub fn as_admin_of(&self, partner: &GivenPartner) -> Client<'_> {
        self.known(&[Role::PartnerAdmin], "partner-admin", Some(partner.key))
    }

    /// The representative that every given partner has.
    pub fn as_rep_of(&self, partner: &GivenPartner) -> Client<'_> {
        self.as_user(&partner.rep)
    }

    /// A representative.
    pub fn as_user(&self, user: &GivenUser) -> Client<'_> {
        self.known(&[Role::PartnerRep], &user.key.to_string(), Some(user.partner))
    }

    /// Somebody with these roles, at this partner.
    pub fn known(&self, roles: &[Role], subject: &str, partner: Option<PartnerId>) -> Client<'_> {
        let (roles, subject) = (roles.to_vec(), subject.to_owned());
        let identity = Identity::Known { roles, subject, partner, locale: "ja" };
        Client { gateway: self, identity }
    }

    /// What a good token says.
    pub fn claims(&self, roles: &[Role], subject: &str, partner: Option<PartnerId>) -> Claims {
        claims_at(self.services.clock.now(), roles, subject, partner)
    }

    /// Somebody whose token says this, signed by an issuer that the gateway trusts.
    pub fn with_claims(&self, claims: &Claims) -> Client<'_> {
        self.with_authorization(Some(self.bearer(claims)))
    }

    /// Somebody with this `Authorization` header, or with none.
    pub fn with_authorization(&self, authorization: Option<String>) -> Client<'_> {
        Client { gateway: self, identity: Identity::Header(authorization) }
    }

    fn bearer(&self, claims: &Claims) -> String {
        format!("Bearer {}", self.keys.signer().sign(claims).expect("the pair signs"))
    }
}

impl Client<'_> {
    /// The same, reading English instead of Japanese.
    pub fn in_english(mut self) -> Self {
        if let Identity::Known { locale, .. } = &mut self.identity {
            *locale = "en";
        }
        self
    }

    /// Asks without variables.
    pub async fn ask(&self, document: &str) -> Answer {
        self.ask_with(document, json!({})).await
    }

    /// Asks with variables.
    pub async fn ask_with(&self, document: &str, variables: Value) -> Answer {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = Request::post("/graphql").header("content-type", "application/json");
        self.send(request, body).await
    }

    /// Asks with a document that the gateway knows by this name.
    pub async fn name(&self, id: &str) -> Answer {
        let body = json!({ "documentId": id }).to_string();
        self.send(Request::post("/graphql").header("content-type", "application/json"), body).await
    }

    /// Asks by GET, as a link does.
    pub async fn follow(&self, document: &str) -> Answer {
        let query: String = document.bytes().map(|it| format!("%{it:02X}")).collect();
        self.send(Request::get(format!("/graphql?query={query}")), String::new()).await
    }

    /// Opens an address below the gateway's.
    pub async fn open(&self, path: &str) -> Answer {
        self.send(Request::get(path), String::new()).await
    }

    /// Sends lines to a name.
    pub async fn upload(&self, name: &str, lines: String) -> Answer {
        self.send(Request::post(format!("/ingest/{name}")), lines).await
    }

    async fn send(&self, mut request: Builder, body: String) -> Answer {
        if let Some(authorization) = self.authorization() {
            request = request.header("authorization", authorization);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let before = self.gateway.services.database.statements();
        let response = self.gateway.router.clone().oneshot(request).await.expect("routers answer");
        let statements = self.gateway.services.database.statements() - before;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
        let text = String::from_utf8(bytes.to_vec()).expect("answers are text");
        let body = serde_json::from_str(&text).expect("answers are JSON");
        Answer { status, text, statements, body, user_errors: Vec::new() }
    }

    /// What it speaks to.
    pub(super) fn router(&self) -> &axum::Router {
        &self.gateway.router
    }

    pub(super) fn authorization(&self) -> Option<String> {
        match &self.identity {
            Identity::Known { roles, subject, partner, locale } => {
                let claims = self.gateway.claims(roles, subject, *partner);
                Some(self.gateway.bearer(&Claims { locale: (*locale).to_owned(), ..claims }))
            }
            Identity::Header(authorization) => authorization.clone(),
        }
    }

    /// Changes something: `mutation` names it, `input` is what it takes, `selection` what is wanted of its payload.
    pub async fn change(&self, mutation: &str, input: Value, selection: &str) -> Answer {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let selection = format!("{selection} userErrors {{ code field message }}");
        let document =
            format!("mutation Change($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} }} }}");
        let mut answer = self.ask_with(&document, json!({ "input": input })).await;
        if let Some(payload) = answer.body["data"][mutation].as_object_mut() {
            let told = payload.remove("userErrors").expect("what was asked for");
            answer.user_errors = told.as_array().expect("a list").clone();
        }
        answer
    }
}

impl Answer {
    /// The data of an answer without errors.
    pub fn data(&self) -> &Value {
        assert!(self.errors().is_empty() && self.user_errors.is_empty(), "errors: {}", self.text);
        &self.body["data"]
    }

    /// The data at a JSON pointer, of an answer without errors.
    pub fn at(&self, pointer: &str) -> &Value {
        let found = self.data().pointer(pointer);
        found.unwrap_or_else(|| panic!("nothing at {pointer}: {}", self.text))
    }

    /// The text at a JSON pointer.
    pub fn text_at(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer}: {}", self.text))
    }

    /// The whole answer of something else than the graph.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The data, even beside errors.
    pub fn partial_data(&self) -> &Value {
        &self.body["data"]
    }

    /// The codes of the errors and the user errors, in the order in which they were sent.
    pub fn codes(&self) -> Vec<&str> {
        let codes = self.errors().iter().map(|it| &it["extensions"]["code"]);
        let codes = codes.chain(self.user_errors.iter().map(|it| &it["code"]));
        codes.map(|it| it.as_str().expect("every error has a code")).collect()
    }

    /// The message of the first error.
    pub fn message(&self) -> &str {
        let error = self.errors().first().or(self.user_errors.first()).expect("an error");
        error["message"].as_str().expect("an error has a message")
    }

    /// Checks that there is one error, with this code; one of a resolver is told in the client's language.
    #[track_caller]
    pub fn assert_refused(&self, code: &str) {
        assert_eq!(self.codes(), [code], "{}", self.text);
        let is_of_the_request = self.errors().first().is_some_and(|it| it.get("path").is_none());
        assert!(is_of_the_request || !self.message().is_ascii(), "{code} has no text in Japanese");
    }

    /// Checks that a change was refused with this code, and that this field below its input is to blame.
    #[track_caller]
    pub fn assert_refused_for(&self, code: &str, field: &[&str]) {
        self.assert_refused(code);
        assert_eq!(self.user_errors[0]["field"], json!(field), "{}", self.text);
    }

    fn errors(&self) -> &[Value] {
        self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default()
    }
}
