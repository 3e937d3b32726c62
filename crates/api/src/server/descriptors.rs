//! The limit of open files and connections of this process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More has no use, and some systems refuse it.
const WANTED_MAX: u64 = 1 << 20;
/// The number of open files apart from connections: libraries, log, key file and SQLite's files.
const OWN: usize = 128;

/// What a start on SQLite takes, apart from workers, with a few clients.
const START: usize = 28;
const EACH_WORKER: usize = 4;

/// Raises the limit to the maximum that the system permits, and returns it. The limit that a shell
/// or a service manager sets is often so low that a few hundred connections exhaust it.
pub(crate) fn raise_limit() -> usize {
    let present = getrlimit(Resource::Nofile);
    let wanted = present.maximum.unwrap_or(WANTED_MAX).min(WANTED_MAX);
    if present.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: Some(wanted), ..present };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            log::warn!("cannot raise the limit of open files: {error}");
        }
    }
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(WANTED_MAX).min(WANTED_MAX);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// How many open files the start of a server with so many workers takes. The runtime panics if it
/// cannot open its own.
pub(crate) const fn needed(workers: usize) -> usize {
    START.saturating_add(workers.saturating_mul(EACH_WORKER))
}

/// The maximum number of client connections, so that enough descriptors remain for `database`
/// connections to the database and for other files.
pub(crate) fn connections_max(limit: usize, database: usize) -> usize {
    // If the limit is too low for that, half of it: the server then serves at least some clients.
    limit.saturating_sub(OWN + database).max(limit / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_get_what_everything_else_leaves() {
        for (limit, database, connections) in
            [(1 << 20, 20, (1 << 20) - 148), (1024, 60, 836), (256, 100, 128), (100, 100, 50), (1, 0, 1)]
        {
            assert_eq!(connections_max(limit, database), connections, "{limit} {database}");
        }
    }

    #[test]
    fn the_limit_is_as_high_as_the_system_permits() {
        let limit = raise_limit();
        let maximum = getrlimit(Resource::Nofile).maximum.unwrap_or(WANTED_MAX).min(WANTED_MAX);
        assert!(limit as u64 >= maximum, "{limit} of {maximum}");
    }
}
