//! Prints the catalogue in the format of its file.

use domain::{Limit, Metric, Plan, PlanCatalog, PlanKey};
use serde::Serialize;
use toml::ser::Error;

/// Says how to change the catalogue.
const HEADER: &str = "# The plans in force. To offer others, change a copy of this and name it in HEADROOM_PLANS.\n\n";

#[derive(Serialize)]
struct CatalogDocument<'a> {
    plan: Vec<PlanTable<'a>>,
}

#[derive(Serialize)]
struct PlanTable<'a> {
    key: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    position: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<&'a str>,
    limits: Limits,
}

impl<'a> PlanTable<'a> {
    fn new(position: usize, plan: &'a Plan) -> Self {
        let Plan { key, name, description, replaces, .. } = plan;
        Self {
            key: key.as_str(),
            name,
            description,
            position,
            replaces: replaces.iter().map(PlanKey::as_str).collect(),
            limits: Limits {
                staff: plan.limit(&Metric::STAFF).into(),
                bookings_per_day: plan.limit(&Metric::BOOKINGS_PER_DAY).into(),
            },
        }
    }
}

#[derive(Serialize)]
struct Limits {
    staff: Written,
    bookings_per_day: Written,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Number(u64),
    Word(&'static str),
}

impl From<Limit> for Written {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::AtMost(max) => Self::Number(max),
            Limit::Unlimited => Self::Word("unlimited"),
        }
    }
}

/// The catalogue as TOML.
///
/// # Errors
/// Those of the serializer. None is possible for a catalogue.
pub(crate) fn to_toml(catalog: &PlanCatalog) -> Result<String, Error> {
    let plan = (1..).zip(catalog.iter()).map(|(position, plan)| PlanTable::new(position, plan)).collect();
    Ok(HEADER.to_owned() + &toml::to_string(&CatalogDocument { plan })?)
}
