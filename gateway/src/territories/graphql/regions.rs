//! Prefectures and industries as the API shows and takes them.

use std::collections::BTreeSet;

use async_graphql::{Context, Object};
use domain::territories::{self, InvalidRegion};

use crate::platform::context::RequestContext;

/// A prefecture of Japan.
pub struct Prefecture(pub territories::Prefecture);

/// A major group of the Japan Standard Industrial Classification.
pub struct Industry(pub territories::Industry);

/// A prefecture of Japan.
#[Object]
impl Prefecture {
    /// Its code by JIS X 0401, such as `JP-13`.
    async fn code(&self) -> String {
        self.0.to_string()
    }

    /// Its name in the caller's language.
    async fn label(&self, ctx: &Context<'_>) -> &'static str {
        self.0.label(ctx.data_unchecked::<RequestContext>().caller.language)
    }
}

/// A major group of the Japan Standard Industrial Classification.
#[Object]
impl Industry {
    /// Its letter, `A` to `T`.
    async fn code(&self) -> String {
        self.0.to_string()
    }

    /// Its name in the caller's language.
    async fn label(&self, ctx: &Context<'_>) -> &'static str {
        self.0.label(ctx.data_unchecked::<RequestContext>().caller.language)
    }
}

/// Codes as a client sends them.
pub fn parse<T>(codes: &[String]) -> Result<BTreeSet<T>, InvalidRegion>
where
    T: std::str::FromStr<Err = InvalidRegion> + Ord,
{
    codes.iter().map(|it| it.trim().parse()).collect()
}
