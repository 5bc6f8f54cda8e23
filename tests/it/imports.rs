//! cURL commands as people have them, imported and used: each gives a profile that gets a token from the sandbox.

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use choreo_env::sandbox::{Options, Sandbox};

use crate::support::command::fine;
use crate::support::world::{World, mode};

const KEY: &str = "dev_Key1";
/// As a secret may be: with what base64 has, and with what looks percent-encoded and is not.
const SECRET: &str = "s3cr+t/9=%25";

/// Commands in which `{URL}`, `{KEY}`, `{SECRET}`, `{FORM}` (the secret, form-encoded), `{BASIC}` (raw) and `{BASICFORM}`
/// are filled in; each with where it comes from.
const SPELLINGS: [(&str, &str); 38] = [
    (
        "the portal's template, filled in",
        r#"curl -k -X POST {URL} -d "grant_type=client_credentials" -H "Authorization: Basic {BASIC}""#,
    ),
    (
        "the portal's template, with its words left in",
        r#"curl -k -X POST {URL} -d "grant_type=client_credentials" -H "Authorization: Basic <base64encode({KEY}:{SECRET})>""#,
    ),
    (
        "Postman for POSIX shells",
        "curl --location --request POST '{URL}' \\\n--header 'Content-Type: application/x-www-form-urlencoded' \\\n\
         --header 'Authorization: Basic {BASIC}' \\\n--data-urlencode 'grant_type=client_credentials'",
    ),
    (
        "Postman, newer",
        "curl --location '{URL}' \\\n--header 'Authorization: Basic {BASIC}' \\\n--header 'Cookie: a=b' \\\n\
         --data-urlencode 'grant_type=client_credentials' \\\n--data-urlencode 'scope=read write'",
    ),
    (
        "Postman, credentials in the body",
        "curl --location '{URL}' \\\n--data-urlencode 'grant_type=client_credentials' \\\n\
         --data-urlencode 'client_id={KEY}' \\\n--data-urlencode 'client_secret={SECRET}'",
    ),
    (
        "Postman for Windows",
        "curl --location --request POST \"{URL}\" ^\r\n--header \"Authorization: Basic {BASIC}\" ^\r\n\
         --data-urlencode \"grant_type=client_credentials\"",
    ),
    (
        "a browser's, for cmd",
        "curl ^\"{URL}^\" ^\r\n  -H ^\"accept: */*^\" ^\r\n  -H ^\"authorization: Basic {BASIC}^\" ^\r\n  --data-raw ^\"grant_type=client_credentials^&scope=read^\"",
    ),
    ("cmd, on one line", r#"curl -s -u "{KEY}:{SECRET}" -d "grant_type=client_credentials" "{URL}" & echo done"#),
    (
        "a browser's, for POSIX shells",
        "curl '{URL}' \\\n  -H 'accept: */*' \\\n  -H 'authorization: Basic {BASIC}' \\\n  --data-raw $'grant_type=client_credentials' \\\n  --compressed",
    ),
    (
        "PowerShell with curl.exe",
        "curl.exe -X POST '{URL}' `\r\n  -H 'Authorization: Basic {BASIC}' `\r\n  -d 'grant_type=client_credentials'",
    ),
    (
        "PowerShell with double quotes and a prompt",
        "PS C:\\Users\\me> curl.exe --request POST \"{URL}\" `\n --user \"{KEY}:{SECRET}\" `\n --data \"grant_type=client_credentials\" | ConvertFrom-Json",
    ),
    (
        "out of a word processor",
        "curl \u{2013}X POST \u{201C}{URL}\u{201D} \u{2014}header \u{201C}Authorization: Basic {BASIC}\u{201D} \u{2013}d \u{2018}grant_type=client_credentials\u{2019}",
    ),
    (
        "with blanks that do not break",
        "curl\u{A0}-X\u{A0}POST {URL} -u '{KEY}:{SECRET}' -d\u{A0}grant_type=client_credentials",
    ),
    ("the shortest", "curl -u '{KEY}:{SECRET}' -d grant_type=client_credentials {URL}"),
    ("values joined to their options", "curl -sSfku'{KEY}:{SECRET}' -XPOST -dgrant_type=client_credentials {URL}"),
    (
        "one body, credentials in it",
        "curl -d 'grant_type=client_credentials&client_id={KEY}&client_secret={FORM}' {URL}",
    ),
    ("a body without quotes", "curl {URL} -d grant_type=client_credentials&client_id={KEY}&client_secret={FORM}"),
    (
        "several pieces of a body",
        "curl {URL} -d grant_type=client_credentials -d client_id={KEY} -d 'client_secret={FORM}'",
    ),
    ("the key in the body, too", "curl {URL} -u '{KEY}:{SECRET}' -d 'grant_type=client_credentials&client_id={KEY}'"),
    (
        "the standard's own encoding",
        "curl {URL} -H 'Authorization: Basic {BASICFORM}' -d grant_type=client_credentials",
    ),
    (
        "a header that a shell would compute",
        r#"curl -X POST {URL} -H "Authorization: Basic $(echo -n '{KEY}:{SECRET}' | base64)" -d grant_type=client_credentials"#,
    ),
    (
        "the same, with printf and no line breaks",
        r#"curl {URL} -H "Authorization: Basic `printf '%s' '{KEY}:{SECRET}' | base64 -w0`" -d grant_type=client_credentials"#,
    ),
    (
        "a shell's prompt and a filter",
        "$ curl -s -u '{KEY}:{SECRET}' -d grant_type=client_credentials {URL} | jq -r .access_token",
    ),
    (
        "in an assignment",
        "export TOKEN=$(curl -s -u '{KEY}:{SECRET}' -d grant_type=client_credentials '{URL}' | jq -r .access_token)\necho $TOKEN",
    ),
    (
        "in a script",
        "#!/bin/sh\n# gets a token\nset -e\ncurl --silent --show-error \\\n  --user '{KEY}:{SECRET}' \\  \n  --data grant_type=client_credentials \\\n  --output token.json \\\n  '{URL}' 2>/dev/null\n",
    ),
    (
        "the body as JSON",
        r#"curl {URL} --json '{"grant_type":"client_credentials","client_id":"{KEY}","client_secret":"{SECRET}"}'"#,
    ),
    (
        "the body as JSON, with a header",
        "curl --request POST --url {URL} --header 'content-type: application/json' \\\n  --data '{\"client_id\":\"{KEY}\",\"client_secret\":\"{SECRET}\",\"audience\":\"https://api\",\"grant_type\":\"client_credentials\"}'",
    ),
    ("a multipart body", "curl -F grant_type=client_credentials -F client_id={KEY} -F 'client_secret={SECRET}' {URL}"),
    ("fields in the address", "curl -X POST '{URL}?grant_type=client_credentials&scope=read' -u '{KEY}:{SECRET}'"),
    ("fields of a GET", "curl -G {URL} -u '{KEY}:{SECRET}' --data-urlencode grant_type=client_credentials"),
    ("a password in the address", "curl http://{KEY}:{PERCENT}@{HOST} -d grant_type=client_credentials"),
    (
        "the Insights API of Choreo",
        "curl -X POST {URL} -H 'Authorization: Basic {BASIC}' -d 'grant_type=client_credentials&orgHandle=acme&scope=apim:api_manage'",
    ),
    (
        "an Azure tenant's",
        "curl -X POST -H 'Content-Type: application/x-www-form-urlencoded' -d 'client_id={KEY}&scope=api%3A%2F%2Fapp%2F.default&client_secret={FORM}&grant_type=client_credentials' '{URL}'",
    ),
    (
        "a lower-case header without a blank",
        "curl {URL} -H 'authorization:basic {BASIC}' -d grant_type=client_credentials",
    ),
    ("base64 over two lines", "curl {URL} -H 'Authorization: Basic {BASICWRAPPED}' -d grant_type=client_credentials"),
    (
        "options that do not matter",
        "/usr/bin/curl -sSL --max-time 10 --retry 3 --http1.1 -A me -o /dev/null -w '%{http_code}' -u '{KEY}:{SECRET}' -d grant_type=client_credentials {URL}",
    ),
    (
        "a value that looks like a word of its own",
        "curl --connect-timeout 5 --resolve a:1:127.0.0.1 --cookie-jar jar -u '{KEY}:{SECRET}' --data-raw grant_type=client_credentials --url '{URL}'",
    ),
    ("an escaped secret", "curl {URL} -u {KEY}:s3cr+t/9\\=%25 -d grant_type=client_credentials"),
];

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn filled(spelling: &str, url: &str) -> String {
    let basic = BASE64_STANDARD.encode(format!("{KEY}:{SECRET}"));
    let wrapped = format!("{}\n  {}", &basic[..10], &basic[10..]);
    let form = BASE64_STANDARD.encode(format!("{KEY}:{}", encoded(SECRET)));
    let host = url.strip_prefix("http://").expect("an address");
    let values = [
        ("{URL}", url),
        ("{HOST}", host),
        ("{KEY}", KEY),
        ("{SECRET}", SECRET),
        ("{FORM}", &encoded(SECRET)),
        ("{PERCENT}", &encoded(SECRET)),
        ("{BASIC}", &basic),
        ("{BASICWRAPPED}", &wrapped),
        ("{BASICFORM}", &form),
    ];
    values.iter().fold(spelling.to_owned(), |text, (mark, value)| text.replace(mark, value))
}

/// Everything that would give the secret away.
fn traces() -> [String; 4] {
    let basic = |secret: &str| BASE64_STANDARD.encode(format!("{KEY}:{secret}"));
    [SECRET.into(), encoded(SECRET), basic(SECRET), basic(&encoded(SECRET))]
}

#[test]
fn every_spelling_gives_a_profile_that_gets_a_token() {
    let options =
        Options { consumer_key: Some(KEY.into()), consumer_secret: Some(SECRET.into()), ..Options::default() };
    let sandbox = Sandbox::spawn(options).expect("a sandbox");
    let world = World::new();
    for (number, (what, spelling)) in SPELLINGS.iter().enumerate() {
        let command = filled(spelling, &sandbox.site().token_url());
        let (name, file) = (format!("p{number}"), format!("p{number}.secret"));
        let run = world.choreo_env(["import", "--profile", &name, "--secret-file", &file]).stdin(command).run();
        assert!(run.status == Some(0) && run.stdout.is_empty(), "{what}\n{run}");
        for trace in traces() {
            assert!(!run.stderr.contains(&trace), "{what}\n{run}");
        }
        let kept = world.work().join(file);
        assert_eq!((fs::read_to_string(&kept).unwrap(), mode(&kept)), (format!("{SECRET}\n"), 0o600), "{what}");
        let asked = sandbox.site().token_requests();
        let run = world.choreo_env(["token", &name, "--fresh", "--quiet"]).run();
        assert!(run.status == Some(0) && run.stdout.starts_with("eyJ"), "{what}\n{run}");
        assert_eq!(sandbox.site().token_requests(), asked + 1, "{what}");
    }
    let config = fs::read_to_string(world.config()).unwrap();
    for trace in traces() {
        assert!(!config.contains(&trace), "the secret is in the configuration:\n{config}");
    }
    assert_eq!(mode(&world.config()), 0o600);
    for line in [
        "orgHandle = \"acme\"",
        "scopes = [\"apim:api_manage\"]",
        "scopes = [\"api://app/.default\"]",
        "audience = \"https://api\"",
    ] {
        assert!(config.contains(line), "{line}\n{config}");
    }
}

#[test]
fn what_is_left_out_is_told_and_why() {
    let world = World::new();
    let command = "curl -k -L --http3 -E cert.pem -x http://u:p@proxy:1 -H 'X-Mine: canary' -H 'Origin: canary' \
                   -u key:canary -d grant_type=client_credentials -d 'password=canary' -d canary -d @canary \
                   --cacert ca.pem --unknown https://sts.example/token";
    let run = world.choreo_env(["import", "--profile", "dev", "--secret-file", "s"]).stdin(command).run();
    let run = run.assert(&fine().stderr_has([
        "warning: `-k` is not taken over: certificates will be checked",
        "warning: `--location` is left out",
        "warning: `--http3` is not supported: left out",
        "warning: `--cert` is not supported: left out",
        "warning: the proxy is left out",
        "warning: a header is not sent with a token request: left out",
        "warning: the header `origin` is not sent",
        "warning: a piece of the body has no `=`: left out",
        "warning: a part of the body is read from a file",
        "warning: an option is not known here: left out",
        "warning: a field of the body may be a secret",
    ]));
    assert!(!run.stderr.contains("canary"), "{run}");
    let config = fs::read_to_string(world.config()).unwrap();
    let folder = fs::canonicalize(world.work()).unwrap();
    let folder = folder.display();
    assert_eq!(
        config,
        format!(
            "[profiles.dev]\ntoken_url = \"https://sts.example/token\"\nconsumer_key = \"key\"\nca_file = \"{folder}/ca.pem\"\n\
             consumer_secret = {{ file = \"{folder}/s\" }}\n"
        )
    );
}
