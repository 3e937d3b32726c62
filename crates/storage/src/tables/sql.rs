//! A statement's text in both dialects.

/// A statement with numbered parameters, `$1`, `$2` and so on.
///
/// The two databases are given the same text. SQLite takes `$1` for a name, and numbers parameters by `?1`.
#[derive(Debug)]
pub(crate) struct Sql {
    pub(crate) sqlite: String,
    pub(crate) postgres: String,
}

impl Sql {
    /// The statement of this text. Parameters begin with `$`, and there is no other `$` in it; what stands in square
    /// brackets, a hint which index to use, is for SQLite alone.
    pub(crate) fn new(text: &str) -> Self {
        let postgres = match (text.find('['), text.find(']')) {
            (Some(begin), Some(end)) => format!("{}{}", &text[..begin], &text[end + 1..]),
            _ => text.to_owned(),
        };
        Self { sqlite: text.replace('$', "?").replace(['[', ']'], ""), postgres }
    }
}

/// A statement that is put together once, as `format!` does it, and kept: `&'static Sql`.
macro_rules! sql {
    ($($text:tt)*) => {{
        static SQL: std::sync::LazyLock<$crate::tables::Sql> =
            std::sync::LazyLock::new(|| $crate::tables::Sql::new(&format!($($text)*)));
        &*SQL
    }};
}
pub(crate) use sql;
