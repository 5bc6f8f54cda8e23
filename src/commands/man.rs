//! `choreo-env man`: the manual, also where the package is not installed.

use std::fs;
use std::io;

use super::Context;
use crate::cli::{ManArgs, NAME};
use crate::config;
use crate::environ;
use crate::error::Error;
use crate::exec;
use crate::man::Page;
use crate::words;

/// Shows a page: on a terminal as `man` does, elsewhere as plain text or as its source.
pub(super) fn run(args: &ManArgs, context: &mut Context) -> Result<(), Error> {
    let page = Page::find(&args.page).ok_or_else(|| unknown(&args.page))?;
    if args.roff {
        return context.print(page.roff);
    }
    if context.term.out_is_terminal()
        && shown(page, context).map_err(|source| super::output("a manual page", source))?
    {
        return Ok(());
    }
    context.print(&page.plain())
}

fn unknown(words: &[String]) -> Error {
    let word = words.join(" ");
    let near = config::did_you_mean(&words.join("-"), Page::words()).map(|near| near + " ").unwrap_or_default();
    let known = Page::words().collect::<Vec<_>>().join(", ");
    Error::usage(format!("there is no page `{word}` in the manual"), format!("{near}the pages are: {known}"))
}

/// Has the page shown by the first program that can; `false` where there is none. The page is a file for them: their
/// input stays the terminal, and every man takes a path for what it is.
fn shown(page: Page, context: &Context) -> io::Result<bool> {
    let folder = tempfile::Builder::new().prefix(NAME).tempdir()?;
    let source = folder.path().join(page.file);
    fs::write(&source, page.roff)?;
    if [&["man"][..], &["mandoc", "-a"]].iter().any(|formatter| exec::open(formatter, &source).is_ok_and(|shown| shown))
    {
        return Ok(true);
    }
    let text = folder.path().join("page.txt");
    fs::write(&text, page.plain())?;
    let pager = context.environ.text(environ::PAGER).and_then(|pager| words::program(pager).ok());
    let pager = pager.unwrap_or_else(|| vec!["less".to_owned()]);
    Ok(exec::open(&pager, &text).is_ok_and(|shown| shown))
}
