//! The way to a database, which can be cut: connections end, and new ones are refused at once, until it is mended.

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A way to a database.
pub struct Wire {
    /// The database's address at this end.
    pub url: String,
    is_cut: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Wire {
    /// A way to the database at this address.
    pub async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (head, rest) = url.rsplit_once('@').expect("the address names a user");
        let (there, database) = rest.split_once('/').expect("the address names a database");
        let url = format!("{head}@{}/{database}", listener.local_addr().unwrap());
        let (is_cut, seen) = watch::channel(false);
        let task = tokio::spawn(carry(listener, there.to_owned(), seen));
        Self { url, is_cut, task }
    }

    /// Ends what goes over it, and lets nothing new through.
    pub fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    /// Lets everything through again.
    pub fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(listener: TcpListener, there: String, is_cut: watch::Receiver<bool>) {
    loop {
        let (mut here, _) = listener.accept().await.unwrap();
        let (there, mut is_cut) = (there.clone(), is_cut.clone());
        if *is_cut.borrow() {
            continue;
        }
        tokio::spawn(async move {
            let mut there = TcpStream::connect(there).await.unwrap();
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut here, &mut there) => {}
                _ = is_cut.wait_for(|it| *it) => {}
            }
        });
    }
}
