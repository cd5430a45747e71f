//! Kinds of values: how each is written in the file and in the environment.
//!
//! Here: [`Setting`] and its implementations. Not here: which keys exist (the sections).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use toml::Value;

use crate::platform::secret::Secret;

/// A kind of value. In the environment everything is text; in the file numbers and lists are what they are.
pub(super) trait Setting: Sized {
    /// What would have been right, to end the sentence "expected …".
    const EXPECTED: &'static str;

    /// Reads what stands in the environment. The default of [`Setting::from_toml`] reads texts of the file the same way.
    fn from_text(text: &str) -> Option<Self>;

    /// Reads what stands in the file.
    fn from_toml(value: &Value) -> Option<Self> {
        value.as_str().and_then(Self::from_text)
    }

    /// How the default is written in the documentation.
    fn shown(&self) -> String;
}

impl Setting for String {
    const EXPECTED: &'static str = "a text that is not empty";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.trim()).filter(|it| !it.is_empty()).map(str::to_owned)
    }

    fn shown(&self) -> String {
        self.clone()
    }
}

impl Setting for Secret {
    const EXPECTED: &'static str = "a text that is not empty";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.trim()).filter(|it| !it.is_empty()).map(Self::from)
    }

    fn shown(&self) -> String {
        self.reveal().to_owned()
    }
}

impl Setting for u64 {
    const EXPECTED: &'static str = "a whole number";

    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }

    fn from_toml(value: &Value) -> Option<Self> {
        value.as_integer()?.try_into().ok()
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";

    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }

    fn from_toml(value: &Value) -> Option<Self> {
        value.as_bool()
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Setting for Duration {
    const EXPECTED: &'static str = "a length of time such as 500ms, 30s, 10m, 24h or 7d";

    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let unit_at = text.find(|it: char| !it.is_ascii_digit())?;
        let (amount, unit) = text.split_at(unit_at);
        let amount: u64 = amount.parse().ok()?;
        let seconds_each = match unit {
            "ms" => return Some(Self::from_millis(amount)),
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        amount.checked_mul(seconds_each).map(Self::from_secs)
    }

    fn shown(&self) -> String {
        let seconds = self.as_secs();
        match seconds {
            _ if self.subsec_millis() != 0 => format!("{}ms", self.as_millis()),
            0 => "0s".to_owned(),
            _ if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
            _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
            _ => format!("{seconds}s"),
        }
    }
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and port such as 127.0.0.1:8080";

    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn from_text(text: &str) -> Option<Self> {
        String::from_text(text).map(Self::from)
    }

    fn shown(&self) -> String {
        self.display().to_string()
    }
}

/// A list of texts; in the environment separated by commas.
impl Setting for Vec<String> {
    const EXPECTED: &'static str = "a list of texts (in the environment: separated by commas)";

    fn from_text(text: &str) -> Option<Self> {
        text.split(',').map(String::from_text).collect()
    }

    fn from_toml(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(String::from_toml).collect()
    }

    fn shown(&self) -> String {
        self.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_needs_its_unit() {
        assert_eq!(Duration::from_text("10m"), Some(Duration::from_secs(600)));
        assert_eq!(Duration::from_text("500ms"), Some(Duration::from_millis(500)));
        for wrong in ["10", "m", "-1s", "1 m", "", "18446744073709551615d"] {
            assert_eq!(Duration::from_text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_default_is_shown_as_one_would_write_it() {
        for text in ["0s", "90s", "5m", "24h", "500ms"] {
            assert_eq!(Duration::from_text(text).unwrap().shown(), text);
        }
    }

    #[test]
    fn a_list_in_the_environment_is_separated_by_commas() {
        assert_eq!(Vec::<String>::from_text("RS256, ES256").unwrap(), ["RS256", "ES256"]);
        assert_eq!(Vec::<String>::from_text("RS256,,"), None);
    }
}
