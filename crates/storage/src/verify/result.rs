//! The result of a verification.

use domain::ports::Discrepancy;

/// How many findings are kept. More are only counted.
pub const FINDINGS_MAX: usize = 100;

/// The result of a verification.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verification {
    /// How many accounts were compared.
    pub accounts: u64,
    /// How many active staff members.
    pub staff_members: u64,
    /// How many bookings that count.
    pub bookings: u64,
    /// How many allocations.
    pub allocations: u64,
    /// How many charges of usage records and bookings to custom metrics.
    pub charges: u64,
    /// How many usage counters.
    pub usage_counters: u64,
    /// How many of the usage counters were compared with nothing, because not all of what they
    /// count has rows.
    pub unrecorded_counters: u64,
    /// How many audit entries.
    pub audit_entries: u64,
    /// The first findings, up to [`FINDINGS_MAX`].
    pub findings: Vec<Discrepancy>,
    /// How many findings there are.
    pub findings_total: u64,
}

impl Verification {
    /// How many rows and counters were compared.
    pub(crate) const fn rows(&self) -> u64 {
        self.staff_members + self.bookings + self.allocations + self.charges + self.usage_counters
    }

    pub(crate) fn add_finding(&mut self, finding: Discrepancy) {
        self.findings_total += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }
}

/// The first findings on one line, and how many more there are.
pub(crate) fn summary(findings: &[Discrepancy]) -> String {
    let first: Vec<String> = findings.iter().take(3).map(|finding| finding.to_string().replace('\n', " ")).collect();
    let rest = findings.len() - first.len();
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    format!("{}{more}", first.join("; "))
}
