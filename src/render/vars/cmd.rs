//! cmd: `for /f "delims=" %i in ('choreo-env dev --shell cmd') do @%i`, or a temporary batch file.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Variable;
use crate::render::RenderError;
use crate::render::draft::Draft;
use crate::render::quote;

/// The longest line that cmd reads; it cuts the rest off without a word.
const LONGEST_LINE: usize = 8191;

pub(super) fn export(set: &[Variable], unset: &[&str]) -> Result<Zeroizing<String>, RenderError> {
    let mut out = Draft::new();
    remove(&mut out, unset);
    for variable in set {
        let value = variable.value.expose_secret();
        let refused = |problem| RenderError::NotExpressible { name: variable.name.clone(), format: "cmd", problem };
        if variable.name.len() + value.len() + "set \"=\"".len() > LONGEST_LINE {
            return Err(refused("more than a line"));
        }
        out.push_all(&["set \"", &variable.name, "="]);
        quote::cmd(&mut out, value).map_err(refused)?;
        out.push("\"\r\n");
    }
    Ok(out.finish())
}

/// Not `exit /b 1`: typed outside a batch file it closes the window.
pub(super) fn failure(names: &[&str]) -> String {
    let mut out = Draft::new();
    remove(&mut out, names);
    out.push("cmd /c exit 1\r\n");
    out.finish().to_string()
}

fn remove(out: &mut Draft, names: &[&str]) {
    for name in names {
        out.push_all(&["set \"", name, "=\"\r\n"]);
    }
}
