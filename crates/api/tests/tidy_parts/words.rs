//! The words that need a reason: each stands for a term of the field that says it better.

use crate::{assert_none, has_extension, read, tracked_files};

/// What not to say, and what to say instead. A phrase matches whole words, in any letter case.
const WORDS: [(&str, &str); 22] = [
    ("chore", "maintenance task"),
    ("handover", "oneshot, wake"),
    ("housekeeping", "maintenance"),
    ("is none", "is not set, does not exist"),
    ("keep house", "run_maintenance"),
    ("no such thing", "not found"),
    ("nobody", "no user, no client"),
    ("rehearsal", "dry run"),
    ("rehearse", "dry run"),
    ("scribe", "audit writer"),
    ("shut out", "waits in the account lock queue"),
    ("somebody", "a user, a client"),
    ("take back", "restore, revoke, remove"),
    ("taken back", "restored, revoked, removed"),
    ("takes back", "restores, revokes, removes"),
    ("there are none", "no … exists"),
    ("there is none", "no … is set"),
    ("undone", "rolled back"),
    ("what it takes to", "the fields of"),
    ("whoever", "users, callers, clients"),
    ("wish", "requested"),
    ("wished", "requested"),
];

/// Files in which a word is used all the same. `nobody` is the Unix user there.
const EXEMPT: [(&str, &str); 2] =
    [("crates/testkit/src/postgres/programs.rs", "nobody"), ("crates/storage/tests/postgres_poolers.rs", "nobody")];
/// Files that are not the project's own prose, and this list.
const NOT_READ: [&str; 4] = ["Cargo.lock", "package-lock.json", "common_passwords.txt", "tidy_parts/words.rs"];

/// The words of a line that need a reason. A phrase is found in text alone (`is_none` is Rust's), a
/// single word also in an identifier.
fn found_in(line: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let separated = |is_in_word: fn(char) -> bool| {
        let words = line.split(|c| !is_in_word(c)).filter(|word| !word.is_empty());
        format!(" {} ", words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join(" "))
    };
    let text = separated(|c| c.is_ascii_alphanumeric() || c == '_');
    let identifiers = separated(|c| c.is_ascii_alphanumeric());
    WORDS.into_iter().filter(move |(word, _)| {
        let line = if word.contains(' ') { &text } else { &identifiers };
        line.contains(&format!(" {word} "))
    })
}

#[test]
fn words_of_our_own_are_not_used_for_terms_of_the_field() {
    let is_read = |file: &String| !NOT_READ.iter().any(|name| file.ends_with(name));
    let mut faults = Vec::new();
    for file in tracked_files().into_iter().filter(is_read) {
        let Some(text) = read(&file) else { continue };
        // Python compares with `is None`.
        let text = if has_extension(&file, "py") { text.replace("is None", "") } else { text };
        for (number, line) in text.lines().enumerate() {
            let words = found_in(line).filter(|(word, _)| !EXEMPT.contains(&(file.as_str(), *word)));
            faults.extend(words.map(|(word, say)| format!("{file}:{}: say \"{say}\", not \"{word}\"", number + 1)));
        }
    }
    assert_none(&faults);
}

#[test]
fn a_word_is_found_in_text_and_in_identifiers_as_a_whole() {
    for (line, expected) in [
        ("// Whoever asks", vec!["whoever"]),
        ("fn a_rehearsal_is_undone() {", vec!["rehearsal", "undone"]),
        ("there is  none.", vec!["there is none", "is none"]),
        ("subscribe, is_none_or, wishes", vec![]),
        ("a dry run of a request", vec![]),
    ] {
        let mut found: Vec<_> = found_in(line).map(|(word, _)| word).collect();
        found.sort_by_key(|word| expected.iter().position(|it| it == word));
        assert_eq!(found, expected, "{line}");
    }
}
