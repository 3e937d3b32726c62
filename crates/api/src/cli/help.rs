//! The help of a command: it shows only the settings that the command reads. Every command accepts
//! all settings, because all are in its environment; but `headroom health` reads one of thirty.

use std::env;

use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, Error};

use super::Cli;

/// The settings that commands read.
const READ: [(&str, &[&str]); 11] = [
    ("health", &["listen"]),
    ("verify", &["database_url", "database_url_file"]),
    ("backup", &["database_url", "database_url_file", "key_file"]),
    ("restore", &["database_url", "database_url_file", "key_file"]),
    ("keys", &["database_url", "database_url_file", "key_file", "jwt_algorithm"]),
    ("user", &["database_url", "database_url_file", "password_memory_kib", "password_passes"]),
    ("erase", &["database_url", "database_url_file", "operator_username"]),
    ("copy", &[]),
    ("mcp", &[]),
    ("plans", &["plans", "assign_default_plan"]),
    ("openapi", &[]),
];

/// Prints the requested help, or the fault of the command line, and ends the program.
pub(super) fn show(outcome: &Error) -> ! {
    if outcome.kind() == ErrorKind::DisplayHelp {
        let words: Vec<String> = env::args().skip(1).filter(|word| word != "help").collect();
        // The reader may close the pipe before the end of the help.
        let _ = find(command(), &words).print_help();
        std::process::exit(outcome.exit_code());
    }
    outcome.exit()
}

/// The commands that read all settings.
const READ_ALL: [&str; 2] = ["serve", "config"];

/// The command that the words of a command line name.
fn find(mut command: Command, words: &[String]) -> Command {
    let found = words.iter().find_map(|word| command.find_subcommand(word).cloned());
    match found {
        Some(found) => {
            command = found;
            find(command, words)
        }
        None => command,
    }
}

/// The command line for the help, where each command has only the settings that it reads. It does
/// not parse.
fn command() -> Command {
    let all: Vec<Arg> = Cli::command().get_arguments().map(|setting| setting.clone().global(false)).collect();
    let mut command = Cli::command().mut_args(|setting| setting.global(false));
    for (name, read) in READ {
        let settings: Vec<Arg> = all.iter().filter(|it| read.contains(&it.get_id().as_str())).cloned().collect();
        command = command.mut_subcommand(name, |command| with_settings(command, &settings));
    }
    let is_database = |it: &&Arg| matches!(it.get_id().as_str(), "database_url" | "database_url_file");
    let database: Vec<Arg> = all.iter().filter(is_database).cloned().collect();
    let operator: Vec<Arg> = all.iter().filter(|it| it.get_id() == "operator_username").cloned().collect();
    command = command.mut_subcommand("keys", |keys| keys.mut_subcommand("create", |create| create.args(operator)));
    command = command.mut_subcommand("plans", |plans| plans.mut_subcommand("check", |check| check.args(database)));
    for name in READ_ALL {
        command = command.mut_subcommand(name, |command| command.args(all.clone()));
    }
    command.build();
    command
}

/// Adds the settings to a command and its subcommands.
fn with_settings(command: Command, settings: &[Arg]) -> Command {
    command.args(settings).mut_subcommands(|command| with_settings(command, settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        find(command(), &words).render_help().to_string()
    }

    #[test]
    fn the_help_of_a_command_shows_what_it_reads() {
        for (words, usage, shown, hidden) in [
            (&["health"][..], "headroom health", "--listen", "--database-url"),
            (&["keys", "rotate"], "headroom keys rotate", "--key-file", "--listen"),
            (&["key", "create"], "headroom keys create", "--operator-username", "--listen"),
            (&["user", "create"], "headroom user create", "--password-passes", "--log"),
            (&["--listen", "localhost:1", "verify"], "headroom verify", "--database-url", "--listen"),
            (&["plans"], "headroom plans", "--plans", "--database-url"),
            (&["config"], "headroom config", "--jwt-secret-file", "--from"),
            (&["plans", "check"], "headroom plans check", "--database-url", "--listen"),
            (&["mcp"], "headroom mcp", "--write", "--listen"),
            (&["serve"], "headroom serve", "--log-format", "--from"),
            (&[], "headroom [OPTIONS]", "--log-format", "--from"),
        ] {
            let help = help(words);
            assert!(help.contains(&format!("Usage: {usage}")), "{words:?}: {help}");
            assert!(help.contains(shown) && !help.contains(hidden), "{words:?}: {help}");
        }
    }

    #[test]
    fn every_command_says_what_it_reads() {
        for command in Cli::command().get_subcommands().map(clap::Command::get_name) {
            assert!(READ.iter().any(|(name, _)| *name == command) || READ_ALL.contains(&command), "{command}");
        }
    }
}
