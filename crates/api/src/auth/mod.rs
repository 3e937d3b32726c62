//! Authentication: access tokens and the keys that they are signed with, refresh tokens and API
//! keys.

pub(crate) mod key_file;
mod keys;
mod live;
pub mod private_file;
pub(crate) mod secrets;
mod tokens;

pub use key_file::KeyFileError;
pub use keys::{Algorithm, GenerateError, JWT_SECRET_BYTES_MIN};
pub(crate) use keys::{Key, KeyRing};
pub use live::LiveKeys;
pub use tokens::{Tokens, VerifiedToken};
