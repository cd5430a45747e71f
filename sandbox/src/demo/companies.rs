//! Real companies from the public sample.

use std::collections::HashSet;

use super::companies_text::{Address, address, slug};

/// One company and what is invented for it: domain, switchboard, postal code.
#[derive(Debug, Clone)]
pub(super) struct Company {
    pub(super) corporate_number: String,
    pub(super) name: String,
    pub(super) kana: String,
    pub(super) name_en: String,
    pub(super) address: Address,
    pub(super) industry: String,
    pub(super) is_listed: bool,
    pub(super) capital_million_jpy: Option<f64>,
    pub(super) domain: String,
    /// Digits grouped by hyphens.
    pub(super) phone: String,
    pub(super) postal_code: String,
}

/// The sample, in its order.
pub(super) fn all() -> Vec<Company> {
    let file = include_str!("../../data/companies.csv");
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let mut slugs = HashSet::new();
    let records = reader.records().map(|it| it.expect("the sample is part of this crate and well formed"));
    records.enumerate().map(|(place, record)| company(place, &record, &mut slugs)).collect()
}

fn company(place: usize, record: &csv::StringRecord, slugs: &mut HashSet<String>) -> Company {
    let column = |index: usize| record.get(index).unwrap_or_default().to_owned();
    let address = address(&column(5));
    let mut name = slug(&column(4), &column(3));
    if !slugs.insert(name.clone()) {
        name = format!("{name}-{place}");
        slugs.insert(name.clone());
    }
    // Two thirds of them mail from a Japanese domain.
    let parent = if place.is_multiple_of(3) { "example.com" } else { "example.co.jp" };
    Company {
        corporate_number: column(1),
        name: column(2),
        kana: column(3),
        name_en: column(4),
        industry: column(6),
        is_listed: column(7) == "true",
        capital_million_jpy: column(8).parse().ok(),
        domain: format!("{name}.{parent}"),
        phone: phone(&address, place),
        postal_code: format!("{:03}-{:04}", 100 + place * 7 % 880, place * 37 % 10_000),
        address,
    }
}

/// A local number that begins with 0 is never assigned.
fn phone(address: &Address, place: usize) -> String {
    let area = match address.state.as_deref() {
        Some("東京都") => "03",
        Some("大阪府") => "06",
        _ => return format!("{:04}-0{}-{:04}", 220 + place % 700, place % 10, place * 7919 % 10_000),
    };
    format!("{area}-0{:03}-{:04}", place * 31 % 1000, place * 7919 % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_whole_and_domains_are_its_own() {
        let companies = all();
        assert_eq!(companies.len(), 600);
        let domains: HashSet<_> = companies.iter().map(|it| &it.domain).collect();
        assert_eq!(domains.len(), 600);
        assert!(companies.iter().all(|it| it.corporate_number.len() == 13 && !it.name.is_empty()));
        assert!(companies.iter().any(|it| it.name.contains('\u{3000}')), "full-width blanks are kept");
        assert!(companies.iter().filter(|it| it.address.city.is_empty()).count() < 5);
    }
}
