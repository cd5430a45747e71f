//! Sending messages to people: by mail, and into rooms of chat services.
//!
//! Here: one message by one channel, and why it was not taken. Not here: who is told what and when (`notifications`).

mod email;
mod room;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::notifications::NotificationChannel;
use uuid::Uuid;

use super::config::notifications::{Notifications, RoomService};
use email::Mailer;
use room::Room;

/// How long a channel may take for one message.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// A message, ready to be sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its id; a mail carries it, so that one that is sent twice is known for the same.
    pub id: Uuid,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub body: String,
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// Another attempt would end alike.
    pub is_permanent: bool,
    /// How long the channel wants to be left alone.
    pub retry_after: Option<Duration>,
    /// What it said. Nothing secret: no address of a room.
    pub message: String,
}

/// Why there is a channel in the configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// A mail address is none.
    #[error("notifications.email.from: {0}; give an address such as `Partner Desk <desk@example.com>`")]
    From(String),
    /// The mail server's name or certificate store cannot be used.
    #[error("notifications.email.host: {0}")]
    Host(String),
    /// No client for chat services.
    #[error("notifications.rooms: {0}")]
    Client(#[from] reqwest::Error),
}

/// The channels of the configuration.
#[derive(Debug, Default)]
pub struct Channels {
    mailer: Option<Mailer>,
    rooms: BTreeMap<String, Room>,
    staff: Vec<(NotificationChannel, String)>,
    staff_locale: Option<String>,
}

impl Channels {
    /// Makes them ready, each with so much time for one message. Nothing is asked of anybody yet.
    pub fn open(config: &Notifications, patience: Duration) -> Result<Self, ChannelError> {
        let mailer = config.email.as_ref().map(|it| Mailer::open(it, patience)).transpose()?;
        let rooms = config.rooms.iter();
        let rooms = rooms
            .map(|(name, it)| Ok((name.clone(), Room::open(it, patience)?)))
            .collect::<Result<_, ChannelError>>()?;
        let channel = |name: &String| match config.rooms.get(name).map(|it| it.service) {
            Some(RoomService::Slack) => NotificationChannel::Slack,
            Some(RoomService::Teams) => NotificationChannel::Teams,
            None => NotificationChannel::Email,
        };
        let staff = config.staff.iter().map(|it| (channel(it), it.clone())).collect();
        Ok(Self { mailer, rooms, staff, staff_locale: config.staff_locale.clone() })
    }

    /// Where the vendor's people are told.
    pub fn staff(&self) -> impl Iterator<Item = (NotificationChannel, &str)> {
        self.staff.iter().map(|(channel, name)| (*channel, name.as_str()))
    }

    /// In which language they are told.
    pub fn staff_locale(&self) -> &str {
        self.staff_locale.as_deref().unwrap_or("ja")
    }

    /// Whether mail can be sent.
    pub fn has_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// Sends a message once.
    pub async fn send(
        &self,
        channel: NotificationChannel,
        recipient: &str,
        message: &Message,
    ) -> Result<(), Undelivered> {
        match channel {
            NotificationChannel::Email => match &self.mailer {
                Some(mailer) => mailer.send(recipient, message).await,
                None => Err(unknown("there is no [notifications.email] any more")),
            },
            NotificationChannel::Slack | NotificationChannel::Teams => match self.rooms.get(recipient) {
                Some(room) => room.send(message).await,
                None => Err(unknown("there is no such room in the configuration any more")),
            },
        }
    }
}

/// An operator may bring it back: worth another attempt.
fn unknown(message: &str) -> Undelivered {
    Undelivered { is_permanent: false, retry_after: None, message: message.to_owned() }
}
