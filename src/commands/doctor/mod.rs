//! `choreo-env doctor`: looks at everything that a token needs, and says what to do about what is wrong.
//!
//! Owns the list of checks. Each stands alone: it says what it can say, whatever is wrong elsewhere. The facts are
//! gathered first ([`case`]); the checks only judge. A check that is added here is run, printed and in the JSON.

mod ambient;
mod case;
mod finding;
mod local;
mod network;

use std::process::ExitCode;

use serde::Serialize;

use super::Context;
use crate::cli::DoctorArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::notice::plain;
use crate::term::Paint;

use case::Case;
use finding::{Finding, Verdict};

/// One check.
struct Check {
    /// What is looked at.
    name: &'static str,
    /// Judges the facts; says at least one thing, unless the check does not apply.
    look: fn(&Case) -> Vec<Finding>,
}

/// All checks, in the order in which a token comes about: what is wrong first is the cause, as a rule.
const CHECKS: &[Check] = &[
    Check { name: "configuration", look: local::configuration },
    Check { name: "checkout", look: local::checkout },
    Check { name: "profile", look: local::profile },
    Check { name: "secret", look: local::secrets },
    Check { name: "client cert", look: local::client_certificate },
    Check { name: "keyring", look: local::keyring },
    Check { name: "cache", look: local::cache },
    Check { name: "cached token", look: local::cached_token },
    Check { name: "shell", look: ambient::shell },
    Check { name: "proxy", look: network::proxy },
    Check { name: "discovery", look: network::discovery },
    Check { name: "name", look: network::name },
    Check { name: "connection", look: network::connection },
    Check { name: "certificate", look: network::certificate },
    Check { name: "clock", look: network::clock },
    Check { name: "token request", look: network::token_request },
    Check { name: "reissue", look: network::reissue },
    Check { name: "warnings", look: ambient::warnings },
];

/// A finding with its check.
#[derive(Serialize)]
struct Row {
    check: &'static str,
    #[serde(flatten)]
    finding: Finding,
}

/// Prints what the checks found; the exit status is that of the first problem.
pub(super) fn run(args: &DoctorArgs, context: &mut Context) -> Result<ExitCode, Error> {
    if args.probe_reissue {
        consent(context)?;
    }
    let case = Case::gather(args, context);
    let rows: Vec<Row> = CHECKS
        .iter()
        .flat_map(|check| (check.look)(&case).into_iter().map(|finding| Row { check: check.name, finding }))
        .collect();
    let problem = rows.iter().find_map(|row| row.finding.problem_exit());
    if args.json {
        let report = serde_json::json!({ "profile": case.name(), "well": problem.is_none(), "findings": rows });
        context.print(&super::json(&report))?;
    } else {
        context.tell(&table(&rows, context.term.out_paint()))?;
    }
    Ok(problem.unwrap_or(Exit::Fine).into())
}

/// Two new tokens may end the life of one that somebody uses at this moment.
fn consent(context: &mut Context) -> Result<(), Error> {
    let question = "Ask for two new tokens? Those that others use may end.";
    match context.global.yes.then_some(true).or_else(|| context.term.confirm(question)) {
        Some(true) => Ok(()),
        Some(false) => Err(Error::Refused { message: "no token was asked for: you said no".into() }),
        None => Err(Error::usage(
            "`--probe-reissue` may end tokens that others use, and there is no terminal to ask on",
            "allow it with `--yes`".to_owned(),
        )),
    }
}

/// A line for each finding, and below it what to do.
fn table(rows: &[Row], paint: Paint) -> String {
    let verdicts = Verdict::ALL.iter().map(|verdict| verdict.name().len()).max().unwrap_or(0);
    let names = CHECKS.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let line = |row: &Row| {
        let Finding { verdict, message, advice, .. } = &row.finding;
        let verdict = paint.tone(verdict.tone(), &format!("{:verdicts$}", verdict.name()));
        let first = format!("{verdict}  {:names$}  {}\n", row.check, plain(message));
        let advice = advice.iter().flat_map(|advice| advice.lines());
        let advice = advice.map(|line| format!("{:verdicts$}  {:names$}  hint: {}\n", "", "", plain(line)));
        std::iter::once(first).chain(advice).collect::<String>()
    };
    rows.iter().map(line).collect()
}
