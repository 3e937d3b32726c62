//! Loads the file of the plans again when the process receives SIGHUP.

use std::io;

use actix_web::rt::signal::unix::{self, SignalKind};
use actix_web::web::Data;
use domain::ports::{ReadTx, Store};

use crate::AppState;
use crate::plans::{self, PlansInUseError, ReloadError};

/// Checks that the catalogue in force has every plan that accounts are on.
///
/// # Errors
/// [`PlansInUseError`].
pub(super) async fn check_at_start(state: &AppState) -> Result<(), PlansInUseError> {
    let catalog = state.catalog.get();
    state.store.read(move |tx: &mut dyn ReadTx| plans::check_in_use(tx, &catalog)).await
}

/// From now on, loads the plans again at each SIGHUP, which would end the process otherwise.
///
/// # Errors
/// If the signal cannot be handled.
pub(super) fn on_hangup(state: Data<AppState>) -> io::Result<()> {
    let mut hangup = unix::signal(SignalKind::hangup())?;
    actix_web::rt::spawn(async move {
        while hangup.recv().await.is_some() {
            match reload(&state).await {
                Ok(()) => log::info!("SIGHUP: the plans are loaded again"),
                Err(ReloadError::NoFile) => log::info!("SIGHUP has no effect: HEADROOM_PLANS is not set"),
                Err(error) => log::error!("SIGHUP: the plans stay as they are: {error}"),
            }
        }
    });
    Ok(())
}

async fn reload(state: &AppState) -> Result<(), ReloadError> {
    let catalog = state.plans.read_again().await?;
    let checked = catalog.clone();
    state.store.read(move |tx: &mut dyn ReadTx| plans::check_in_use(tx, &checked)).await?;
    state.replace_catalog(catalog);
    Ok(())
}
