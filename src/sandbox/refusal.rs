//! What the token endpoint refuses, in the words of RFC 6749 §5.2.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A token request that was refused. The texts are fixed: nothing that a client sent comes back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request is malformed; says in what way.
    Request(&'static str),
    /// The body is too long, or did not arrive.
    Body(StatusCode),
    /// The client did not prove who it is; says in what way.
    Client(&'static str),
    /// The grant type is not one that is offered here.
    Grant,
    /// The scope is malformed.
    Scope,
    /// The token could not be made.
    Server,
}

#[derive(Serialize)]
struct Answer {
    error: &'static str,
    error_description: &'static str,
}

impl Refusal {
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match *self {
            Self::Request(why) => (StatusCode::BAD_REQUEST, "invalid_request", why),
            Self::Body(status) => (status, "invalid_request", "the body is too long or incomplete"),
            Self::Client(why) => (StatusCode::UNAUTHORIZED, "invalid_client", why),
            Self::Grant => (StatusCode::BAD_REQUEST, "unsupported_grant_type", "only client_credentials is offered"),
            Self::Scope => (StatusCode::BAD_REQUEST, "invalid_scope", "scopes are words with one blank between them"),
            Self::Server => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token could not be made"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, error_description) = self.parts();
        let mut response = (status, Json(Answer { error, error_description })).into_response();
        if status == StatusCode::UNAUTHORIZED {
            // With every 401 (RFC 9110 §15.5.2), also where the client did not try Basic.
            let challenge = HeaderValue::from_static(r#"Basic realm="choreo-env sandbox", charset="UTF-8""#);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
