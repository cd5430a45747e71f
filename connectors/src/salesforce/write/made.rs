//! Records that we made, read back as a whole: what the CRM filled in by itself is known at once, and the next page brings no news.
//!
//! Not here: records that were only changed (`batch`).

use std::collections::BTreeMap;

use domain::fields::RecordKind;
use domain::sources::SourceRecord;

use super::super::Salesforce;
use super::super::client::Call;
use super::super::cursor::Piece;
use super::super::decode::Decoder;
use super::answer::records;
use super::batch::{MOST_READ, Results};
use crate::connector::{RecordWrite, WriteTarget};
use crate::error::ConnectorError;

impl Salesforce {
    /// Notes on each success under a key of ours the record as it is there now.
    pub(super) async fn read_made(&self, writes: &[RecordWrite], results: &mut Results) {
        let mut made: BTreeMap<RecordKind, Vec<(usize, String)>> = BTreeMap::new();
        for (&place, result) in results.iter() {
            let (Ok(written), Some(_)) = (result, our_key(&writes[place])) else { continue };
            made.entry(writes[place].kind).or_default().push((place, written.external_id.clone()));
        }
        for (kind, made) in made {
            for chunk in made.chunks(MOST_READ) {
                let ids: Vec<&str> = chunk.iter().map(|it| it.1.as_str()).collect();
                let found = match self.whole(kind, &ids).await {
                    Ok(found) => found,
                    Err(error) => {
                        tracing::warn!(%error, "made, but the records could not be read");
                        continue;
                    }
                };
                for ((place, _), record) in chunk.iter().zip(found) {
                    note(&writes[*place], record, results.get_mut(place));
                }
            }
        }
    }

    /// Whole records by id, in the order asked for; `None` in the place of one that is missing or not understood.
    async fn whole(
        &self,
        kind: RecordKind,
        ids: &[&str],
    ) -> Result<Vec<Option<SourceRecord>>, ConnectorError> {
        let mapping = self.mapped(kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        // Fields of other records cannot be asked for by id; the next page brings them.
        let names: Vec<&str> = selection.columns.split(',').filter(|it| !it.contains('.')).collect();
        let question = serde_json::json!({"ids": ids, "fields": names});
        let path = self.client.path(&format!("/composite/sobjects/{}", mapping.object));
        let call = Call::question(path, mapping.object.as_str(), &question);
        let (system, mapping, count) = (self.system.clone(), self.mapping.clone(), ids.len());
        let decoder = Decoder { system, mapping, kind, cursor: None, piece: Piece::default() };
        self.client.call(&call, move |answer| records(answer, count, &decoder)).await
    }
}

/// The key of ours under which a record is made.
fn our_key(write: &RecordWrite) -> Option<&str> {
    match &write.target {
        WriteTarget::Upsert { key } | WriteTarget::Create { key: Some(key) } => Some(key),
        WriteTarget::Create { key: None } | WriteTarget::Update { .. } => None,
    }
}

fn note(
    write: &RecordWrite,
    record: Option<SourceRecord>,
    result: Option<&mut Result<crate::connector::Written, crate::connector::WriteRefusal>>,
) {
    let (Some(record), Some(Ok(written))) = (record, result) else { return };
    written.stamp = Some(record.stamp);
    written.modified_at = Some(record.modified_at);
    let sent = |field| write.values.iter().any(|(it, _)| it == field);
    let stored = record.values.iter().filter(|(field, _)| sent(*field));
    written.stored = stored.map(|(field, value)| (field, value.map(str::to_owned))).collect();
    let our_key = our_key(write).map(str::to_owned);
    written.record = Some(Box::new(SourceRecord { our_key, ..record }));
}
