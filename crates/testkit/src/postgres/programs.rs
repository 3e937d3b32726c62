//! The PostgreSQL programs of this machine, and the user they run as.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Where distributions install major versions: a directory, and the prefix of the version in it.
const VERSIONED: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
];

/// The directory of the programs, for a version other than the machine's.
const PROGRAMS_VARIABLE: &str = "HEADROOM_TEST_POSTGRES_BIN";

/// The directory of the server's programs.
///
/// # Panics
/// If the directory in the environment has no programs.
pub(super) fn find() -> Option<PathBuf> {
    if let Some(folder) = env::var_os(PROGRAMS_VARIABLE) {
        let folder = env::current_dir().expect("there is a working directory").join(folder);
        assert!(is_complete(&folder), "{PROGRAMS_VARIABLE} names {}, which has no PostgreSQL", folder.display());
        return Some(folder);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let in_path = env::split_paths(&path).collect::<Vec<_>>().into_iter();
    let versioned = VERSIONED.into_iter().filter_map(|(folder, prefix)| newest(Path::new(folder), prefix));
    in_path.chain(configured()).chain(versioned).find(|folder| is_complete(folder))
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

fn configured() -> Option<PathBuf> {
    let outcome = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(String::from_utf8(outcome.stdout).ok()?.trim_end().into())
}

fn newest(folder: &Path, prefix: &str) -> Option<PathBuf> {
    let version = |name: &str| name.strip_prefix(prefix)?.parse::<u32>().ok();
    let entries = fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let newest = entries.filter(|name| version(name).is_some()).max_by_key(|name| version(name))?;
    Some(folder.join(newest).join("bin"))
}

/// Runs `command` as an unprivileged user if this process is root, because PostgreSQL refuses root.
pub(super) fn unprivileged(command: &mut Command) -> &mut Command {
    if !rustix::process::geteuid().is_root() {
        return command;
    }
    let users = fs::read_to_string("/etc/passwd").expect("root can read who there is");
    let (user, group) = ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| ids(&users, name))
        .expect("PostgreSQL does not run as root, and there is neither a user postgres nor nobody");
    command.uid(user).gid(group)
}

/// The user id and group id in lines like `nobody:x:65534:65533::/:/bin/false`.
fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    let mut users = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let user = users.find(|user| user.first() == Some(&name))?;
    Some((user.get(2)?.parse().ok()?, user.get(3)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn a_user_is_found_by_their_full_name() {
        let users = "postgresql:x:1:2::/:/bin/sh\npostgres:x:101:104:,,,:/:/bin/bash\n";
        assert_eq!((ids(users, "postgres"), ids(users, "nobody")), (Some((101, 104)), None));
    }
}
