//! The text of a statement in both dialects.

/// A statement with numbered parameters. PostgreSQL writes them `$1`, `$2`; SQLite `?1`, `?2`.
#[derive(Debug)]
pub(crate) struct Sql {
    pub(crate) sqlite: String,
    pub(crate) postgres: String,
}

impl Sql {
    /// The statement in both dialects, from PostgreSQL's text. `$` occurs in parameters alone. Text
    /// in square brackets, which names an index to use, is for SQLite alone.
    pub(crate) fn new(text: &str) -> Self {
        let postgres = match (text.find('['), text.find(']')) {
            (Some(begin), Some(end)) => format!("{}{}", &text[..begin], &text[end + 1..]),
            _ => text.to_owned(),
        };
        Self { sqlite: text.replace('$', "?").replace(['[', ']'], ""), postgres }
    }

    /// A statement with a text for each dialect. Parameters are written `$1` in both.
    pub(crate) fn per_dialect(sqlite: &str, postgres: &str) -> Self {
        Self { sqlite: sqlite.replace('$', "?"), postgres: postgres.to_owned() }
    }
}

/// A `&'static Sql` that is formatted once, with the arguments of `format!`.
macro_rules! sql {
    ($($text:tt)*) => {{
        static SQL: std::sync::LazyLock<$crate::tables::Sql> =
            std::sync::LazyLock::new(|| $crate::tables::Sql::new(&format!($($text)*)));
        &*SQL
    }};
}
pub(crate) use sql;
