//! Ctrl-C and the termination signal of whoever runs us.

use tokio::signal::unix::{SignalKind, signal};

use super::Failure;

/// Exit code of a process that was interrupted twice (128 + SIGINT).
const INTERRUPTED: i32 = 130;

/// Resolves with the first signal to stop. A second one ends the process at once.
pub(super) fn stopping() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::failed)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            interrupt.recv().await;
            std::process::exit(INTERRUPTED);
        });
    })
}
