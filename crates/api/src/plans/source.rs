//! Where the catalogue is read from: at the start, and again while the server runs.

use std::path::PathBuf;

use actix_web::web;
use domain::PlanCatalog;
use domain::error::StorageError;
use thiserror::Error;

use super::file;
use super::in_use::PlansInUseError;

/// Where the catalogue is read from, and what it must have.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PlansSource {
    /// The file; `None` for the built-in catalogue.
    pub file: Option<PathBuf>,
    /// Whether a new account that names no plan is put on the default plan, which the catalogue
    /// must have.
    pub assigns_default_plan: bool,
}

/// Why the catalogue was not replaced.
#[derive(Debug, Error)]
pub(crate) enum ReloadError {
    /// The catalogue is the built-in one.
    #[error("HEADROOM_PLANS is not set: there is no file to load again")]
    NoFile,
    /// The file has faults.
    #[error("{}", .0.join("\n"))]
    Faulty(Vec<String>),
    /// The catalogue lacks plans that accounts are on.
    #[error(transparent)]
    InUse(#[from] PlansInUseError),
    /// The file could not be read now.
    #[error("the server is about to stop")]
    Stopping,
}

impl From<StorageError> for ReloadError {
    fn from(error: StorageError) -> Self {
        Self::InUse(error.into())
    }
}

impl PlansSource {
    /// The catalogue.
    ///
    /// # Errors
    /// All faults of the file.
    pub(crate) fn read(&self) -> Result<PlanCatalog, Vec<String>> {
        let catalog = self.file.as_deref().map_or_else(|| Ok(PlanCatalog::builtin()), file::read)?;
        if self.assigns_default_plan && catalog.default_plan().is_none() {
            let file = self.file.as_deref().map_or("the built-in catalogue".into(), |file| file.display().to_string());
            return Err(vec![format!("{file}: no plan has default = true, and HEADROOM_ASSIGN_DEFAULT_PLAN is on")]);
        }
        Ok(catalog)
    }

    /// Reads the file again, on a thread that may block.
    ///
    /// # Errors
    /// [`ReloadError`]. Whether its plans are in use is checked later, in the database.
    pub(crate) async fn read_again(&self) -> Result<PlanCatalog, ReloadError> {
        if self.file.is_none() {
            return Err(ReloadError::NoFile);
        }
        let source = self.clone();
        let read = web::block(move || source.read()).await.map_err(|_| ReloadError::Stopping)?;
        read.map_err(ReloadError::Faulty)
    }
}
