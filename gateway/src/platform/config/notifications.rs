//! `[notifications]`: where messages to people go.

use std::collections::BTreeMap;

use super::section::{Reading, Section};
use crate::platform::secret::Secret;

/// Where messages to people go. Without rooms and mail, none are sent.
#[derive(Debug, Clone, Default)]
pub struct Notifications {
    /// Who is told what the vendor's people should know: names of rooms, and mail addresses.
    pub staff: Vec<String>,
    /// The language in which they are told.
    pub staff_locale: Option<String>,
    /// The mail server.
    pub email: Option<Email>,
    /// Rooms of chat services, by the name of their section.
    pub rooms: BTreeMap<String, Room>,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Email {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept secret.
    pub encryption: Encryption,
    /// Whom it knows us as.
    pub username: Option<String>,
    /// That login's password.
    pub password: Option<Secret>,
    /// Who writes.
    pub from: String,
}

/// How a connection to a mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Encryption {
    /// From the first byte, usually port 465.
    Tls,
    /// After the greeting, and required; usually port 587.
    StartTls,
    /// Not at all: only on this machine.
    None,
}

/// A room of a chat service.
#[derive(Debug, Clone)]
pub struct Room {
    /// Which service.
    pub service: RoomService,
    /// Its incoming webhook. Whoever knows it may write.
    pub url: Secret,
}

/// A chat service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum RoomService {
    /// Slack.
    Slack,
    /// Microsoft Teams, by a workflow's webhook.
    Teams,
}

impl Notifications {
    pub(super) fn read(reading: &mut Reading) -> Option<Self> {
        let mut section = reading.section("notifications");
        let staff = section.or("staff", Vec::<String>::new());
        let staff_locale = section.optional("staff_locale");
        let email = email(&mut reading.section("notifications.email"));
        let mut rooms = BTreeMap::new();
        for name in reading.names_in("notifications.rooms") {
            let room = room(&mut reading.section(format!("notifications.rooms.{name}")))?;
            rooms.insert(name, room);
        }
        let settings = Self { staff, staff_locale, email: email?, rooms };
        settings.check(&mut reading.section("notifications"));
        Some(settings)
    }

    /// Everybody who is to be told can be.
    fn check(&self, section: &mut Section<'_>) {
        for name in &self.staff {
            match (name.contains('@'), self.email.is_some(), self.rooms.contains_key(name)) {
                (true, false, _) => section.refuse("staff", format!("`{name}` needs [notifications.email]")),
                (false, _, false) => {
                    section.refuse("staff", format!("there is no [notifications.rooms.{name}]"));
                }
                _ => {}
            }
        }
    }
}

/// `None` when it is wrong; none is given when there is no `host`.
#[expect(clippy::option_option, reason = "wrong, absent and there are three things")]
fn email(section: &mut Section<'_>) -> Option<Option<Email>> {
    let host = section.optional::<String>("host");
    let (port, encryption) =
        (section.within("port", 1..=65_535, 587), section.or("encryption", "starttls".to_owned()));
    let encryption = section.parsed::<Encryption>("encryption", &encryption);
    let (username, password) = (section.optional("username"), section.optional("password"));
    let from = section.optional::<String>("from");
    let Some(host) = host else { return Some(None) };
    let Some(from) = from else {
        section.refuse("from", "is missing; give the address that mail comes from");
        return None;
    };
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    if encryption? == Encryption::None && !is_here {
        section.refuse("encryption", "only a server on this machine is spoken to in clear");
        return None;
    }
    let port = u16::try_from(port).unwrap_or_default();
    Some(Some(Email { host, port, encryption: encryption?, username, password, from }))
}

fn room(section: &mut Section<'_>) -> Option<Room> {
    let service = section.required::<String>("service");
    let url = section.required::<Secret>("url");
    let service = section.parsed::<RoomService>("service", &service?)?;
    let url = url?;
    let is_here = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|it| url.reveal().starts_with(it));
    if !url.reveal().starts_with("https://") && !is_here {
        section.refuse("url", "give an https address");
        return None;
    }
    Some(Room { service, url })
}
