//! The file of the plan catalogue. All faults are reported together, each with its line.

mod definitions;
mod plans;
mod reader;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use domain::PlanCatalog;
use toml::de::DeTable;

use reader::{CatalogFault, CatalogReader, line};

/// The maximum size of the file, in bytes.
const BYTES_MAX: u64 = 1024 * 1024;

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

fn parse(text: &str) -> Result<PlanCatalog, Vec<CatalogFault>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let at = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    if let Some(first) = errors.iter().min_by_key(|error| at(error)) {
        // The others may be its consequences.
        return Err(vec![CatalogFault { at: at(first), reason: first.message().to_owned() }]);
    }
    let mut reader = CatalogReader {
        text,
        faults: Vec::new(),
        metrics: Vec::new(),
        features: BTreeMap::new(),
        keys: BTreeMap::new(),
        positions: BTreeMap::new(),
        default_plan: None,
    };
    let catalog = reader.catalog(document.into_inner());
    if reader.faults.is_empty() {
        return catalog.map_err(|error| vec![CatalogFault { at: 0, reason: error.to_string() }]);
    }
    reader.faults.sort_by_key(|fault| fault.at);
    Err(reader.faults)
}

#[cfg(test)]
mod own_tests;
#[cfg(test)]
mod tests;
