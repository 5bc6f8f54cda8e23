//! What packagers and package managers read: one version, one address, and every file in its place.
//!
//! Nothing here is published; what can be wrong without publishing is looked at here, and `.ci/deb` installs and uses the
//! Debian package.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::tools;

const FORMULA: &str = "Formula/choreo-env.rb";
const MANIFEST: &str = "bucket/choreo-env.json";
const RELEASE: &str = ".github/workflows/release.yml";
const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The names of the files in a folder, hidden ones left out.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// A list of lists of text below `[package.metadata.…]`, or of text.
fn metadata(path: &[&str]) -> toml::Value {
    let cargo: toml::Value = toml::from_str(&read("Cargo.toml")).unwrap();
    path.iter().fold(cargo["package"]["metadata"].clone(), |value, key| value[*key].clone())
}

/// The systems that the release workflow builds for.
fn targets() -> BTreeSet<String> {
    let workflow = read(RELEASE);
    let rows = workflow.lines().filter_map(|line| line.trim().strip_prefix("- { target: "));
    let targets: BTreeSet<_> = rows.map(|row| row.split([',', ' ']).next().unwrap().to_owned()).collect();
    assert!(targets.len() >= 7, "the targets were not found: {targets:?}");
    targets
}

/// Where cargo-binstall looks for an archive, which is where the workflow puts it.
fn address(target: &str) -> String {
    let form = metadata(&["binstall", "pkg-url"]);
    let end = if target.contains("-windows-") { ".zip" } else { ".tgz" };
    [("{ repo }", REPOSITORY), ("{ version }", VERSION), ("{ name }", "choreo-env"), ("{ target }", target)]
        .iter()
        .fold(form.as_str().unwrap().to_owned(), |form, (mark, value)| form.replace(mark, value))
        .replace("{ archive-suffix }", end)
}

/// The addresses of archives that a text names, with what stands beside each as its sum.
fn archives(text: &str) -> BTreeSet<String> {
    let links = text.split('"').filter(|part| part.starts_with("https://") && part.contains("/download/"));
    links.filter(|link| !link.contains("$version")).map(str::to_owned).collect()
}

fn manifest() -> Value {
    serde_json::from_str(&read(MANIFEST)).unwrap()
}

#[test]
fn every_package_has_the_version_and_the_address_of_cargo_toml() {
    let formula = read(FORMULA);
    assert!(formula.contains(&format!("\n  version \"{VERSION}\"\n")), "{formula}");
    assert!(formula.contains(&format!("\n  homepage \"{REPOSITORY}\"\n")), "{formula}");
    let manifest = manifest();
    assert_eq!((manifest["version"].as_str(), manifest["homepage"].as_str()), (Some(VERSION), Some(REPOSITORY)));
    assert!(
        read("flake.nix").contains("(lib.importTOML ./Cargo.toml).package;"),
        "flake.nix takes both from Cargo.toml"
    );
}

#[test]
fn every_archive_that_a_package_takes_is_one_that_the_release_makes() {
    let made: BTreeSet<_> = targets().iter().map(|target| address(target)).collect();
    for (file, count) in [(FORMULA, 4), (MANIFEST, 1)] {
        let taken = archives(&read(file));
        assert_eq!(taken.len(), count, "{file}: {taken:?}");
        assert!(taken.is_subset(&made), "{file}: {taken:?} is not in {made:?}");
    }
    let (folder, workflow) = (metadata(&["binstall", "bin-dir"]), read(RELEASE));
    assert_eq!(folder.as_str(), Some("{ name }-v{ version }-{ target }/{ bin }{ binary-ext }"));
    for piece in
        ["NAME: choreo-env-v${{ needs.version.outputs.version }}-${{ matrix.target }}\n", "\"$NAME.tgz\" \"$NAME\""]
    {
        assert!(workflow.contains(piece), "{piece:?} is not in {RELEASE}");
    }
    assert_eq!(metadata(&["binstall", "overrides"]).as_table().unwrap().len(), 1);
    let extracted = &manifest()["architecture"]["64bit"]["extract_dir"];
    assert_eq!(extracted.as_str(), Some(&*format!("choreo-env-v{VERSION}-x86_64-pc-windows-msvc")));
}

