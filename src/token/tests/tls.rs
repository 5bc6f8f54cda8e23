//! Certificates: which are trusted, and what is said about the others.

use std::fs;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        Self::named("test authority")
    }

    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("valid");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signed"))
    }

    /// A server with a certificate for `localhost`, changed as the test wants it.
    fn server(&self, change: impl FnOnce(&mut CertificateParams)) -> Server {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("valid");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("signed");
        serve(certificate.der().clone(), &key)
    }

    fn pem(&self, world: &World) -> PathBuf {
        let path = world.folder.path().join("ca.pem");
        fs::write(&path, self.0.pem()).expect("written");
        path
    }
}

fn serve(certificate: rustls::pki_types::CertificateDer<'static>, key: &KeyPair) -> Server {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate");
    let config = Arc::new(config);
    Server::start_sealed(
        move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            Box::new(StreamOwned::new(connection, stream))
        },
        |_, _, stream| reply(stream, "200 OK", "", GRANTED),
    )
}

fn secure(server: &Server) -> Profile {
    profile(&format!("https://localhost:{}/token", server.port()))
}

fn told(world: &mut World, profile: &Profile) -> String {
    let error = world.obtain(profile).expect_err("not trusted");
    assert_eq!(error.exit(), Exit::Network);
    format!("{error}; {}", error.hint().unwrap_or_default())
}

#[test]
fn a_private_authority_is_trusted_where_ca_file_names_it() {
    let (authority, mut world) = (Authority::new(), World::new());
    let server = authority.server(|_| {});
    let mut profile = secure(&server);
    profile.ca_file = Some(authority.pem(&world));
    assert_eq!(value(&world.obtain(&profile).expect("a token")), "tok-1");
    assert_eq!(world.warnings(), [""; 0]);
}

#[test]
fn an_unknown_issuer_is_told_once_with_what_to_do() {
    let (authority, mut world) = (Authority::new(), World::new());
    let server = authority.server(|_| {});
    let mut profile = secure(&server);
    profile.ca_file = Some(Authority::new().pem(&world));
    let told = told(&mut world, &profile);
    assert!(told.contains("unknown issuer") && told.contains("`ca_file`"), "{told}");
    assert!(!told.contains("times"), "{told}");
    assert_eq!(server.count(), 0);
}

#[test]
fn a_certificate_that_signed_itself_is_from_an_unknown_issuer() {
    for authority in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let mut world = World::new();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("valid");
        params.is_ca = authority;
        let key = KeyPair::generate().expect("a key");
        let server = serve(params.self_signed(&key).expect("signed").der().clone(), &key);
        let mut profile = secure(&server);
        profile.ca_file = Some(Authority::new().pem(&world));
        let told = told(&mut world, &profile);
        assert!(told.contains("unknown issuer"), "{told}");
    }
}

#[test]
fn an_expired_certificate_and_one_for_another_host_are_told_apart() {
    let (authority, mut world) = (Authority::new(), World::new());
    let expired = authority.server(|params| params.not_after = rcgen::date_time_ymd(2001, 1, 1));
    let other = authority.server(|params| {
        *params = CertificateParams::new(vec!["other.example".to_owned()]).expect("valid");
    });
    for (server, words) in [(&expired, "has expired"), (&other, "another host name")] {
        let mut profile = secure(server);
        profile.ca_file = Some(authority.pem(&world));
        let told = told(&mut world, &profile);
        assert!(told.contains(words), "{told}");
        assert_eq!(server.count(), 0);
    }
}

#[test]
fn insecure_takes_any_certificate_and_warns_each_time_it_is_used() {
    let (authority, mut world) = (Authority::new(), World::new());
    let server = authority.server(|_| {});
    let mut profile = secure(&server);
    profile.insecure = true;
    let warned = |world: &World| world.warnings().iter().filter(|w| w.contains("not checked")).count();
    assert!(world.obtain(&profile).is_ok());
    assert_eq!(warned(&world), 1);
    assert!(world.obtain(&profile).is_ok());
    assert_eq!(warned(&world), 1, "from the cache");
    assert!(world.obtain_wanted(&profile, &Wanted { fresh: true, ..Wanted::default() }).is_ok());
    assert_eq!(warned(&world), server.count());
}

