//! From what a source says of a place or an industry to the codes that territories are made of.

use domain::territories::{Industry, Prefecture};
use domain::text::Language;
use mastering::normalise::place;

/// The prefecture that a text names.
pub fn prefecture(said: &str) -> Option<Prefecture> {
    format!("JP-{:02}", place::prefecture(said)?).parse().ok()
}

/// The industry of the standard that a text names, by its code or by its label.
pub fn industry(said: &str) -> Option<Industry> {
    let said = said.trim();
    let is_called =
        |it: &Industry| it.label(Language::Ja) == said || it.label(Language::En).eq_ignore_ascii_case(said);
    said.parse().ok().or_else(|| Industry::all().find(is_called))
}
