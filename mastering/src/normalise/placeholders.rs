//! What people type when they have nothing to say. It is missing, never a value.

use std::sync::LazyLock;

use foldhash::HashSet;

use super::text::is_word_letter;

static PLACEHOLDERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../../data/placeholders.txt").lines().filter(|it| !it.starts_with('#')).collect()
});

/// Whether a folded text stands for "nothing".
pub fn is_placeholder(folded: &str) -> bool {
    folded.chars().all(|it| !is_word_letter(it)) || PLACEHOLDERS.contains(folded)
}
