//! Golden records as they were: merges rewound, edges of the same time, and never more than was known.

mod as_of;
mod lists;
mod present;
mod replay;
mod supplied;
mod timeline;
mod why;
