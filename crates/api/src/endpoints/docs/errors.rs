//! `/docs/errors`: the list of error codes, which `type` of a problem links to.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::FaultReason;

use crate::AppState;
use crate::problem::Code;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Headroom: error codes</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" type="image/svg+xml" href="favicon.svg">
    <link rel="stylesheet" href="docs.css">
  </head>
  <body>
    <header>
      <h1>Headroom: error codes</h1>
      <nav aria-label="Documents">
        <a href="./">Explorer</a>
        <a href="../openapi.json">openapi.json</a>
        <a href="../console/">Console</a>
      </nav>
    </header>
    <main class="codes">
      <p>Every error is a problem (RFC 9457) with one of these codes. Programs should branch on <code>code</code>.</p>
      <dl>
"#;

const FIELDS: &str = r##"      </dl>
      <h2 id="fields">Codes of fields</h2>
      <p>A <a href="#validation_failed">validation_failed</a> lists the invalid fields in <code>errors</code>,
        each with one of these codes. The numbers are examples.</p>
      <dl>
"##;

const END: &str = "      </dl>\n    </main>\n  </body>\n</html>\n";

pub(super) async fn page(state: Data<AppState>) -> HttpResponse {
    let mut html = HEAD.to_owned();
    for code in Code::ALL {
        let detail = format!("{}. {}. {}", code.status().as_u16(), code.title(), code.detail());
        write_entry(&mut html, code.as_str(), code.as_str(), &detail);
    }
    html.push_str(FIELDS);
    for reason in FaultReason::all() {
        write_entry(&mut html, &format!("field-{}", reason.code()), reason.code(), &reason.to_string());
    }
    html.push_str(END);
    super::page("text/html; charset=utf-8", super::linked(&html, state.has_console).into_owned())
}

fn write_entry(html: &mut String, id: &str, name: &str, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(html, "        <dt id=\"{id}\"><code>{name}</code></dt>\n        <dd>{}</dd>", escape(text));
}

/// The text as HTML: `<token>` in it is text, not an element.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
