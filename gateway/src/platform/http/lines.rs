//! A body line by line, in memory that does not grow with it.

use std::pin::Pin;

use axum::body::Bytes;
use futures::{Stream, TryStreamExt as _};

/// Lines of something that comes in chunks.
pub struct Lines<E> {
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, E>> + Send>>,
    rest: Bytes,
    most: usize,
}

impl<E> Lines<E> {
    /// The lines of these chunks. One of more than `most` bytes is cut right behind the first one too many, so that whoever
    /// reads it sees that it is too long.
    pub fn of(chunks: impl Stream<Item = Result<Bytes, E>> + Send + 'static, most: usize) -> Self {
        Self { chunks: Box::pin(chunks), rest: Bytes::new(), most }
    }

    /// The next line without its end; `None` behind the last one.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, E> {
        let mut line: Option<Vec<u8>> = None;
        loop {
            if self.rest.is_empty() {
                match self.chunks.try_next().await? {
                    Some(chunk) => self.rest = chunk,
                    None => return Ok(line),
                }
                continue;
            }
            let end = self.rest.iter().position(|it| *it == b'\n');
            let part = self.rest.split_to(end.unwrap_or(self.rest.len()));
            let line = line.get_or_insert_default();
            let room = (self.most + 1).saturating_sub(line.len());
            line.extend_from_slice(&part[..part.len().min(room)]);
            if end.is_some() {
                self.rest = self.rest.slice(1..);
                return Ok(Some(std::mem::take(line)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::executor::block_on;
    use futures::stream;

    use super::*;

    fn lines(chunks: &[&'static str]) -> Vec<String> {
        let chunks: Vec<_> =
            chunks.iter().map(|it| Ok::<_, Infallible>(Bytes::from_static(it.as_bytes()))).collect();
        let mut lines = Lines::of(stream::iter(chunks), 4);
        let mut found = Vec::new();
        while let Ok(Some(line)) = block_on(lines.next()) {
            found.push(String::from_utf8(line).unwrap());
        }
        found
    }

    #[test]
    fn lines_do_not_care_how_they_are_cut_into_chunks() {
        assert_eq!(lines(&["a\nbc\n", "d"]), ["a", "bc", "d"]);
        assert_eq!(lines(&["a", "\n", "", "b", "c\nd\n"]), ["a", "bc", "d"]);
        assert_eq!(lines(&["\n\n"]), ["", ""]);
        assert_eq!(lines(&[]), [""; 0]);
    }

    #[test]
    fn a_long_line_is_cut_where_it_shows_and_the_next_one_is_whole() {
        assert_eq!(lines(&["abcd\nabc", "defghijk", "lmn\nab"]), ["abcd", "abcde", "ab"]);
    }
}