/// Runs `.ci/manifests` in a folder that has what it reads, and gives its status, its stderr, and both files.
fn in_step(python: &Path, change: impl Fn(&str, String) -> String, sums: Option<&str>) -> (bool, String, [String; 2]) {
    let copy = tempfile::tempdir().unwrap();
    for file in ["Cargo.toml", ".ci/manifests", FORMULA, MANIFEST] {
        let place = copy.path().join(file);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, change(file, read(file))).unwrap();
    }
    let mut command = Command::new(python);
    command.arg(copy.path().join(".ci/manifests"));
    if let Some(sums) = sums {
        let file = copy.path().join("SHA256SUMS");
        fs::write(&file, sums).unwrap();
        command.arg(file);
    }
    let output = command.output().unwrap();
    let files = [FORMULA, MANIFEST].map(|file| fs::read_to_string(copy.path().join(file)).unwrap());
    (output.status.success(), String::from_utf8(output.stderr).unwrap(), files)
}

fn without_sums(text: &str) -> String {
    let is_sum = |line: &&str| line.trim().starts_with("sha256 ") || line.trim().starts_with("\"hash\": \"");
    text.split_inclusive('\n').filter(|line| !is_sum(line)).collect()
}

#[test]
fn the_script_that_keeps_them_in_step_has_nothing_to_do() {
    let Some(python) = tools::find("python3") else { return };
    let (fine, stderr, files) = in_step(&python, |_, text| text, None);
    assert!(fine, "{stderr}");
    assert_eq!(files, [FORMULA, MANIFEST].map(|file| without_sums(&read(file))), "run `.ci/manifests`");
}

#[test]
fn a_new_version_or_address_comes_from_cargo_toml_alone() {
    let Some(python) = tools::find("python3") else { return };
    let moved =
        |text: String| text.replace(VERSION, "9.8.7-rc.1").replace(REPOSITORY, "https://example.org/some/where");
    let change = |file: &str, text: String| if file == "Cargo.toml" { moved(text) } else { text };
    let (fine, stderr, files) = in_step(&python, change, None);
    assert!(fine, "{stderr}");
    assert_eq!(files, [FORMULA, MANIFEST].map(|file| moved(without_sums(&read(file)))));
}

/// A sum that can be told from the others, and from a real one.
fn sum(number: usize) -> String {
    format!("{number:064x}")
}

#[test]
fn the_release_gives_every_archive_its_own_sum_or_changes_nothing() {
    let Some(python) = tools::find("python3") else { return };
    let targets: Vec<_> = targets().into_iter().collect();
    let name = |target: &str| address(target).rsplit('/').next().unwrap().to_owned();
    let lines: Vec<_> = targets.iter().enumerate().map(|(at, to)| format!("{}  {}\n", sum(at), name(to))).collect();
    let (fine, stderr, [formula, manifest]) = in_step(&python, |_, text| text, Some(&lines.concat()));
    assert!(fine, "{stderr}");
    for (at, target) in targets.iter().enumerate() {
        let (link, sum) = (address(target), sum(at));
        let given = formula.contains(&format!("url \"{link}\"\n      sha256 \"{sum}\"\n"));
        let given = given || manifest.contains(&format!("\"url\": \"{link}\",\n            \"hash\": \"{sum}\",\n"));
        let taken = formula.contains(&link) || manifest.contains(&link);
        assert_eq!(given, taken, "{target}\n{formula}{manifest}");
    }
    assert_eq!(
        [&formula, &manifest].map(|text| without_sums(text)),
        [FORMULA, MANIFEST].map(|f| without_sums(&read(f)))
    );
    let windows = targets.iter().position(|target| target.contains("windows")).unwrap();
    let some: String = lines.iter().enumerate().filter(|(at, _)| *at != windows).map(|(_, line)| &**line).collect();
    let (fine, stderr, files) = in_step(&python, |_, text| text, Some(&some));
    assert!(!fine && stderr == format!("error: there is no sum of {}\n", name(&targets[windows])), "{stderr}");
    assert_eq!(files, [FORMULA, MANIFEST].map(read));
}

#[test]
fn a_committed_sum_is_a_whole_one_or_none() {
    let (formula, manifest) = (read(FORMULA), read(MANIFEST));
    let committed = formula.lines().chain(manifest.lines()).filter(|line| !without_sums(line).contains(line));
    for line in committed {
        let value = line.split('"').filter(|part| part.len() == 64).collect::<String>();
        assert!(value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()), "{line}");
    }
}

/// The files that the Debian package is made of, and where they go.
fn assets() -> Vec<(String, String)> {
    let assets = metadata(&["deb", "assets"]);
    let text = |asset: &toml::Value, at: usize| asset[at].as_str().unwrap().to_owned();
    assets.as_array().unwrap().iter().map(|asset| (text(asset, 0), text(asset, 1))).collect()
}

