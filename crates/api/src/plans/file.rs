//! The file of the plan catalogue: parsed at the start. All faults are reported together, each with
//! its line.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use domain::{Limit, Metric, Name, Plan, PlanCatalog, PlanKey, check_text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The maximum size of the file, in bytes.
const BYTES_MAX: u64 = 1024 * 1024;
/// The maximum number of plans: they are listed on one page.
const PLANS_MAX: usize = 100;
/// The maximum length of a plan's description, in characters.
const DESCRIPTION_CHARACTERS_MAX: usize = 500;
/// How many characters of a refused value an error message quotes.
const QUOTE_CHARACTERS_MAX: usize = 60;

/// The fields of each table, for error messages.
const DOCUMENT_FIELDS: &str = "a catalogue has [[plan]] tables and nothing else";
const PLAN_FIELDS: &str = "a plan has key, name, description, position, replaces and limits";
const LIMIT_FIELDS: &str = "limits has staff and bookings_per_day";

/// Reads the catalogue in the file.
///
/// # Errors
/// All faults, each with the file and the line.
pub(crate) fn read(path: &Path) -> Result<PlanCatalog, Vec<String>> {
    let file = path.display();
    let unreadable = |reason: String| vec![format!("cannot read {file}: {reason}")];
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes));
    if read.map_err(|error| unreadable(error.to_string()))? as u64 > BYTES_MAX {
        return Err(unreadable(format!("it has more than {BYTES_MAX} bytes")));
    }
    let faults = match str::from_utf8(&bytes) {
        Ok(text) => match parse(text) {
            Ok(catalog) => return Ok(catalog),
            Err(faults) => faults,
        },
        Err(error) => vec![CatalogFault { at: error.valid_up_to(), reason: "this is not UTF-8".to_owned() }],
    };
    Err(faults.into_iter().map(|fault| format!("{file}, line {}: {}", line(&bytes, fault.at), fault.reason)).collect())
}

/// The line of a byte, counted from 1.
fn line(bytes: &[u8], at: usize) -> usize {
    bytes.iter().take(at).filter(|&&byte| byte == b'\n').count() + 1
}

/// A fault, and its byte offset.
struct CatalogFault {
    at: usize,
    reason: String,
}

fn parse(text: &str) -> Result<PlanCatalog, Vec<CatalogFault>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let at = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    if let Some(first) = errors.iter().min_by_key(|error| at(error)) {
        // The others may be its consequences.
        return Err(vec![CatalogFault { at: at(first), reason: first.message().to_owned() }]);
    }
    let mut reader = CatalogReader { text, faults: Vec::new(), keys: BTreeMap::new(), positions: BTreeMap::new() };
    let mut plans = reader.plans(document.into_inner());
    if !reader.faults.is_empty() {
        reader.faults.sort_by_key(|fault| fault.at);
        return Err(reader.faults);
    }
    plans.sort_by_key(|(position, _)| *position);
    let catalog = PlanCatalog::new(plans.into_iter().map(|(_, plan)| plan).collect());
    catalog.map_err(|error| vec![CatalogFault { at: 0, reason: error.to_string() }])
}

type Value<'a> = Spanned<DeValue<'a>>;

/// A table whose fields are removed as they are read, and its byte offset.
struct Fields<'a> {
    at: usize,
    table: DeTable<'a>,
}

/// Reads the document, and collects its faults.
struct CatalogReader<'a> {
    text: &'a str,
    faults: Vec<CatalogFault>,
    /// The byte offsets of the keys and positions read so far.
    keys: BTreeMap<PlanKey, usize>,
    positions: BTreeMap<u32, usize>,
}

impl<'a> CatalogReader<'a> {
    fn fault(&mut self, at: usize, reason: String) {
        self.faults.push(CatalogFault { at, reason });
    }

