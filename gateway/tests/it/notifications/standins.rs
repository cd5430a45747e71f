//! A chat service and a mail server as far as messages need them.

use std::sync::{Arc, Mutex};

use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::{Json, Router};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Takes what is written into its rooms, or refuses it.
pub struct ChatService {
    address: String,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    messages: Vec<(String, Value)>,
    answers: Option<StatusCode>,
}

impl ChatService {
    pub async fn start() -> Self {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let router = Router::new().fallback(take).with_state(Arc::clone(&heard));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, heard }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// From now on it answers so.
    pub fn answer(&self, status: u16) {
        self.heard.lock().unwrap().answers = StatusCode::from_u16(status).ok();
    }

    /// What it took, with the path of its room.
    pub fn heard(&self) -> Vec<(String, Value)> {
        self.heard.lock().unwrap().messages.clone()
    }
}

async fn take(
    State(heard): State<Arc<Mutex<Heard>>>,
    OriginalUri(room): OriginalUri,
    Json(message): Json<Value>,
) -> StatusCode {
    let mut heard = heard.lock().unwrap();
    let status = heard.answers.unwrap_or(StatusCode::OK);
    if status.is_success() {
        heard.messages.push((room.path().to_owned(), message));
    }
    status
}

/// Takes every mail.
pub struct MailServer {
    pub port: u16,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&mails);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let taken = Arc::clone(&taken);
                tokio::spawn(async move {
                    if let Some(mail) = converse(connection).await {
                        taken.lock().unwrap().push(mail);
                    }
                });
            }
        });
        Self { port, mails }
    }

    /// One that accepts connections, and never says a word.
    pub async fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                kept.push(connection);
            }
        });
        Self { port, mails: Arc::default() }
    }

    /// The mails, heads and bodies, as they came.
    pub fn received(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

/// One session of SMTP (RFC 5321) with one mail.
async fn converse(connection: TcpStream) -> Option<String> {
    let (read, mut write) = connection.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 ready\r\n").await.ok()?;
    let mut mail = None;
    while let Some(line) = lines.next_line().await.ok()? {
        let answer: &[u8] = match line.split(' ').next().unwrap_or_default().to_uppercase().as_str() {
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|it| it != ".") {
                    text.push_str(&line);
                    text.push('\n');
                }
                mail = Some(text);
                b"250 taken\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await.ok()?;
                return mail;
            }
            _ => b"250 fine\r\n",
        };
        write.write_all(answer).await.ok()?;
    }
    mail
}
