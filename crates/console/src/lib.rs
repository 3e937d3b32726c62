//! The console: a web application over the public API of Headroom, as files that a server sends.
//!
//! Its source is in `web`. The built files are in `dist`, and are part of the repository: building
//! this crate needs Rust alone. This crate knows no HTTP library.
//!
//! ```
//! let page = console::find("index.html").expect("the page exists");
//! assert_eq!(page.media_type(), "text/html; charset=utf-8");
//! assert!(!page.is_immutable());
//! ```

/// The content security policy of every file. The page loads what its own server sends, talks to it
/// alone, and cannot be framed; there are no inline scripts or styles, and no HTML is made of text.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The path of the page.
pub const PAGE: &str = "index.html";

/// In the page: where the documents of the API are. A server that serves none removes it.
pub const DOCS: &str = r#"<meta name="docs" content="../docs/">"#;

/// The paths and the content of the built files, from `build.rs`, by path.
static FILES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A built file of the console.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct File {
    path: &'static str,
    content: &'static [u8],
}

impl File {
    /// The path below the console's, such as `index.html`.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The content, uncompressed.
    #[must_use]
    pub fn content(&self) -> &'static [u8] {
        self.content
    }

    /// The media type, by the extension of the path.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("md") => "text/markdown; charset=utf-8",
            _ => "application/octet-stream",
        }
    }

    /// Whether the path contains a hash of the content: what is at this path never changes.
    #[must_use]
    pub fn is_immutable(&self) -> bool {
        self.path.starts_with("assets/")
    }
}

/// All files, by path.
pub fn files() -> impl Iterator<Item = File> {
    FILES.iter().map(|&(path, content)| File { path, content })
}

/// The file at a path below the console's. The empty path is the page.
#[must_use]
pub fn find(path: &str) -> Option<File> {
    let path = if path.is_empty() { PAGE } else { path };
    files().find(|file| file.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> &'static str {
        std::str::from_utf8(find("").expect("there is a page").content()).expect("it is UTF-8")
    }

    /// The URLs that the page loads.
    fn references() -> Vec<&'static str> {
        let of = |attribute| page().split(attribute).skip(1).filter_map(|rest: &str| rest.split('"').next());
        ["src=\"", "href=\""].into_iter().flat_map(of).collect()
    }

    #[test]
    fn the_page_loads_only_files_of_the_console() {
        let references = references();
        assert!(references.len() >= 3, "{}", page());
        for reference in references {
            let path = reference.strip_prefix("./").unwrap_or_else(|| panic!("{reference} is not relative"));
            assert!(find(path).is_some(), "{reference} is missing");
        }
    }

    #[test]
    fn every_file_is_loaded_by_the_page_and_has_a_type() {
        for file in files() {
            assert_ne!(file.media_type(), "application/octet-stream", "{}", file.path());
            let is_loaded = references().contains(&format!("./{}", file.path()).as_str());
            let stands_alone = ["index.html", "licenses.md"].contains(&file.path());
            assert!(is_loaded || stands_alone, "{} is left over", file.path());
            assert!(!file.content().is_empty(), "{}", file.path());
        }
    }

    #[test]
    fn the_page_names_the_documents_once() {
        assert_eq!(page().matches(DOCS).count(), 1, "{}", page());
        assert_eq!(page().matches("docs").count(), 2, "{}", page());
    }

    #[test]
    fn the_page_has_no_inline_script_or_style() {
        let inline =
            page().split("<script").skip(1).filter_map(|rest| rest.split_once('>')?.1.split("</script>").next());
        assert_eq!(inline.filter(|script| !script.trim().is_empty()).count(), 0, "{}", page());
        for part in ["<style", "style=", "onload=", "onclick="] {
            assert!(!page().contains(part), "{part}");
        }
    }

    #[test]
    fn a_file_is_immutable_if_its_name_has_a_hash() {
        assert_eq!(files().filter(|file| !file.is_immutable()).count(), 3, "the page, its icon, and the licences");
        for file in files().filter(File::is_immutable) {
            let hash = file.path().rsplit_once('.').and_then(|(stem, _)| stem.rsplit_once('-')).map(|(_, hash)| hash);
            let is_hash = hash.is_some_and(|it| it.len() >= 8 && it.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!(is_hash, "{}", file.path());
        }
    }

    #[test]
    fn the_licences_of_what_is_built_in_are_passed_on() {
        let licences = find("licenses.md").and_then(|file| std::str::from_utf8(file.content()).ok());
        for package in ["openapi-fetch", "preact", "uplot"] {
            assert!(licences.is_some_and(|text| text.contains(package)), "{package}");
        }
    }

    #[test]
    fn an_unknown_path_has_no_file() {
        for path in ["index", "assets", "assets/", "../Cargo.toml", "/index.html", "INDEX.HTML"] {
            assert_eq!(find(path), None, "{path}");
        }
        assert_eq!(find(""), find("index.html"));
    }
}
