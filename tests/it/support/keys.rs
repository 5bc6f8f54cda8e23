//! Keys and certificates as people have them: made by OpenSSL, whose files are what the program has to read.

use std::path::PathBuf;

use super::command::Run;
use super::tools;
use super::world::World;

/// OpenSSL and Node, at work in a world.
pub(crate) struct Keys<'a> {
    world: &'a World,
    openssl: PathBuf,
    node: PathBuf,
}

impl<'a> Keys<'a> {
    /// Finds the tools, or says that the test is skipped.
    #[track_caller]
    pub(crate) fn new(world: &'a World) -> Option<Self> {
        Some(Self { world, openssl: tools::find("openssl")?, node: tools::find("node")? })
    }

    /// Makes a private key of a kind (`RSA`, `EC`, `ED25519`) as PKCS#8, and gives its path and its public half.
    #[track_caller]
    pub(crate) fn make(&self, name: &str, kind: &str) -> (String, String) {
        let path = self.private(name);
        let options: &[&str] = match kind {
            "EC" => &["-pkeyopt", "ec_paramgen_curve:P-256"],
            "P-384" => &["-pkeyopt", "ec_paramgen_curve:P-384"],
            "RSA-1024" => &["-pkeyopt", "rsa_keygen_bits:1024"],
            _ => &[],
        };
        let algorithm = match kind {
            "P-384" => "EC",
            "RSA-1024" => "RSA",
            kind => kind,
        };
        self.openssl([&["genpkey", "-algorithm", algorithm, "-out", &path], options].concat());
        let public = self.openssl(["pkey", "-in", &path, "-pubout"]).stdout;
        (path, public)
    }

    /// Writes a key in another form: OpenSSL's arguments behind `-in` and `-out`. Gives the new file's path.
    #[track_caller]
    pub(crate) fn convert(&self, from: &str, name: &str, arguments: &[&str]) -> String {
        let to = self.private(name);
        self.openssl([arguments, &["-in", from, "-out", &to]].concat());
        to
    }

    /// The key as a JWK, with further members.
    #[track_caller]
    pub(crate) fn jwk(&self, from: &str, more: &str) -> String {
        let program = format!(
            "const key = require('crypto').createPrivateKey(require('fs').readFileSync({from:?}));
             console.log(JSON.stringify({{ ...key.export({{ format: 'jwk' }}), {more} }}))"
        );
        let run = self.world.command(&self.node).args(["-e", &program]).run();
        assert_eq!(run.status, Some(0), "{run}");
        run.stdout
    }

    /// A certificate for a key and a common name, signed by the key itself, for so many days. Gives its path.
    #[track_caller]
    pub(crate) fn certificate(&self, key: &str, name: &str, days: &str) -> String {
        let path = self.private(&format!("{name}.crt"));
        let subject = format!("/CN={name}");
        self.openssl(["req", "-x509", "-new", "-key", key, "-subj", &subject, "-days", days, "-out", &path]);
        path
    }

    /// A certificate for a key and a common name, signed by an authority. Gives its path.
    #[track_caller]
    pub(crate) fn signed(&self, key: &str, name: &str, authority: (&str, &str), days: &str) -> String {
        let (request, path) = (self.private(&format!("{name}.csr")), self.private(&format!("{name}.crt")));
        let subject = format!("/CN={name}");
        self.openssl(["req", "-new", "-key", key, "-subj", &subject, "-out", &request]);
        let (certificate, signer) = authority;
        // Without an extension, it would be a certificate of version 1.
        let extension = self.private("extension");
        std::fs::write(&extension, "extendedKeyUsage = clientAuth").unwrap();
        let by = ["-CA", certificate, "-CAkey", signer, "-CAcreateserial", "-days", days, "-extfile", &extension];
        self.openssl([&["x509", "-req", "-in", &request, "-out", &path], &by[..]].concat());
        path
    }

    #[track_caller]
    pub(crate) fn openssl<'b>(&self, arguments: impl AsRef<[&'b str]>) -> Run {
        let run = self.world.command(&self.openssl).args(arguments.as_ref()).run();
        assert_eq!(run.status, Some(0), "{run}");
        run
    }

    /// A file that only its owner can read, there before OpenSSL writes into it.
    fn private(&self, name: &str) -> String {
        self.world.write(&format!("work/{name}"), "").to_str().unwrap().to_owned()
    }
}
