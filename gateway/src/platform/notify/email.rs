//! Mail.

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{ChannelError, Message, PATIENCE, Undelivered};
use crate::platform::config::notifications::{Email, Encryption};

/// A mail server that takes our mail.
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer {
    pub(super) fn open(config: &Email) -> Result<Self, ChannelError> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let from = config.from.parse().map_err(|error| ChannelError::From(format!("{error}")))?;
        let builder = match config.encryption {
            Encryption::Tls => Transport::relay(&config.host),
            Encryption::StartTls => Transport::starttls_relay(&config.host),
            Encryption::None => Ok(Transport::builder_dangerous(&config.host)),
        };
        let builder = builder.map_err(|error| ChannelError::Host(error.to_string()))?;
        let mut builder = builder.port(config.port).timeout(Some(PATIENCE));
        if let (Some(username), Some(password)) = (&config.username, &config.password) {
            builder = builder.credentials(Credentials::new(username.clone(), password.reveal().to_owned()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    pub(super) async fn send(&self, recipient: &str, message: &Message) -> Result<(), Undelivered> {
        let permanent = |message: String| Undelivered { is_permanent: true, retry_after: None, message };
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
        self.transport.send(mail).await.map(drop).map_err(|error| Undelivered {
            is_permanent: error.is_permanent(),
            retry_after: None,
            message: format!("the mail server did not take it: {error}"),
        })
    }
}
