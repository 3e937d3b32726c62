//! Reads lists page by page. A short page does not mean the end of a list.

use std::fmt::Debug;

use domain::error::StorageError;
use domain::ports::Page;

/// More pages than any list of a test has. A longer list does not end.
const PAGES_MAX: usize = 1_000;

/// The items of a list, from all its pages.
#[derive(Debug)]
pub(crate) struct Gathered<T> {
    /// The items, in the order of the list.
    pub(crate) items: Vec<T>,
    /// The number of pages read.
    pub(crate) pages: usize,
}

/// Reads a list after `after`, and follows `next` to the end, or until there are `count` items.
/// Returns at most `count` items.
///
/// # Panics
/// If the pages are not a list: a page has more than `max` items, positions do not descend, a
/// `next` does not advance, or the list does not end.
pub(crate) fn gather<T, P: Copy + Debug + Ord>(
    count: usize,
    max: usize,
    mut after: Option<P>,
    position: impl Fn(&T) -> P,
    mut page_after: impl FnMut(Option<P>, usize) -> Result<Page<T, P>, StorageError>,
) -> Result<Gathered<T>, StorageError> {
    let mut gathered = Gathered { items: Vec::new(), pages: 0 };
    while gathered.items.len() < count {
        assert!(gathered.pages < PAGES_MAX, "the list does not end: after {PAGES_MAX} pages it is at {after:?}");
        let (begin, Page { items, next }) = (after, page_after(after, max)?);
        assert!(items.len() <= max, "a page of {max} holds {} items", items.len());
        for item in items {
            let at = position(&item);
            assert!(after.is_none_or(|after| at < after), "{at:?} is listed after {after:?}");
            after = Some(at);
            gathered.items.push(item);
        }
        gathered.pages += 1;
        let Some(next) = next else { break };
        // It may be beyond the last item: rows between them were read and filtered out.
        let leads_on = begin.is_none_or(|begin| next < begin) && after.is_none_or(|after| next <= after);
        assert!(leads_on, "after {begin:?} and items up to {after:?}, the next page is after {next:?}");
        after = Some(next);
    }
    gathered.items.truncate(count);
    Ok(gathered)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// Pages in order: the items, which are positions, and `next`.
    type Pages = [(&'static [u32], Option<u32>)];

    /// Reads these pages.
    fn gathered(count: usize, pages: &Pages) -> Gathered<u32> {
        let mut pages = pages.iter();
        let page = |_, _| {
            let (items, next) = pages.next().expect("the page before was the last");
            Ok(Page { items: items.to_vec(), next: *next })
        };
        gather(count, 2, None, |item| *item, page).expect("no page fails")
    }

    #[test]
    fn next_is_followed_after_short_pages() {
        let pages: &Pages = &[(&[9, 8], Some(8)), (&[], Some(7)), (&[5], Some(3)), (&[], Some(2)), (&[1], None)];
        let all = gathered(usize::MAX, pages);
        assert_eq!((all.items, all.pages), (vec![9, 8, 5, 1], 5));
        let some = gathered(3, pages);
        assert_eq!((some.items, some.pages), (vec![9, 8, 5], 3));
        assert_eq!(gathered(1, pages).items, [9]);
    }

    #[test]
    fn pages_that_are_not_a_list_are_refused() {
        let bad: [(&str, &Pages); 6] = [
            ("too many items", &[(&[9, 8, 7], None)]),
            ("an item twice", &[(&[9, 9], None)]),
            ("an item twice on two pages", &[(&[9, 8], Some(8)), (&[8], None)]),
            ("an item before the position", &[(&[9], Some(5)), (&[6], None)]),
            ("a next before the last item", &[(&[9, 5], Some(6)), (&[], None)]),
            ("a next that stands still", &[(&[9], Some(5)), (&[], Some(5)), (&[], None)]),
        ];
        for (fault, pages) in bad {
            let result = catch_unwind(AssertUnwindSafe(|| gathered(usize::MAX, pages)));
            assert!(result.is_err(), "{fault}");
        }
    }
}
