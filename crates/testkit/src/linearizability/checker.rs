//! Searches for an order of the calls that explains their answers (Wing and Gong, 1993, with the
//! memory of Lowe, 2017).

use std::collections::BTreeSet;

use domain::Timestamp;

use super::history::Call;
use super::sequential::{Model, Rows};

/// What was observed of a history.
pub(super) struct Observed<'a> {
    /// The limit of the gauge.
    pub(super) limit: u64,
    /// The calls of each thread, in their order.
    pub(super) threads: &'a [Vec<Call>],
    /// What the store has in the end.
    pub(super) rows: &'a Rows,
    /// The last instant of the clock.
    pub(super) end: Timestamp,
}

/// How many calls of each thread have been applied, and the state after them.
type Node = (Vec<usize>, Model);

impl Observed<'_> {
    /// Whether there is an order of the calls in which the model gives every answer, and ends with
    /// the rows of the store and within the limit. A call that was answered before another was made
    /// precedes it, as does one that ran at an earlier instant.
    pub(super) fn is_linearizable(&self) -> bool {
        let mut seen = BTreeSet::<Node>::new();
        let mut open = vec![(vec![0; self.threads.len()], Model::new(self.limit))];
        while let Some(node) = open.pop() {
            if seen.contains(&node) {
                continue;
            }
            let (done, model) = &node;
            if self.is_explained(done, model) {
                return true;
            }
            open.extend((0..self.threads.len()).filter_map(|thread| self.next(done, model, thread)));
            seen.insert(node);
        }
        false
    }

    fn is_explained(&self, done: &[usize], model: &Model) -> bool {
        let is_complete = self.threads.iter().zip(done).all(|(calls, done)| calls.len() == *done);
        is_complete && model.rows.used(self.end) <= self.limit && model.rows == *self.rows
    }

    /// The node after the next call of this thread, if it may be next and its answer is correct.
    fn next(&self, done: &[usize], model: &Model, thread: usize) -> Option<Node> {
        let call = self.threads[thread].get(done[thread])?;
        let mut pending = self.threads.iter().zip(done).filter_map(|(calls, done)| calls.get(*done));
        if pending.any(|other| other.responded < call.invoked) {
            return None;
        }
        let (mut done, mut model) = (done.to_vec(), model.clone());
        if model.apply(&call.operation, call.now).as_ref() != Some(&call.answer) {
            return None;
        }
        done[thread] += 1;
        Some((done, model))
    }
}

#[cfg(test)]
mod tests {
    use domain::{HoldId, HoldState, SignedDuration, Uuid};

    use super::*;
    use crate::fixtures::{NOW, allocation_key};
    use crate::linearizability::history::{Answer, Operation};
    use crate::linearizability::sequential::ModelHold;

    const HOLD: HoldId = HoldId::from_uuid(Uuid::from_u128(1));
    const MINUTE: SignedDuration = SignedDuration::from_secs(60);
    const FULL: Answer = Answer::LimitExceeded { used: 1 };

    fn call(place: [u64; 2], now: Timestamp, operation: Operation, answer: Answer) -> Call {
        Call { now, operation, answer, invoked: place[0], responded: place[1] }
    }

    fn take(place: [u64; 2], key: &str, answer: Answer) -> Call {
        take_at(NOW, place, key, answer)
    }

    fn take_at(now: Timestamp, place: [u64; 2], key: &str, answer: Answer) -> Call {
        call(place, now, Operation::Take { key: allocation_key(key), quantity: 1 }, answer)
    }

    fn remove(place: [u64; 2], key: &str) -> Call {
        call(place, NOW, Operation::Remove { key: allocation_key(key) }, Answer::Removed(true))
    }

    /// For a minute.
    fn hold(place: [u64; 2], answer: Answer) -> Call {
        call(place, NOW, Operation::Hold { id: HOLD, quantity: 1, expires_in: MINUTE }, answer)
    }

    fn confirm_at(now: Timestamp, place: [u64; 2], answer: Answer) -> Call {
        call(place, now, Operation::Confirm { id: HOLD, key: Some(allocation_key("a")), quantity: None }, answer)
    }

