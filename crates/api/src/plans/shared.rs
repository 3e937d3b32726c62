//! The catalogue in force. It can be replaced while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

use domain::PlanCatalog;

/// The catalogue that all requests share. Each takes it once, and decides by that one. Clones share
/// it, too.
#[derive(Clone, Debug)]
pub struct SharedCatalog(Arc<RwLock<Arc<PlanCatalog>>>);

impl SharedCatalog {
    /// The catalogue in force.
    #[must_use]
    pub fn get(&self) -> Arc<PlanCatalog> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another catalogue in force, for the requests that begin from now on.
    pub fn set(&self, catalog: PlanCatalog) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalog);
    }
}

impl From<PlanCatalog> for SharedCatalog {
    fn from(catalog: PlanCatalog) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(catalog))))
    }
}
