//! Being asked to stop.

use std::fmt;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};

/// Tells work that takes long that it shall stop. Clones hear the same.
#[derive(Clone)]
pub struct Stop(Shared<BoxFuture<'static, ()>>);

impl Stop {
    /// Asked to stop as soon as the future resolves.
    pub fn when(asked: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(asked.boxed().shared())
    }

    /// Resolves when asked to stop.
    pub async fn requested(&self) {
        self.0.clone().await;
    }
}

impl Default for Stop {
    /// Never asked to stop.
    fn default() -> Self {
        Self::when(std::future::pending())
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stop")
    }
}
