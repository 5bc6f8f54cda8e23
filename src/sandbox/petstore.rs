//! The sample API behind the gateway: a few pets, and an echo of everything else.
//!
//! Owns the petstore. Never gives a credential back whole: what the echo shows ends up in terminals and logs. Gives the
//! answer to a call that the gateway let through.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Environment;

/// The API's context: where it is below its gateway.
pub(super) const CONTEXT: &str = "/petstore/v1";

#[derive(Serialize)]
struct Pet {
    id: u32,
    name: &'static str,
    tag: &'static str,
}

const PETS: [Pet; 3] = [
    Pet { id: 1, name: "Kandula", tag: "elephant" },
    Pet { id: 2, name: "Mango", tag: "parrot" },
    Pet { id: 3, name: "Biscuit", tag: "dog" },
];

/// What the echo says: the call as the API saw it.
#[derive(Serialize)]
struct Echo<'a> {
    environment: &'static str,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    headers: BTreeMap<&'a str, Vec<String>>,
    body: String,
}

#[derive(Serialize)]
struct Missing {
    message: &'static str,
}

/// Answers a call.
pub(super) fn answer(environment: Environment, head: &Parts, body: &[u8]) -> Response {
    let path = path(environment, head.uri.path());
    let reads = matches!(head.method, Method::GET | Method::HEAD);
    match path.strip_prefix("/pets") {
        Some("") if reads => Json(PETS).into_response(),
        Some(rest) if reads && rest.starts_with('/') => pet(&rest[1..]),
        _ => Json(echo(environment, head, path, body)).into_response(),
    }
}

/// The path below the API's context, never empty.
fn path(environment: Environment, path: &str) -> &str {
    let below = path.strip_prefix('/').and_then(|path| path.strip_prefix(environment.name()));
    below.and_then(|path| path.strip_prefix(CONTEXT)).filter(|path| !path.is_empty()).unwrap_or("/")
}

fn pet(id: &str) -> Response {
    match id.parse().ok().and_then(|id: u32| PETS.into_iter().find(|pet| pet.id == id)) {
        Some(pet) => Json(pet).into_response(),
        None => (StatusCode::NOT_FOUND, Json(Missing { message: "there is no such pet" })).into_response(),
    }
}

fn echo<'a>(environment: Environment, head: &'a Parts, path: &'a str, body: &[u8]) -> Echo<'a> {
    Echo {
        environment: environment.name(),
        method: head.method.as_str(),
        path,
        query: head.uri.query(),
        headers: head.headers.keys().map(|name| (name.as_str(), values(&head.headers, name.as_str()))).collect(),
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

/// The headers that hold credentials.
const PRIVATE: [&str; 4] = ["authorization", "choreo-api-key", "cookie", "proxy-authorization"];

fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let shown = |value: &[u8]| {
        let text = String::from_utf8_lossy(value);
        if PRIVATE.contains(&name) { shortened(&text) } else { text.into_owned() }
    };
    headers.get_all(name).iter().map(|value| shown(value.as_bytes())).collect()
}

/// The scheme and four characters: enough to see which credential came, of no use to anybody else.
fn shortened(value: &str) -> String {
    let (scheme, secret) = value.rsplit_once(' ').unwrap_or(("", value));
    let begin: String = secret.chars().take(4).collect();
    format!("{scheme} {begin}…").trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_shortened() {
        assert_eq!(shortened("Bearer eyJhbGciOi"), "Bearer eyJh…");
        assert_eq!(shortened("0123456789"), "0123…");
        assert_eq!(shortened(""), "…");
    }

    #[test]
    fn the_api_sees_the_path_below_its_context() {
        for (sent, seen) in [
            ("/dev/petstore/v1", "/"),
            ("/dev/petstore/v1/", "/"),
            ("/dev/petstore/v1/pets/1", "/pets/1"),
            ("/dev/petstore/v1//a%2Fb", "//a%2Fb"),
        ] {
            assert_eq!(path(Environment::Dev, sent), seen);
        }
    }
}