/// A server that takes certificates of that authority only, and says in the handshake what is wrong with another.
fn strict(authority: &Authority, clients: &Authority) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(clients.0.der().clone()).expect("a certificate");
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let verifier = verifier.build().expect("a verifier");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("valid");
    let certificate = params.signed_by(&key, &authority.0).expect("signed");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate");
    let config = Arc::new(config);
    Server::start_sealed(
        move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            Box::new(StreamOwned::new(connection, stream))
        },
        |_, _, stream| reply(stream, "200 OK", "", GRANTED),
    )
}

#[test]
fn a_certificate_that_the_server_does_not_take_is_told_with_what_it_says_and_whose_it_is() {
    let (authority, others, mut world) = (Authority::new(), Authority::named("another"), World::new());
    let server = strict(&authority, &authority);
    let file = |name: &str, signer: &Authority, year: i32| {
        let mut params = CertificateParams::new(Vec::new()).expect("valid");
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        params.extended_key_usages.push(rcgen::ExtendedKeyUsagePurpose::ClientAuth);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &signer.0).expect("signed");
        (name.to_owned(), certificate.pem() + &key.serialize_pem())
    };
    for ((name, pem), words) in [
        (file("good", &authority, 2100), None),
        (file("late", &authority, 2001), Some("it has expired")),
        (file("stranger", &others, 2100), Some("from an authority that the server does not trust")),
    ] {
        let path = world.folder.path().join(&name);
        crate::store::create_private(&path, pem.as_bytes()).expect("written");
        let mut profile = secure(&server);
        profile.name = ProfileName::parse(&name).expect("a name");
        profile.consumer_key.value.clone_from(&name);
        profile.ca_file = Some(authority.pem(&world));
        profile.client_auth.value = ClientAuth::Tls;
        profile.client_certificate = Some(Sourced::new(path, Origin::BuiltIn));
        let Some(words) = words else {
            assert_eq!(value(&world.obtain(&profile).expect("a token")), "tok-1");
            continue;
        };
        let error = world.obtain(&profile).expect_err("refused");
        let told = format!("{error}; {}", error.hint().unwrap_or_default());
        assert!(told.contains(words) && told.contains(&format!("CN={name}")) && !told.contains("times"), "{told}");
    }
}

#[test]
fn a_server_that_wants_a_certificate_and_gets_none_is_told_as_one() {
    let (authority, mut world) = (Authority::new(), World::new());
    let server = strict(&authority, &authority);
    let mut profile = secure(&server);
    profile.ca_file = Some(authority.pem(&world));
    let told = told(&mut world, &profile);
    assert!(told.contains("it wants one, and there was none") && told.contains("`client_certificate`"), "{told}");
}

#[test]
fn a_port_that_does_not_speak_tls_is_told() {
    let server = Server::start(|_, _, _| {});
    let mut world = World::new();
    let mut profile = secure(&server);
    profile.insecure = true;
    profile.timeout = Duration::from_secs(1);
    let error = world.obtain(&profile).expect_err("no TLS");
    assert_eq!(error.exit(), Exit::Network);
}

#[test]
fn a_ca_file_without_a_certificate_is_a_mistake_of_the_configuration() {
    let mut world = World::new();
    let path = world.folder.path().join("ca.pem");
    let mut profile = profile("https://localhost:1/token");
    profile.ca_file = Some(path.clone());
    for content in [None, Some("no certificate"), Some("")] {
        if let Some(content) = content {
            fs::write(&path, content).expect("written");
        }
        let error = world.obtain(&profile).expect_err("no certificate");
        assert_eq!(error.exit(), Exit::Config);
        assert!(error.to_string().contains("ca.pem") && error.hint().is_some(), "{error}");
    }
}
