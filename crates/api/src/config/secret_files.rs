//! Files with the values of secret settings: `HEADROOM_JWT_SECRET_FILE` names a file whose content
//! is the secret, as Docker, Kubernetes and systemd mount it.

use std::fs::File;
use std::io::Read;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// The maximum size of a file, in bytes: larger than any secret, and a bound for a file without
/// end.
const BYTES_MAX: u64 = 64 * 1024;

/// The settings as text.
#[derive(Args, Clone)]
#[expect(clippy::struct_field_names, reason = "the flags are named after the fields")]
pub(super) struct SecretFiles {
    /// A file with the value of --database-url
    #[arg(long, global = true, env = "HEADROOM_DATABASE_URL_FILE")]
    database_url_file: Option<String>,
    /// A file with the value of --jwt-secret
    #[arg(long, global = true, env = "HEADROOM_JWT_SECRET_FILE")]
    jwt_secret_file: Option<String>,
    /// A file with the value of --jwt-previous-secret
    #[arg(long, global = true, env = "HEADROOM_JWT_PREVIOUS_SECRET_FILE")]
    jwt_previous_secret_file: Option<String>,
    /// A file with the value of --operator-password
    #[arg(long, global = true, env = "HEADROOM_OPERATOR_PASSWORD_FILE")]
    operator_password_file: Option<String>,
}

impl SecretFiles {
    /// The secret settings, each with the file that is named for it.
    pub(super) fn by_setting(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("database-url", self.database_url_file.as_deref()),
            ("jwt-secret", self.jwt_secret_file.as_deref()),
            ("jwt-previous-secret", self.jwt_previous_secret_file.as_deref()),
            ("operator-password", self.operator_password_file.as_deref()),
        ]
    }
}

/// Why the content of a file is not a secret. It does not repeat the content.
#[derive(Debug, Error)]
pub(crate) enum SecretFileFault {
    #[error("takes the path of a file")]
    NoPath,
    #[error("names {path}, which cannot be read: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("names {path}, which is empty")]
    Empty { path: String },
    #[error("names {path}, which is longer than {BYTES_MAX} bytes")]
    TooLong { path: String },
    #[error("names {path}, which has a control character other than one line break at its end")]
    ControlCharacter { path: String },
}

/// Reads the secret in a file: its content without one line break at the end.
///
/// The permissions of the file are not checked: Docker mounts secrets readable by all users of the
/// container, which has one user.
pub(crate) fn read(path: &str) -> Result<SecretString, SecretFileFault> {
    if path.is_empty() {
        return Err(SecretFileFault::NoPath);
    }
    let path = || path.to_owned();
    let mut text = String::new();
    let read = File::open(path()).and_then(|file| file.take(BYTES_MAX + 1).read_to_string(&mut text));
    let content = SecretString::from(text);
    let length = read.map_err(|source| SecretFileFault::Unreadable { path: path(), source })?;
    let text = content.expose_secret();
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if length as u64 > BYTES_MAX {
        Err(SecretFileFault::TooLong { path: path() })
    } else if text.is_empty() {
        Err(SecretFileFault::Empty { path: path() })
    } else if text.contains(char::is_control) {
        Err(SecretFileFault::ControlCharacter { path: path() })
    } else {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_content_without_one_line_break() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let read_content = |content: &[u8]| {
            std::fs::write(path, content).unwrap();
            read(path).map(|secret| secret.expose_secret().to_owned()).map_err(|fault| fault.to_string())
        };
        for (content, secret) in [("hush", "hush"), ("hush\n", "hush"), ("hush\r\n", "hush"), (" a b ", " a b ")] {
            assert_eq!(read_content(content.as_bytes()).as_deref(), Ok(secret), "{content:?}");
        }
        assert_eq!(read_content("a".repeat(65_536).as_bytes()).unwrap().len(), 65_536);
        for (content, fault) in [
            (&b""[..], "is empty"),
            (b"\n", "is empty"),
            (b"hush\n\n", "has a control character"),
            (b"hush\nmore", "has a control character"),
            (b"hu\0sh", "has a control character"),
            (b"hush\xff", "cannot be read: stream did not contain valid UTF-8"),
            ("a".repeat(65_537).as_bytes(), "longer than 65536 bytes"),
        ] {
            let message = read_content(content).unwrap_err();
            assert!(message.contains(fault) && message.contains(path) && !message.contains("hush"), "{message}");
        }
        drop(file);
        assert_eq!(read("").unwrap_err().to_string(), "takes the path of a file");
        assert!(read("/nowhere").unwrap_err().to_string().contains("names /nowhere, which cannot be read: No such"));
    }
}
