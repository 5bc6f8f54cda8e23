//! Kubernetes: the `ExecCredential` that a client's credential plugin prints (client.authentication.k8s.io).

use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::json::Object;

/// The version that clients speak where they do not say.
const CURRENT: &str = "client.authentication.k8s.io/v1";
/// The version before, of which the answer differs in nothing but its name.
const BETA: &str = "client.authentication.k8s.io/v1beta1";
/// The last second that RFC 3339 can write: the end of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// The part of `KUBERNETES_EXEC_INFO` that matters here.
#[derive(Deserialize)]
struct ExecInfo {
    #[serde(rename = "apiVersion")]
    api_version: String,
}

/// Writes a token as a Kubernetes client wants it: with its expiry (Unix seconds) where that is known, and in the
/// version that `exec_info`, the value of `KUBERNETES_EXEC_INFO`, asks for. An `exec_info` that says nothing is
/// passed over: older clients send none.
#[must_use]
pub fn exec_credential(token: &SecretString, expires_at: Option<u64>, exec_info: Option<&str>) -> Zeroizing<String> {
    let asked = exec_info.and_then(|info| serde_json::from_str::<ExecInfo>(info).ok());
    let beta = asked.is_some_and(|info| info.api_version == BETA);
    let mut status = Object::new();
    if let Some(at) = expires_at.and_then(timestamp) {
        status.text("expirationTimestamp", &at);
    }
    status.text("token", token.expose_secret());
    let mut credential = Object::new();
    credential.text("apiVersion", if beta { BETA } else { CURRENT });
    credential.text("kind", "ExecCredential");
    credential.object("status", status);
    credential.line()
}

/// RFC 3339, in UTC; nothing for a time that it cannot write.
fn timestamp(seconds: u64) -> Option<String> {
    let at = Some(seconds).filter(|seconds| *seconds <= LAST_SECOND).map(Duration::from_secs)?;
    let at = SystemTime::UNIX_EPOCH.checked_add(at)?;
    Some(humantime::format_rfc3339_seconds(at).to_string())
}
