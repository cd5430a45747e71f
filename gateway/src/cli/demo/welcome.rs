//! What the demo says when it is ready: the address, a token for each role, queries to paste.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use domain::access::Role;
use domain::calendar::date_in_tokyo;
use domain::ids::{PartnerId, PartnerUserId};
use domain::text::Language;
use serde_json::json;

use super::channel::{CHANNEL_MANAGER, Channel};
use super::examples::EXAMPLES;
use crate::cli::Output;
use crate::platform::auth::demo_keys::{AUDIENCE, DemoKeys, ISSUER};
use crate::platform::auth::signing::{Claims, UnusableKey};
use crate::platform::clock::Clock;
use crate::platform::http::{Ide, IdeExample, IdeToken, IdeTokens};

/// How long the printed tokens count.
const LIFETIME: TimeDelta = TimeDelta::hours(12);

/// Everything the demo says.
pub(super) struct Welcome {
    keys: DemoKeys,
    clock: Clock,
    channel: Channel,
    tokens: Vec<IdeToken>,
}

impl Welcome {
    /// Signs a token for each role.
    pub(super) fn new(keys: DemoKeys, clock: Clock, channel: Channel) -> Result<Self, UnusableKey> {
        let tokens = tokens(&keys, &clock, channel)?;
        Ok(Self { keys, clock, channel, tokens })
    }

    /// The page for trying queries. Its tokens are signed when it is opened, so that they count for a day's work.
    pub(super) fn ide(&self) -> Ide {
        let (keys, clock, channel) = (self.keys.clone(), self.clock.clone(), self.channel);
        let offer: IdeTokens = Arc::new(move || tokens(&keys, &clock, channel).unwrap_or_default());
        let today = self.today();
        let examples = EXAMPLES.iter().map(|it| IdeExample { title: it.title, query: it.on(today) });
        Ide { examples: examples.collect(), tokens: Some(offer) }
    }

    /// Prints it.
    pub(super) fn print(&self, output: Output, address: SocketAddr, crm: &str) {
        let machine =
            self.tokens.iter().map(|it| json!({ "role": it.label, "token": it.token })).collect::<Vec<_>>();
        let queries: Vec<_> = EXAMPLES
            .iter()
            .map(|it| json!({ "query": it.on(self.today()), "roles": it.roles.iter().map(|it| it.label(Language::En)).collect::<Vec<_>>() }))
            .collect();
        let json = json!({
            "address": format!("http://{address}"), "crm": crm, "tokens": machine,
            "queries": queries,
        });
        output.result(self.text(address, crm), &json);
    }

    fn today(&self) -> NaiveDate {
        date_in_tokyo(self.clock.now())
    }

    fn text(&self, address: SocketAddr, crm: &str) -> String {
        let tokens: String =
            self.tokens.iter().map(|it| format!("  {}\n    {}\n", it.label, it.token)).collect();
        let queries: String =
            EXAMPLES.iter().map(|it| format!("# {}\n{}\n\n", it.title, it.on(self.today()))).collect();
        let admin = self.tokens.first().map(|it| it.token.as_str()).unwrap_or_default();
        format!(
            "\nQueries to paste\n\n{queries}\
             Tokens, good for 12 hours\n{tokens}\n\
             Or from a shell\n\n  curl -s http://{address}/graphql -H 'content-type: application/json' \\\n    \
             -H 'authorization: Bearer {admin}' \\\n    \
             -d '{{\"query\":\"{{ leads(first: 3, orderBy: CREATED_ASC, filter: {{ isAssigned: true }}) {{ nodes {{ company \
             assignedPartner {{ displayName }} account {{ name }} provenance {{ field value source rule }} }} }} }}\"}}'\n\n\
             The API is at      http://{address}/graphql\n\
             Try queries at     http://{address}/\n\
             The CRM behind it  {crm}\n\n\
             Ctrl-C ends it; the data is kept.\n"
        )
    }
}

/// A token for each role.
fn tokens(keys: &DemoKeys, clock: &Clock, channel: Channel) -> Result<Vec<IdeToken>, UnusableKey> {
    let sign = |role: Role, subject: String, partner: Option<PartnerId>| {
        let issued_at = clock.now();
        let token = keys.signer().sign(&Claims {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            subject,
            tenant: "default".to_owned(),
            roles: vec![role],
            partner,
            scopes: Vec::new(),
            locale: "ja".to_owned(),
            issued_at,
            expires_at: issued_at + LIFETIME,
        });
        Ok(IdeToken { label: role.label(Language::En).to_owned(), token: token? })
    };
    let staff = |role: Role| sign(role, role.code().to_lowercase(), None);
    let person = |role: Role, user: PartnerUserId| sign(role, user.to_string(), Some(channel.partner));
    Ok(vec![
        staff(Role::Admin)?,
        sign(Role::ChannelManager, CHANNEL_MANAGER.to_owned(), None)?,
        staff(Role::DataSteward)?,
        staff(Role::IntegrationJob)?,
        person(Role::PartnerAdmin, channel.admin)?,
        person(Role::PartnerRep, channel.rep)?,
    ])
}
