//! Bill and William: given names that one person may go by.
//!
//! A name may belong to several (Pat to Patrick and Patricia), so names are compared, never replaced.

use std::sync::LazyLock;

use foldhash::HashMap;

/// Every name with the lines of the list it stands in.
static LINES: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut lines: HashMap<&str, Vec<usize>> = HashMap::default();
    for (number, line) in include_str!("../../data/nicknames.txt").lines().enumerate() {
        for name in line.split_whitespace().filter(|_| !line.starts_with('#')) {
            lines.entry(name).or_default().push(number);
        }
    }
    lines
});

/// Whether both may be the given name of one person.
pub fn are_of_one_name(a: &str, b: &str) -> bool {
    match (LINES.get(a), LINES.get(b)) {
        (Some(a), Some(b)) => a.iter().any(|it| b.contains(it)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::are_of_one_name;

    #[test]
    fn a_nickname_meets_its_names_and_no_other() {
        assert!(are_of_one_name("bill", "william"));
        assert!(are_of_one_name("pat", "patricia") && are_of_one_name("pat", "patrick"));
        assert!(!are_of_one_name("patrick", "patricia"));
        assert!(!are_of_one_name("jon", "jan"));
    }
}
