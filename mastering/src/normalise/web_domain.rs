//! Registrable domains: the part of a host that one company owns.

use std::sync::LazyLock;

use foldhash::HashSet;
use smol_str::SmolStr;

use super::contact::website;

static SHARED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("../../data/shared_sites.txt").lines();
    lines.filter(|it| !it.is_empty() && !it.starts_with('#')).collect()
});

/// Domains reserved for examples (RFC 2606; `example.jp` and `example.co.jp` by JPRS). Nobody owns them, so in demonstration
/// data every company has a subdomain of its own, and that is its registrable domain.
const RESERVED: &[&str] = &["example.com", "example.net", "example.org", "example.jp", "example.co.jp"];

/// The registrable domain of a host; `None` when it names no company.
pub fn registrable(host: &str) -> Option<SmolStr> {
    let host = host.split(':').next().unwrap_or(host).trim_end_matches('.');
    let domain = psl::domain_str(host)?;
    if RESERVED.contains(&domain) {
        let owner = host.strip_suffix(domain)?.trim_end_matches('.').rsplit('.').next()?;
        return (!owner.is_empty() && owner != "www").then(|| [owner, ".", domain].into_iter().collect());
    }
    (!SHARED.contains(domain)).then(|| domain.into())
}

/// The registrable domain of a web site as written.
pub fn of_website(text: &str) -> Option<SmolStr> {
    let bare = website(text);
    registrable(bare.split('/').next().unwrap_or(&bare))
}

#[cfg(test)]
mod tests {
    use super::of_website;

    #[test]
    fn the_part_a_company_owns() {
        for (site, domain) in [
            ("https://www.kyokuyo.co.jp/ir/?x=1", Some("kyokuyo.co.jp")),
            ("shop.kyokuyo.co.jp:8080", Some("kyokuyo.co.jp")),
            ("https://www.facebook.com/kyokuyo", None),
            ("http://kyokuyo.example.co.jp", Some("kyokuyo.example.co.jp")),
            ("http://mail.kyokuyo.example.com", Some("kyokuyo.example.com")),
            ("http://www.example.com", None),
            ("localhost", None),
        ] {
            assert_eq!(of_website(site).as_deref(), domain, "{site}");
        }
    }
}
