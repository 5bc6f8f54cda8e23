# Completion of choreo-env, cargo-choreo-env and `cargo choreo-env` for nu.
#
# A file of an autoload folder (`$nu.user-autoload-dirs`), or one that config.nu sources. It comes before the external
# completer that is there already, and leaves all other commands to it. The program itself says what a word may become;
# nothing that it says is evaluated here.

# What the last of the words may become, of which the first is the program's name; null: files, as nu completes them.
def "nu-complete choreo-env" [
  words: list<string> # the command and its arguments
  earlier: any = null # the completer for other commands
]: nothing -> any {
  let word = $words | last
  let before = $words | skip 1 | drop 1
  let lines = try {
    ^choreo-env completions nu $"--word=($word)" -- ...$before | complete | get stdout | lines | split column "\t" value group about
  } catch {
    return []
  }
  let other = $lines | where value == ""
  if ($other | is-empty) {
    return ($lines | each {|line|
      { value: $line.value, description: ($line.about? | default "") }
    })
  }
  let other = $other | first
  if $other.group != "command" {
    return null
  }
  let program = $words | last ($other.about | into int)
  if ($program | length) > 1 {
    return (if $earlier == null { null } else { do $earlier $program })
  }
  $env.PATH
  | where {|folder| $folder | path exists }
  | each {|folder| ls --short-names $folder | get name }
  | flatten
  | where {|name| $name | str starts-with $word }
  | uniq
}

do --env {
  let earlier = $env.config?.completions?.external?.completer?
  $env.config.completions.external.enable = true
  $env.config.completions.external.completer = {|words: list<string>|
    let command = $words | first | path basename | str replace --regex '\.exe$' ''
    # the options of cargo itself, and its +toolchain, stand before the name of the subcommand
    let in_cargo = $words | skip 1 | skip while {|word| $word =~ '^[+-]' }
    if $command in ["choreo-env" "cargo-choreo-env"] {
      nu-complete choreo-env $words $earlier
    } else if $command == "cargo" and ($in_cargo.0? | default "") == "choreo-env" and ($in_cargo | length) > 1 {
      nu-complete choreo-env $in_cargo $earlier
    } else if $earlier != null {
      do $earlier $words
    }
  }
}
