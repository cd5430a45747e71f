//! Questions to begin with.

use domain::fields::lead;

use crate::harness::{Said, TestGateway};

/// A lead that may be the same as the other one of its pair: the name and the telephone agree, the company does not.
pub fn lead_of_pair(pair: usize, side: &str) -> Said {
    let said = Said::lead(&format!("00Q{pair}{side}")).with(lead::last_name, &format!("佐藤{pair}"));
    let said = said.with(lead::phone, &format!("03-1234-{pair:04}"));
    said.with(lead::company, &format!("{side}{pair}株式会社"))
}

/// Both leads of a pair.
pub fn pair(number: usize) -> [Said; 2] {
    [lead_of_pair(number, "a"), lead_of_pair(number, "b")]
}

impl TestGateway {
    /// So many questions whether two leads are one.
    pub async fn given_pairs(&self, count: usize) {
        self.hears_at_once((0..count).flat_map(pair)).await;
    }

    /// A question whether two leads are one; gives the id of its task.
    pub async fn given_pair(&self) -> String {
        self.hears(pair(0)).await;
        self.only_task().await
    }

    /// The id of the only task.
    pub async fn only_task(&self) -> String {
        let answer = self.as_admin().ask("{ reviewTasks { nodes { id } } }").await;
        assert_eq!(answer.at("/reviewTasks/nodes").as_array().unwrap().len(), 1, "{}", answer.text);
        answer.text_at("/reviewTasks/nodes/0/id").to_owned()
    }
}