fn covers(source: &str, file: &str) -> bool {
    match source.split_once('*') {
        Some((begin, end)) => file.starts_with(begin) && file.ends_with(end) && file.len() >= begin.len() + end.len(),
        None => source == file,
    }
}

#[test]
fn the_debian_package_has_every_completion_and_every_page_of_the_manual() {
    let assets = assets();
    for folder in ["completions", "man"] {
        for name in names(folder) {
            let file = format!("{folder}/{name}");
            let places: Vec<_> = assets.iter().filter(|(source, _)| covers(source, &file)).collect();
            assert_eq!(places.len(), 1, "{file} is in {places:?}: see [package.metadata.deb] in Cargo.toml");
            let place = &places[0].1;
            let section = name.rsplit('.').next().unwrap();
            assert!(folder != "man" || *place == format!("usr/share/man/man{section}/"), "{file} goes to {place}");
        }
    }
}

#[test]
fn the_debian_package_names_no_file_that_is_not_there() {
    let folder = |name: &str| names(name).into_iter().map(move |file| format!("{name}/{file}")).collect::<Vec<_>>();
    let files: Vec<_> = [folder("completions"), folder("man")].concat();
    for (source, _) in assets() {
        let built = source
            .strip_prefix("target/release/")
            .is_some_and(|name| ["choreo-env", "cargo-choreo-env"].contains(&name));
        let there = root().join(&source).is_file() || files.iter().any(|file| covers(&source, file));
        assert!(built || there, "{source}");
    }
}

#[test]
fn archives_formula_and_flake_have_every_kind_of_completion() {
    for name in names("completions") {
        let (formula, flake) = (read(FORMULA), read("flake.nix"));
        let kind = name.rsplit('.').next().unwrap();
        let in_flake = flake.contains(&format!("completions/{name}"))
            || flake.contains(&format!("{kind},"))
            || flake.contains(&format!(",{kind}"));
        assert!(in_flake, "flake.nix leaves {name} out");
        assert!(
            formula.contains(&name) || formula.contains("pkgshare.install \"completions\""),
            "{FORMULA} leaves {name} out"
        );
    }
    assert!(read(RELEASE).contains("cp -R completions man README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "));
}

/// What `cargo publish` would send.
fn packed() -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let words = ["package", "--list", "--allow-dirty", "--offline", "--quiet"];
    let output = Command::new(cargo).args(words).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.replace('\\', "/")).collect()
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() { below(&entry.path(), found) } else { found.push(entry.path()) }
    }
}

#[test]
fn the_crate_has_all_that_it_is_built_from_and_is_small() {
    let packed = packed();
    let mut files = Vec::new();
    for folder in ["src", "completions", "man"] {
        below(&root().join(folder), &mut files);
    }
    let left: Vec<_> = files
        .iter()
        .map(|path| path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"))
        .filter(|name| !packed.contains(name))
        .collect();
    assert!(left.is_empty(), "`include` in Cargo.toml leaves out {left:?}");
    for name in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "Cargo.toml", "Cargo.lock"] {
        assert!(packed.contains(name), "{name}");
    }
    let strays: Vec<_> =
        packed.iter().filter(|name| name.starts_with('.') && *name != ".cargo_vcs_info.json").collect();
    assert!(strays.is_empty() && !packed.iter().any(|name| name.starts_with("tests/")), "{strays:?}");
    let size: u64 = packed.iter().filter_map(|name| fs::metadata(root().join(name)).ok()).map(|file| file.len()).sum();
    assert!(size < 2 << 20, "{size} bytes");
}

#[test]
fn ruby_reads_the_formula() {
    let Some(ruby) = tools::find("ruby") else { return };
    let output = Command::new(ruby).arg("-c").arg(root().join(FORMULA)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn workflows_take_every_action_by_the_sum_of_its_commit_and_begin_without_rights() {
    for name in names(".github/workflows") {
        let workflow = read(&format!(".github/workflows/{name}"));
        assert!(workflow.contains("\npermissions: {}\n"), "{name}");
        let uses = workflow.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("uses: "));
        for action in uses.filter(|action| !action.starts_with("./")) {
            let (sum, version) = action.split_once('@').unwrap().1.split_once(" # v").unwrap_or_default();
            assert!(sum.len() == 40 && !version.is_empty(), "{name}: {action}");
        }
    }
}
