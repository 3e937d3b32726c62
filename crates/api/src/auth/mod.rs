//! Access tokens and the keys that they are signed with.

pub(crate) mod key_file;
mod keys;
mod live;
mod tokens;

pub use key_file::KeyFileError;
pub use keys::{Algorithm, GenerateError};
pub(crate) use keys::{Key, KeyRing};
pub use live::LiveKeys;
pub(crate) use live::watch;
pub use tokens::{Tokens, Verified};
