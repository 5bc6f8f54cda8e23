//! PowerShell, of which only the grammar can be had where these tests run.

/// Whether a text is PowerShell as its grammar has it.
pub(crate) fn parses(text: &str) -> bool {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    !parser.parse(text, None).unwrap().root_node().has_error()
}
