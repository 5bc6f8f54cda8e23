//! dotenv: what the loaders of `.env` files read, and `docker run --env-file` where the values need no quotes.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Variable;
use crate::render::RenderError;
use crate::render::draft::Draft;
use crate::render::quote;

pub(super) fn export(set: &[Variable]) -> Result<Zeroizing<String>, RenderError> {
    let mut out = Draft::new();
    for variable in set {
        out.push_all(&[&variable.name, "="]);
        quote::dotenv(&mut out, variable.value.expose_secret()).map_err(|problem| RenderError::NotExpressible {
            name: variable.name.clone(),
            format: "dotenv",
            problem,
        })?;
        out.push("\n");
    }
    Ok(out.finish())
}
