//! The pages of `man/`, each in the program.
//!
//! Owns the list, which is generated: `CHOREO_ENV_UPDATE=1 cargo test manual` writes it anew. Never edited by hand.

use super::Page;

macro_rules! page {
    ($file:literal) => {
        Page { file: $file, roff: include_str!(concat!("../../man/", $file)) }
    };
}

pub(super) const PAGES: &[Page] = &[
    page!("cargo-choreo-env.1"),
    page!("choreo-env-add.1"),
    page!("choreo-env-completions.1"),
    page!("choreo-env-curl.1"),
    page!("choreo-env-demo.1"),
    page!("choreo-env-doctor.1"),
    page!("choreo-env-edit.1"),
    page!("choreo-env-env.1"),
    page!("choreo-env-exec.1"),
    page!("choreo-env-forget.1"),
    page!("choreo-env-import.1"),
    page!("choreo-env-init.1"),
    page!("choreo-env-list.1"),
    page!("choreo-env-man.1"),
    page!("choreo-env-off.1"),
    page!("choreo-env-remove.1"),
    page!("choreo-env-sandbox.1"),
    page!("choreo-env-secret-check.1"),
    page!("choreo-env-secret-remove.1"),
    page!("choreo-env-secret-set.1"),
    page!("choreo-env-secret.1"),
    page!("choreo-env-show.1"),
    page!("choreo-env-status.1"),
    page!("choreo-env-token.1"),
    page!("choreo-env-trust.1"),
    page!("choreo-env-use.1"),
    page!("choreo-env.1"),
    page!("choreo-env.5"),
];
