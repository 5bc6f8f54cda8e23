//! Azure Pipelines: logging commands for the later steps of the job. A secret one is not in their environment by
//! itself: a step maps it, `env: { CHOREO_ACCESS_TOKEN: $(CHOREO_ACCESS_TOKEN) }`.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Variable;
use crate::render::draft::Draft;
use crate::render::quote;

pub(super) fn export(set: &[Variable]) -> Zeroizing<String> {
    let mut out = Draft::new();
    for variable in set {
        let secret = if variable.sensitive { ";issecret=true" } else { "" };
        out.push_all(&["##vso[task.setvariable variable=", &variable.name, secret, "]"]);
        quote::azure_command(&mut out, variable.value.expose_secret());
        out.push("\n");
    }
    out.finish()
}
