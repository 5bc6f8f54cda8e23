//! JSON: one object on one line, all values strings, the expiry too.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Variable;
use crate::render::draft::Draft;
use crate::render::quote;

pub(super) fn export(set: &[Variable]) -> Zeroizing<String> {
    let mut object = Object::new();
    for variable in set {
        object.text(&variable.name, variable.value.expose_secret());
    }
    object.line()
}

/// A flat object in the making. Not `serde_json`, whose buffers are not wiped.
pub(in crate::render) struct Object {
    out: Draft,
    separator: &'static str,
}

impl Object {
    pub(in crate::render) fn new() -> Self {
        Self { out: Draft::new(), separator: "{" }
    }

    pub(in crate::render) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        quote::json(&mut self.out, value);
    }

    pub(in crate::render) fn null(&mut self, name: &str) {
        self.name(name);
        self.out.push("null");
    }

    /// A number, or null where it is not known.
    pub(in crate::render) fn number(&mut self, name: &str, value: Option<impl ToString>) {
        self.name(name);
        self.out.push(&value.map_or_else(|| "null".into(), |value| value.to_string()));
    }

    /// An object inside, in its finished form.
    pub(in crate::render) fn object(&mut self, name: &str, inner: Self) {
        self.name(name);
        self.out.push(&inner.finish());
    }

    /// A list of texts.
    pub(in crate::render) fn array(&mut self, name: &str, values: &[&str]) {
        self.name(name);
        let mut separator = "[";
        for value in values {
            self.out.push(separator);
            quote::json(&mut self.out, value);
            separator = ",";
        }
        self.out.push(if separator == "[" { "[]" } else { "]" });
    }

    /// The finished object.
    pub(in crate::render) fn finish(mut self) -> Zeroizing<String> {
        self.out.push(if self.separator == "{" { "{}" } else { "}" });
        self.out.finish()
    }

    /// The finished object, as a line.
    pub(in crate::render) fn line(mut self) -> Zeroizing<String> {
        self.out.push(if self.separator == "{" { "{}\n" } else { "}\n" });
        self.out.finish()
    }

    fn name(&mut self, name: &str) {
        self.out.push(self.separator);
        quote::json(&mut self.out, name);
        self.out.push(":");
        self.separator = ",";
    }
}