    /// Every valid plan, with its position.
    fn plans(&mut self, mut document: DeTable<'a>) -> Vec<(u32, Plan)> {
        let plans = document.remove("plan");
        self.refuse_rest(document, DOCUMENT_FIELDS);
        let Some(plans) = plans else {
            self.fault(0, "there is no plan: write a [[plan]] table for each".to_owned());
            return Vec::new();
        };
        let span = plans.span();
        match plans.into_inner() {
            DeValue::Array(plans) if (1..=PLANS_MAX).contains(&plans.len()) => {
                let read = |plan| self.fields("plan", plan).and_then(|fields| self.plan(fields));
                return plans.into_iter().filter_map(read).collect();
            }
            DeValue::Array(plans) => {
                self.fault(span.start, format!("there are 1 to {PLANS_MAX} plans, not {}", plans.len()));
            }
            _ => self.refuse("plan", "tables, with [[plan]] above each", span),
        }
        Vec::new()
    }

    fn plan(&mut self, mut fields: Fields<'a>) -> Option<(u32, Plan)> {
        let key = self.required(&mut fields, "key").and_then(|value| self.key("key", &value));
        let name = self.required(&mut fields, "name").and_then(|value| self.name(&value));
        let description = fields.table.remove("description");
        let description = description.map_or(Some("".into()), |value| self.description(&value));
        let position = self.required(&mut fields, "position").and_then(|value| self.position(&value));
        let replaces = fields.table.remove("replaces").map_or(Some(Vec::new()), |value| self.replaces(&value));
        let limits = self.required(&mut fields, "limits").and_then(|value| self.fields("limits", value));
        let limits = limits.and_then(|limits| self.limits(limits));
        self.refuse_rest(fields.table, PLAN_FIELDS);
        let (staff, bookings_per_day) = limits?;
        let plan = Plan { description: description?, replaces: replaces?, ..Plan::new(key?, &name?) };
        let plan = plan.with_limit(Metric::STAFF, staff).with_limit(Metric::BOOKINGS_PER_DAY, bookings_per_day);
        Some((position?, plan))
    }

    fn limits(&mut self, mut fields: Fields<'a>) -> Option<(Limit, Limit)> {
        let staff = self.required(&mut fields, "staff").and_then(|value| self.limit("staff", &value));
        let bookings = self.required(&mut fields, "bookings_per_day");
        let bookings = bookings.and_then(|value| self.limit("bookings_per_day", &value));
        self.refuse_rest(fields.table, LIMIT_FIELDS);
        Some((staff?, bookings?))
    }

