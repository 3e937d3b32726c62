//! A list of objects in a JSON body, such as the items of a batch.

use std::fmt;
use std::marker::PhantomData;

use domain::{Fault, FaultReason, Faults};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A field that takes a list of objects `T`, with a value of any type.
#[derive(Debug, Default)]
pub(crate) enum List<T> {
    /// Left out, or null.
    #[default]
    Absent,
    /// A list. `None` stands for an item that is not an object.
    Items(Vec<Option<T>>),
    /// Something else.
    WrongType,
}

impl<T> List<T> {
    /// The items that `parse` accepts, or `None` without a list. Adds the faults of all items, each
    /// at its position, or one fault unless there are 1 to `max` items.
    pub(crate) fn parse_items<P>(
        self,
        list: &'static str,
        max: usize,
        faults: &mut Faults,
        parse: impl Fn(T) -> Result<P, Faults>,
    ) -> Option<Vec<P>> {
        let items = match self {
            Self::Absent => return None,
            Self::Items(items) => items,
            Self::WrongType => {
                faults.add(list, FaultReason::WrongType { expected: "list of JSON objects" });
                return Some(Vec::new());
            }
        };
        if !(1..=max).contains(&items.len()) {
            faults.add(list, FaultReason::ItemCountOutOfRange { min: 1, max });
            return Some(Vec::new());
        }
        let not_an_object = Fault { field: "", reason: FaultReason::WrongType { expected: "JSON object" } };
        let parsed = items.into_iter().enumerate().filter_map(|(index, item)| {
            let parsed = item.ok_or_else(|| not_an_object.into()).and_then(&parse);
            faults.collect_item(list, index, parsed)
        });
        Some(parsed.collect())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(AnyList(PhantomData))
    }
}

/// Reads any value of a body as a [`List`].
struct AnyList<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyList<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<List<T>, E> {
        Ok(List::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<List<T>, E> {
        Ok(List::WrongType)
    }

    fn visit_i64<E>(self, _: i64) -> Result<List<T>, E> {
        Ok(List::WrongType)
    }

    fn visit_f64<E>(self, _: f64) -> Result<List<T>, E> {
        Ok(List::WrongType)
    }

    fn visit_str<E>(self, _: &str) -> Result<List<T>, E> {
        Ok(List::WrongType)
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<List<T>, A::Error> {
        Ok(List::WrongType)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sent: A) -> Result<List<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sent.next_element()? {
            items.push(item);
        }
        Ok(List::Items(items))
    }
}