    /// Allocations of 1 with these keys, and the hold, if it exists.
    fn rows(keys: &[&str], hold: Option<HoldState>) -> Rows {
        let with_state = |state| (HOLD, ModelHold { quantity: 1, expires_at: NOW + MINUTE, state });
        Rows {
            allocations: keys.iter().map(|key| (allocation_key(key), 1)).collect(),
            holds: hold.map(with_state).into_iter().collect(),
        }
    }

    /// The result with a limit of 1.
    fn is_linearizable(threads: &[Vec<Call>], rows: &Rows) -> bool {
        Observed { limit: 1, threads, rows, end: NOW }.is_linearizable()
    }

    #[test]
    fn histories_beyond_the_limit_are_rejected() {
        let both = |a, b| [vec![take([0, 2], "a", a)], vec![take([1, 3], "b", b)]];
        assert!(is_linearizable(&both(Answer::Created, FULL), &rows(&["a"], None)));
        assert!(is_linearizable(&both(FULL, Answer::Created), &rows(&["b"], None)));
        assert!(!is_linearizable(&both(Answer::Created, Answer::Created), &rows(&["a", "b"], None)));
        let until = Answer::HeldUntil(NOW + MINUTE);
        let held = |answer| [vec![hold([0, 2], until.clone())], vec![take([1, 3], "a", answer)]];
        assert!(is_linearizable(&held(FULL), &rows(&[], Some(HoldState::Held))));
        assert!(!is_linearizable(&held(Answer::Created), &rows(&["a"], Some(HoldState::Held))));
    }

    #[test]
    fn refusals_although_there_was_room_are_rejected() {
        assert!(!is_linearizable(&[vec![take([0, 1], "a", Answer::LimitExceeded { used: 0 })]], &rows(&[], None)));
        // The removal has been answered, or runs at the same time.
        for (removal, expected) in [([2, 3], false), ([2, 5], true)] {
            let first = vec![take([0, 1], "a", Answer::Created), remove(removal, "a")];
            let history = [first, vec![take([4, 6], "b", FULL)]];
            assert_eq!(is_linearizable(&history, &rows(&[], None)), expected, "{removal:?}");
        }
    }

    #[test]
    fn expired_holds_make_room_by_the_clock_of_the_operation() {
        let microsecond = SignedDuration::from_micros(1);
        for (now, answer, expected) in [
            (NOW + MINUTE - microsecond, FULL, true),
            (NOW + MINUTE - microsecond, Answer::Created, false),
            (NOW + MINUTE, FULL, false),
            (NOW + MINUTE, Answer::Created, true),
        ] {
            let keys: &[&str] = if answer == FULL { &[] } else { &["b"] };
            let history =
                [vec![hold([0, 1], Answer::HeldUntil(NOW + MINUTE))], vec![take_at(now, [2, 3], "b", answer.clone())]];
            let found = Observed { limit: 1, threads: &history, rows: &rows(keys, Some(HoldState::Held)), end: now };
            assert_eq!(found.is_linearizable(), expected, "{now} {answer:?}");
        }
    }

    #[test]
    fn lost_and_invented_rows_are_rejected() {
        let history = [vec![take([0, 1], "a", Answer::Created)], vec![remove([2, 3], "a")]];
        assert!(is_linearizable(&history, &rows(&[], None)));
        assert!(!is_linearizable(&history, &rows(&["a"], None)));
        assert!(!is_linearizable(&history[..1], &rows(&[], None)));
    }

    /// The confirmation was given its instant before the hold expired, and ran after its place was
    /// allocated.
    #[test]
    fn holds_used_after_their_expiry_are_rejected() {
        let confirmed = Answer::Confirmed(allocation_key("a"));
        let history = [
            vec![hold([0, 1], Answer::HeldUntil(NOW + MINUTE)), confirm_at(NOW, [4, 5], confirmed)],
            vec![take_at(NOW + MINUTE, [2, 3], "b", Answer::Created)],
        ];
        assert!(!is_linearizable(&history, &rows(&["a", "b"], Some(HoldState::Confirmed))));
    }
}