    fn required(&mut self, fields: &mut Fields<'a>, name: &str) -> Option<Value<'a>> {
        let value = fields.table.remove(name);
        if value.is_none() {
            self.fault(fields.at, format!("{name} is missing"));
        }
        value
    }

    fn refuse_rest(&mut self, rest: DeTable<'a>, known: &str) {
        for (name, _) in rest {
            self.fault(name.span().start, format!("there is no {:?}: {known}", name.get_ref()));
        }
    }

    /// Adds a fault that says which values the field takes.
    fn refuse(&mut self, field: &str, takes: &str, span: Range<usize>) {
        let at = span.start;
        let written = self.text.get(span).and_then(|text| text.lines().next()).unwrap_or_default();
        let quote: String = written.chars().take(QUOTE_CHARACTERS_MAX).collect();
        let more = if quote.len() < written.len() { "…" } else { "" };
        self.fault(at, format!("{field} takes {takes}, not {quote}{more}"));
    }

    /// Returns the parsed value, or adds a fault that says which values the field takes.
    fn accept<T>(&mut self, field: &str, takes: &str, value: &Value<'a>, parsed: Option<T>) -> Option<T> {
        if parsed.is_none() {
            self.refuse(field, takes, value.span());
        }
        parsed
    }

    fn fields(&mut self, name: &str, value: Value<'a>) -> Option<Fields<'a>> {
        let span = value.span();
        if let DeValue::Table(table) = value.into_inner() {
            return Some(Fields { at: span.start, table });
        }
        self.refuse(name, "a table", span);
        None
    }

    fn name(&mut self, value: &Value<'a>) -> Option<Box<str>> {
        let name = value.get_ref().as_str().and_then(|text| Name::parse(text).ok()).map(|name| name.as_str().into());
        let max = Name::CHARACTERS_MAX;
        self.accept("name", &format!("1 to {max} characters, not dots alone, and no control character"), value, name)
    }

    fn description(&mut self, value: &Value<'a>) -> Option<Box<str>> {
        let max = DESCRIPTION_CHARACTERS_MAX;
        let is_good = |text: &&str| text.is_empty() || (text.chars().count() <= max && check_text(text).is_ok());
        let text = value.get_ref().as_str().map(str::trim).filter(is_good).map(Box::from);
        self.accept("description", &format!("0 to {max} characters and no control character"), value, text)
    }

    fn limit(&mut self, field: &str, value: &Value<'a>) -> Option<Limit> {
        let limit = match value.get_ref() {
            DeValue::String(text) if text == "unlimited" => Some(Limit::Unlimited),
            value => number(value).map(u64::from).map(Limit::AtMost),
        };
        self.accept(field, "0 to 4294967295 or \"unlimited\"", value, limit)
    }

    fn position(&mut self, value: &Value<'a>) -> Option<u32> {
        let position = self.accept("position", "0 to 4294967295", value, number(value.get_ref()))?;
        let at = value.span().start;
        if let Some(first) = self.positions.insert(position, at) {
            let line = line(self.text.as_bytes(), first);
            self.fault(at, format!("the position {position} is in line {line} already"));
        }
        Some(position)
    }

    fn replaces(&mut self, value: &Value<'a>) -> Option<Vec<PlanKey>> {
        match value.get_ref().as_array() {
            Some(keys) => Some(keys.iter().filter_map(|key| self.key("replaces", key)).collect()),
            None => self.accept("replaces", "a list of plan keys", value, None),
        }
    }

    fn key(&mut self, field: &str, value: &Value<'a>) -> Option<PlanKey> {
        let key = value.get_ref().as_str().and_then(|text| text.parse::<PlanKey>().ok());
        let key = self.accept(field, "1 to 64 of a-z, 0-9, _ and -", value, key)?;
        let at = value.span().start;
        if let Some(first) = self.keys.insert(key.clone(), at) {
            let line = line(self.text.as_bytes(), first);
            self.fault(at, format!("the plan key {key} is in line {line} already"));
        }
        Some(key)
    }
}

fn number(value: &DeValue<'_>) -> Option<u32> {
    let number = value.as_integer()?;
    u32::from_str_radix(number.as_str(), number.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans::to_toml;

    fn faults(text: &str) -> Vec<String> {
        let faults = parse(text).err().unwrap_or_default();
        faults.into_iter().map(|fault| format!("{}: {}", line(text.as_bytes(), fault.at), fault.reason)).collect()
    }

    /// Two valid plans. The larger one is first in the file.
    const GOOD: &str = r#"[[plan]]
key = "Team"
name = " Team "
description = "For \"all\" of us."
position = 20
replaces = ["pro", "GOLD"]

[plan.limits]
staff = 0
bookings_per_day = "unlimited"

[[plan]]
key = "solo"
name = "Solo"
position = 3
limits = { staff = 4294967295, bookings_per_day = 1_000 }
"#;

    fn catalog(text: &str) -> PlanCatalog {
        parse(text).unwrap_or_else(|_| panic!("{:?}", faults(text)))
    }

    /// Asserts that each change of [`GOOD`] is refused for one reason.
    #[track_caller]
    fn assert_refused(changes: &[(&str, &str, &str)]) {
        for (good, bad, expected) in changes {
            assert!(GOOD.contains(good), "{good}");
            assert_eq!(faults(&GOOD.replacen(good, bad, 1)), [*expected], "{bad}");
        }
    }

    #[test]
    fn a_catalogue_is_read_in_the_order_of_positions() {
        let catalog = catalog(GOOD);
        let plans: Vec<&Plan> = catalog.iter().collect();
        let limits = |plan: &Plan| [plan.limit(&Metric::STAFF), plan.limit(&Metric::BOOKINGS_PER_DAY)];
        let [solo, team] = plans[..] else { panic!("there are two plans: {plans:?}") };
        assert_eq!((solo.key.as_str(), &*solo.name, &*solo.description), ("solo", "Solo", ""));
        assert_eq!(limits(solo), [Limit::AtMost(u32::MAX.into()), Limit::AtMost(1000)]);
        assert_eq!(solo.replaces, []);
        assert_eq!((team.key.as_str(), &*team.name, &*team.description), ("team", "Team", "For \"all\" of us."));
        assert_eq!(limits(team), [Limit::AtMost(0), Limit::Unlimited]);
        assert_eq!(team.replaces, ["pro", "gold"].map(|key| key.parse().unwrap()));
    }

    #[test]
    fn invalid_toml_is_refused_with_its_line() {
        assert_refused(&[
            ("[[plan]]\nkey", "[[plan]\nkey", "1: unclosed array table, expected `]`"),
            ("= 20", "=", "5: string values must be quoted, expected literal string"),
            ("\"Team\"", "\"Team", "2: invalid basic string, expected `\"`"),
            ("position = 20", "position = 20\nposition = 21", "6: duplicate key"),
            ("[plan.limits]", "[plan.limits", "8: unclosed table, expected `]`"),
            (
                "\"unlimited\"\n\n[[plan]]",
                "[1 2\n\n[plan]]",
                "10: string values must be quoted, expected literal string",
            ),
        ]);
    }

    #[test]
    fn a_missing_or_unknown_field_is_refused_with_its_line() {
        assert_refused(&[
            ("key = \"solo\"\n", "", "12: key is missing"),
            ("name = \" Team \"\n", "", "1: name is missing"),
            ("position = 20\n", "", "1: position is missing"),
            ("limits = {", "# {", "12: limits is missing"),
            ("staff = 0\n", "", "8: staff is missing"),
            (", bookings_per_day = 1_000", "", "16: bookings_per_day is missing"),
            (
                "position = 3\n",
                "position = 3\nprice = 3\n",
                "16: there is no \"price\": a plan has key, name, description, position, replaces and limits",
            ),
            ("staff = 0", "staff = 0\nstuff = 0", "10: there is no \"stuff\": limits has staff and bookings_per_day"),
            (
                "[[plan]]\nkey = \"Team\"",
                "version = 1\n[[plan]]\nkey = \"Team\"",
                "1: there is no \"version\": a catalogue has [[plan]] tables and nothing else",
            ),
        ]);
    }

    #[test]
    fn an_invalid_or_duplicate_key_is_refused_with_its_line() {
        let (long, quoted) = (format!("'{}'", "a".repeat(65)), "a".repeat(59));
        assert_refused(&[
            ("\"solo\"", "7", "13: key takes 1 to 64 of a-z, 0-9, _ and -, not 7"),
            ("\"solo\"", "''", "13: key takes 1 to 64 of a-z, 0-9, _ and -, not ''"),
            ("\"solo\"", "'so lo'", "13: key takes 1 to 64 of a-z, 0-9, _ and -, not 'so lo'"),
            ("\"solo\"", &long, &format!("13: key takes 1 to 64 of a-z, 0-9, _ and -, not '{quoted}…")),
            ("\"solo\"", "'TEAM'", "13: the plan key team is in line 2 already"),
            ("\"solo\"", "'gold'", "13: the plan key gold is in line 6 already"),
            ("\"GOLD\"", "'team'", "6: the plan key team is in line 2 already"),
            ("\"GOLD\"", "'pro'", "6: the plan key pro is in line 6 already"),
            ("\"GOLD\"", "0", "6: replaces takes 1 to 64 of a-z, 0-9, _ and -, not 0"),
            ("[\"pro\", \"GOLD\"]", "'pro'", "6: replaces takes a list of plan keys, not 'pro'"),
        ]);
    }

    #[test]
    fn a_text_that_is_blank_or_too_long_or_no_text_is_refused_with_its_line() {
        let (long_name, long_description) = (format!("'{}'", "é".repeat(101)), format!("'{}'", "é".repeat(501)));
        let (name, description) = (
            "name takes 1 to 100 characters, not dots alone, and no control character, not",
            "description takes 0 to 500 characters and no control character, not",
        );
        let quoted = "é".repeat(59);
        let all = r#""For \"all\" of us.""#;
        assert_refused(&[
            ("\"Solo\"", "true", &format!("14: {name} true")),
            ("\"Solo\"", "' '", &format!("14: {name} ' '")),
            ("\"Solo\"", "'..'", &format!("14: {name} '..'")),
            ("\"Solo\"", "'\u{200b}'", &format!("14: {name} '\u{200b}'")),
            ("\"Solo\"", "'a\u{202e}b'", &format!("14: {name} 'a\u{202e}b'")),
            ("\"Solo\"", r#""a\tb""#, &format!(r#"14: {name} "a\tb""#)),
            ("\"Solo\"", &long_name, &format!("14: {name} '{quoted}…")),
            (all, "1979-05-27", &format!("4: {description} 1979-05-27")),
            (all, "'''a\nb'''", &format!("4: {description} '''a")),
            (all, "'a\u{2066}b'", &format!("4: {description} 'a\u{2066}b'")),
            (all, &long_description, &format!("4: {description} '{quoted}…")),
        ]);
    }

    #[test]
    fn a_number_that_is_none_or_out_of_range_is_refused_with_its_line() {
        let limit = "takes 0 to 4294967295 or \"unlimited\", not";
        assert_refused(&[
            ("= 20", "= 3", "15: the position 3 is in line 5 already"),
            ("= 20", "= '20'", "5: position takes 0 to 4294967295, not '20'"),
            ("= 20", "= -1", "5: position takes 0 to 4294967295, not -1"),
            ("staff = 0", "staff = -1", &format!("9: staff {limit} -1")),
            ("staff = 0", "staff = 2.0", &format!("9: staff {limit} 2.0")),
            ("staff = 0", "staff = \"2\"", &format!("9: staff {limit} \"2\"")),
            ("4294967295", "4294967296", &format!("16: staff {limit} 4294967296")),
            ("\"unlimited\"", "'Unlimited'", &format!("10: bookings_per_day {limit} 'Unlimited'")),
            ("\"unlimited\"", "inf", &format!("10: bookings_per_day {limit} inf")),
            ("limits = {", "limits = 3 # {", "16: limits takes a table, not 3"),
        ]);
    }

    #[test]
    fn a_catalogue_has_plans_and_not_too_many() {
        for (text, expected) in [
            ("", "1: there is no plan: write a [[plan]] table for each"),
            ("# Later.\n", "1: there is no plan: write a [[plan]] table for each"),
            ("\nplan = []", "2: there are 1 to 100 plans, not 0"),
            (&"[[plan]]\n".repeat(101), "1: there are 1 to 100 plans, not 101"),
            ("plan = 3", "1: plan takes tables, with [[plan]] above each, not 3"),
            ("\n[plan]\nkey = 'a'", "2: plan takes tables, with [[plan]] above each, not [plan]"),
            ("plan = [\n3]", "2: plan takes a table, not 3"),
        ] {
            assert_eq!(faults(text), [expected], "{text}");
        }
    }

    #[test]
    fn all_faults_are_reported_in_the_order_of_lines() {
        let text = GOOD.replace("\"Team\"", "3").replace("staff = 0", "staff = 'none'").replace("\"Solo\"", "''");
        let reported: Vec<String> =
            faults(&(text + "price = 3\n")).iter().map(|fault| fault[..12].to_owned()).collect();
        assert_eq!(reported, ["2: key takes", "9: staff tak", "14: name tak", "17: there is"]);
    }

    #[test]
    fn what_is_printed_is_read_to_the_same_catalogue() {
        let odd = GOOD.replace("\"Solo\"", r#""'\"\\ [[plan]] = # é美💇 '''""#);
        for catalog in [PlanCatalog::builtin(), catalog(GOOD), catalog(&odd)] {
            let text = to_toml(&catalog).unwrap();
            assert_eq!(parse(&text).ok(), Some(catalog), "{text}");
        }
    }

    #[test]
    fn an_unreadable_file_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plans.toml");
        let report = |path: &Path| read(path).unwrap_err().join("\n");
        assert!(report(&path).contains("plans.toml: No such file"), "{}", report(&path));
        assert!(report(dir.path()).contains("Is a directory"), "{}", report(dir.path()));
        std::fs::write(&path, b"# Plans\n# \xff\n").unwrap();
        assert!(report(&path).ends_with("plans.toml, line 2: this is not UTF-8"), "{}", report(&path));
        let padded = |bytes: usize| format!("{GOOD}#{}", "-".repeat(bytes - GOOD.len() - 1));
        std::fs::write(&path, padded(1024 * 1024)).unwrap();
        assert_eq!(read(&path), Ok(catalog(GOOD)));
        std::fs::write(&path, padded(1024 * 1024 + 1)).unwrap();
        assert!(report(&path).ends_with("plans.toml: it has more than 1048576 bytes"), "{}", report(&path));
    }
}
