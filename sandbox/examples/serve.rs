//! Serves a demo org until standard input ends, and prints where.
//!
//! `serve [leads] [port] [jwt-public-key.pem]`; for the client scripts and for trying things out.

use std::io::Read;
use std::net::SocketAddr;

use sandbox::{DEMO_USERNAME, JwtKey, Options, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let leads = arguments.next().map(|it| it.parse()).transpose()?.unwrap_or(sandbox::DEMO_LEADS);
    let port = arguments.next().map(|it| it.parse()).transpose()?.unwrap_or(0);
    let mut options = Options { leads: Some(leads), ..Options::default() };
    options.address = SocketAddr::from(([127, 0, 0, 1], port));
    if let Some(path) = arguments.next() {
        let public_key_pem = std::fs::read_to_string(path)?;
        options.jwt_keys.push(JwtKey { public_key_pem, username: DEMO_USERNAME.to_owned() });
    }
    let sandbox = Sandbox::start(options).await?;
    announce(&sandbox.base_url());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    sandbox.shutdown().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "whoever started this program reads the address")]
fn announce(base_url: &str) {
    println!("{base_url}");
}
