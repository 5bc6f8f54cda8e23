//! The gateway: nobody gets to the API without a token of the right environment.
//!
//! Owns the check of the bearer token (RFC 6750) and the answers of WSO2's gateway. Never lets a request through before
//! its token is checked, and reads no body before that. Gives the API's answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::keys::Unfit;
use super::{Environment, Site, petstore, site};

/// The longest body that the API takes, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Why a call is refused, with WSO2's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// 900901
    Invalid,
    /// 900902
    Missing,
    /// 900903
    Expired,
}

#[derive(Serialize)]
struct Answer {
    code: &'static str,
    message: &'static str,
    description: &'static str,
}

impl Refusal {
    fn answer(self) -> Answer {
        let (code, message, description) = match self {
            Self::Invalid => (
                "900901",
                "Invalid Credentials",
                "this sandbox did not issue the token for this environment; a new start has new keys",
            ),
            Self::Missing => ("900902", "Missing Credentials", "there is no `Authorization: Bearer` header"),
            Self::Expired => ("900903", "Access Token Expired", "the token is past its lifetime; get a new one"),
        };
        Answer { code, message, description }
    }

    /// RFC 6750 §3.1: no error code where the request had no token at all.
    fn challenge(self) -> &'static str {
        match self {
            Self::Missing => r#"Bearer realm="choreo-env sandbox""#,
            Self::Invalid => r#"Bearer realm="choreo-env sandbox", error="invalid_token""#,
            Self::Expired => {
                r#"Bearer realm="choreo-env sandbox", error="invalid_token", error_description="the token expired""#
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static(self.challenge()))];
        (StatusCode::UNAUTHORIZED, challenge, Json(self.answer())).into_response()
    }
}

/// Answers a call of the API in an environment.
pub(super) async fn call(site: Arc<Site>, environment: Environment, request: Request) -> Response {
    if let Err(refusal) = admit(&site, environment, request.headers(), site::now()) {
        return refusal.into_response();
    }
    let (head, body) = request.into_parts();
    match axum::body::to_bytes(body, LONGEST).await {
        Ok(body) => petstore::answer(environment, &head, &body),
        Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long or incomplete\n").into_response(),
    }
}

fn admit(site: &Site, environment: Environment, headers: &HeaderMap, now: u64) -> Result<(), Refusal> {
    let token = bearer(headers)?;
    match site.keys().check(token, &site.issuer(), &site.gateway_url(environment), now) {
        Ok(_) => Ok(()),
        Err(Unfit::Invalid) => Err(Refusal::Invalid),
        Err(Unfit::Expired) => Err(Refusal::Expired),
    }
}

/// The token of the one `Authorization` header; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Refusal::Invalid)?,
        (Some(_), Some(_)) => return Err(Refusal::Invalid),
        (None, _) => return Err(Refusal::Missing),
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(Refusal::Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::super::keys::Claims;
    use super::*;

    fn site() -> Site {
        Site::new(4711, Options::default()).expect("a site")
    }

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (header::AUTHORIZATION, HeaderValue::from_str(value).expect("valid"))).collect()
    }

    fn token(site: &Site, environment: Environment) -> String {
        let text = || String::from("x");
        let (iss, aud) = (site.issuer(), site.gateway_url(environment));
        let claims = Claims {
            iss,
            aud,
            sub: text(),
            client_id: text(),
            azp: text(),
            jti: text(),
            iat: 10,
            nbf: 10,
            exp: 20,
            scope: None,
        };
        site.keys().sign(&claims).expect("signed")
    }

    #[test]
    fn a_good_token_is_let_in_until_it_expires() {
        let site = site();
        let token = token(&site, Environment::Dev);
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let headers = headers(&[&format!("{scheme} {token}")]);
            assert_eq!(admit(&site, Environment::Dev, &headers, 19), Ok(()));
            assert_eq!(admit(&site, Environment::Dev, &headers, 20), Err(Refusal::Expired));
        }
    }

    #[test]
    fn a_token_of_the_other_environment_is_refused() {
        let site = site();
        let headers = headers(&[&format!("Bearer {}", token(&site, Environment::Dev))]);
        assert_eq!(admit(&site, Environment::Prod, &headers, 15), Err(Refusal::Invalid));
    }

    #[test]
    fn a_call_without_a_bearer_token_has_none() {
        let site = site();
        for values in [&[][..], &[""], &["Bearer"], &["Basic abc"], &["BearerX abc"]] {
            assert_eq!(admit(&site, Environment::Dev, &headers(values), 15), Err(Refusal::Missing), "{values:?}");
        }
    }

    #[test]
    fn what_is_no_token_of_ours_is_refused() {
        let site = site();
        let good = format!("Bearer {}", token(&site, Environment::Dev));
        let foreign = format!("Bearer {}", token(&self::site(), Environment::Dev));
        for values in [&["Bearer "][..], &["Bearer a.b.c"], &[&foreign], &[&good, &good], &["Bearer caf\u{e9}"]] {
            assert_eq!(admit(&site, Environment::Dev, &headers(values), 15), Err(Refusal::Invalid), "{values:?}");
        }
    }
}
