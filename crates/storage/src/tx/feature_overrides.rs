//! Overrides of features.

use domain::error::StorageError;
use domain::ports::{FeatureOverrides, ReadFeatureOverrides};
use domain::{AccountId, Feature, FeatureOverride};

use super::SqlTx;
use crate::tables::{self, FEATURE_OVERRIDES, sql};

impl ReadFeatureOverrides for SqlTx<'_> {
    fn list_feature_overrides(&mut self, account: AccountId) -> Result<Vec<FeatureOverride>, StorageError> {
        let sql = sql!(
            "SELECT {} FROM feature_overrides WHERE account_id = $1 ORDER BY feature",
            FEATURE_OVERRIDES.column_list()
        );
        self.list(sql, &[account.uuid().into()], tables::feature_override)
    }
}

impl FeatureOverrides for SqlTx<'_> {
    fn put_feature_override(&mut self, account: AccountId, given: &FeatureOverride) -> Result<(), StorageError> {
        self.upsert(&FEATURE_OVERRIDES, &tables::feature_override_values(account, given))
    }

    fn delete_feature_override(&mut self, account: AccountId, feature: &Feature) -> Result<(), StorageError> {
        let sql = sql!("DELETE FROM feature_overrides WHERE account_id = $1 AND feature = $2");
        self.execute(sql, &[account.uuid().into(), feature.as_str().into()]).map(drop)
    }
}
