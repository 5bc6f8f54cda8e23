//! The token endpoint and its metadata.
//!
//! Owns the client credentials grant (RFC 6749 §4.4), discovery (RFC 8414) and the key set. Never issues a refresh token
//! (RFC 6749 §4.4.3) and keeps no list of what it issued: a token is good while its signature and its time are. Gives
//! answers; the routes are the server's.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::form::Fields;
use super::keys::Claims;
use super::refusal::Refusal;
use super::{Site, random, site};

/// The one grant that is offered.
const GRANT: &str = "client_credentials";

/// A token answer (RFC 6749 §5.1).
#[derive(Serialize)]
struct Granted {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// Answers a token request.
pub(super) fn token(site: &Site, headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    site.count_token_request();
    let body = body.map_err(|rejection| Refusal::Body(rejection.status()));
    let granted = body.and_then(|body| grant(site, headers, &body, site::now()));
    let mut response = granted.map_or_else(Refusal::into_response, |granted| Json(granted).into_response());
    // RFC 6749 §5.1
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn grant(site: &Site, headers: &HeaderMap, body: &[u8], now: u64) -> Result<Granted, Refusal> {
    if !is_form(headers) {
        return Err(Refusal::Request("the content type is not application/x-www-form-urlencoded"));
    }
    let fields = Fields::parse(body)?;
    let environment = site.clients().authenticate(headers, &fields)?;
    match fields.get("grant_type") {
        Some(GRANT) => {}
        Some(_) => return Err(Refusal::Grant),
        None => return Err(Refusal::Request("grant_type is missing")),
    }
    let scope = fields.get("scope").map(scopes).transpose()?;
    let client = &site.credentials(environment).consumer_key;
    let claims = Claims {
        iss: site.issuer(),
        sub: client.clone(),
        aud: site.gateway_url(environment),
        client_id: client.clone(),
        azp: client.clone(),
        iat: now,
        nbf: now,
        exp: now + site.lifetime(),
        jti: random::text(22).map_err(|_| Refusal::Server)?,
        scope: scope.clone(),
    };
    let access_token = site.keys().sign(&claims).map_err(|_| Refusal::Server)?;
    Ok(Granted { access_token, token_type: "Bearer", expires_in: site.lifetime(), scope })
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Grants every well-formed scope (RFC 6749 §3.3), each once, in the order in which they were asked for.
fn scopes(asked: &str) -> Result<String, Refusal> {
    let mut granted = Vec::new();
    for scope in asked.split(' ') {
        if scope.is_empty() || !scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
            return Err(Refusal::Scope);
        }
        if !granted.contains(&scope) {
            granted.push(scope);
        }
    }
    Ok(granted.join(" "))
}

/// The metadata of RFC 8414 §2, served at both well-known places. What is not here is not offered.
#[derive(Serialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 2],
}

/// Says what this issuer can do.
pub(super) fn metadata(site: &Site) -> Response {
    let metadata = Metadata {
        issuer: site.issuer(),
        token_endpoint: site.token_url(),
        jwks_uri: site.jwks_url(),
        response_types_supported: [], // required, and there is no authorization endpoint
        grant_types_supported: [GRANT],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    };
    Json(metadata).into_response()
}

/// The keys that tokens can be checked with.
pub(super) fn jwks(site: &Site) -> Response {
    Json(site.keys().public()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_come_back_as_asked_each_once() {
        assert_eq!(scopes("read write read").as_deref(), Ok("read write"));
        assert_eq!(
            scopes("device_1 urn:x/y#z api://app/.default").as_deref(),
            Ok("device_1 urn:x/y#z api://app/.default")
        );
    }

    #[test]
    fn malformed_scopes_are_refused() {
        for bad in ["", " ", "a  b", " a", "a ", "a\"b", "a\\b", "a\tb", "é", "a\u{7f}"] {
            assert_eq!(scopes(bad), Err(Refusal::Scope), "{bad:?}");
        }
    }

    #[test]
    fn the_content_type_may_have_parameters() {
        let is = |value| is_form(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]));
        assert!(is("application/x-www-form-urlencoded") && is("Application/X-WWW-Form-Urlencoded; charset=UTF-8"));
        assert!(!is("application/json") && !is("") && !is_form(&HeaderMap::new()));
    }
}
