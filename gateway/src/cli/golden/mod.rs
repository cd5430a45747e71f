//! `gateway lead`, `account`, `contact` and `opportunity`: looking into golden records, fixing their fields, joining and parting
//! them, erasing persons.

mod decisions;
mod erase;
mod holds;
mod merge;
mod propose;
mod timeline;
mod why;

pub(super) use merge::id;

use clap::Subcommand;
use domain::fields::RecordKind;
use domain::holds::HoldKind;

use super::{Failure, Shell};

/// What can be asked of a golden record.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Why(why::Arguments),
    Timeline(timeline::Arguments),
    Pin(holds::PinArguments),
    Unpin(holds::ReleaseArguments),
    Lock(holds::LockArguments),
    Unlock(holds::ReleaseArguments),
    Propose(propose::ProposeArguments),
    Merge(merge::MergeArguments),
    Unmerge(merge::UnmergeArguments),
    Decisions(decisions::DecisionsArguments),
    Withdraw(decisions::WithdrawArguments),
    Erase(erase::EraseArguments),
}

pub(super) async fn run(kind: RecordKind, command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::Why(arguments) => why::run(kind, arguments, shell).await,
        Command::Timeline(arguments) => timeline::run(kind, arguments, shell).await,
        Command::Pin(arguments) => holds::pin(kind, arguments, shell).await,
        Command::Unpin(arguments) => holds::release(kind, HoldKind::Pin, arguments, shell).await,
        Command::Lock(arguments) => holds::lock(kind, arguments, shell).await,
        Command::Unlock(arguments) => holds::release(kind, HoldKind::Lock, arguments, shell).await,
        Command::Propose(arguments) => propose::run(kind, arguments, shell).await,
        Command::Merge(arguments) => merge::merge(kind, arguments, shell).await,
        Command::Unmerge(arguments) => merge::unmerge(kind, arguments, shell).await,
        Command::Decisions(arguments) => decisions::decisions(kind, arguments, shell).await,
        Command::Withdraw(arguments) => decisions::withdraw(arguments, shell).await,
        Command::Erase(arguments) => erase::run(kind, arguments, shell).await,
    }
}
