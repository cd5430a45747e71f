//! Mail.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::time::timeout;

use super::{ChannelError, Message, Undelivered};
use crate::platform::config::notifications::{Email, Encryption};

/// A mail server that takes our mail.
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer {
    pub(super) fn open(config: &Email, patience: Duration) -> Result<Self, ChannelError> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let from = config.from.parse().map_err(|error| ChannelError::From(format!("{error}")))?;
        let builder = match config.encryption {
            Encryption::Tls => Transport::relay(&config.host),
            Encryption::StartTls => Transport::starttls_relay(&config.host),
            Encryption::None => Ok(Transport::builder_dangerous(&config.host)),
        };
        let builder = builder.map_err(|error| ChannelError::Host(error.to_string()))?;
        let mut builder = builder.port(config.port);
        if let (Some(username), Some(password)) = (&config.username, &config.password) {
            builder = builder.credentials(Credentials::new(username.clone(), password.reveal().to_owned()));
        }
        Ok(Self { transport: builder.build(), from, patience })
    }

    pub(super) async fn send(&self, recipient: &str, message: &Message) -> Result<(), Undelivered> {
        let undelivered = |is_permanent, message| Undelivered { is_permanent, retry_after: None, message };
        let permanent = |message| undelivered(true, message);
        let to: Mailbox = recipient.parse().map_err(|_| permanent("this is no mail address".to_owned()))?;
        let domain = self.from.email.domain();
        let mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .subject(message.subject.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(message.body.clone())
            .map_err(|error| permanent(error.to_string()))?;
        // The transport's own limit ends with the connection: a server that accepts and says nothing would hold us for good.
        match timeout(self.patience, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let message = format!("the mail server did not take it: {error}");
                Err(undelivered(error.is_permanent(), message))
            }
            Err(_) => Err(undelivered(false, "the mail server did not answer in time".to_owned())),
        }
    }
}
