# choreo-env for nushell 0.108 and later, which loads it from a file after config.nu. This line there keeps the file new:
#   let dir = $nu.user-autoload-dirs | first; mkdir $dir; choreo-env init nu | save --force ($dir | path join choreo-env.nu)
#
# Owns the command `choreo-env`, the renewal before a prompt, the switch by folder and `choreo_env_prompt`. Never starts a
# program at a prompt while the token is good, and never evaluates text: the program answers with a record of names and
# values. Gives `choreo-env use NAME`, `use -` and `off`; everything else goes to the program, which `^choreo-env` still is.
# What the plugin remembers is the record $env.__choreo_env, which nu hands to no program.
#
# A failing `use` removes the variables and raises an error, whose text is only that: the reason stands above it.

# What nu inherited under the state's name is not its own: the environment of a program is text.
if ($env.__choreo_env? | describe) == string { hide-env __choreo_env }

# Without the attribute, nu would ask no completer about a command that is defined here.
@complete external
def --env --wrapped choreo-env [...words] {
    match (if ("-h" in $words) or ("--help" in $words) { "" } else { $words | append "" | first }) {
        "use" => { __choreo_env_by_hand; __choreo_env_use ($words | skip 1) }
        "off" if ($words | length) == 1 => { __choreo_env_by_hand; __choreo_env_off }
        "trust" | "edit" => {
            # What a project's file may do has perhaps changed: the next prompt looks again.
            if not ($env.__choreo_env?.by_hand? | default false) { __choreo_env_remember {looked: ""} }
            ^choreo-env ...$words
        }
        _ => { ^choreo-env ...$words }
    }
}

def --env __choreo_env_remember [changes: record] {
    $env.__choreo_env = (
        {undo: null, before: "", failures: 0, folder: "", switch: false}
        | merge {entered: false, by_hand: false, base: "", looked: "", found: ""}
        | merge ($env.__choreo_env? | default {})
        | merge $changes
    )
}

# What the user says inside a project's folder stays on the way out.
def --env __choreo_env_by_hand [] {
    __choreo_env_remember {entered: false, by_hand: true}
}

def --env __choreo_env_apply [change: record] {
    hide-env --ignore-errors ...$change.hide
    load-env $change.set
}

# Runs the program: its messages for the user, and its answer, which is nothing where it does not even start.
def __choreo_env_ask [words: list] {
    let answer = do { ^choreo-env ...$words } | complete
    if ($answer.stderr | is-not-empty) { print --stderr --no-newline $answer.stderr }
    let record = try { $answer.stdout | from json } catch { null }
    {status: $answer.exit_code, text: $answer.stdout, record: ($record | default {set: {}, hide: [], undo: null})}
}

def --env __choreo_env_use [words: list] {
    let current = $env.CHOREO_ENV_PROFILE? | default ""
    __choreo_env_back
    let before = $env.__choreo_env.before
    let answer = __choreo_env_ask [use --shell nu $"--current=($current)" $"--before=($before)" ...$words]
    __choreo_env_apply $answer.record
    __choreo_env_remember {undo: (if $answer.status == 0 { $answer.record.undo }), failures: 0, folder: $env.PWD}
    __choreo_env_came_from $current
    if $answer.status != 0 {
        error make --unspanned {msg: $"choreo-env use: status ($answer.status)"}
    }
}

def --env __choreo_env_off [] {
    let current = $env.CHOREO_ENV_PROFILE? | default ""
    __choreo_env_remember {}
    if $env.__choreo_env.undo != null {
        __choreo_env_back
    } else {
        # A shell that was started from one with a profile: the program knows the names.
        __choreo_env_apply (__choreo_env_ask [off --shell nu]).record
    }
    __choreo_env_remember {failures: 0}
    __choreo_env_came_from $current
}

# The environment as it was before the plugin touched it.
def --env __choreo_env_back [] {
    __choreo_env_remember {}
    let undo = $env.__choreo_env.undo
    __choreo_env_remember {undo: null}
    if $undo != null { __choreo_env_apply $undo }
}

# Remembers the profile for `use -`.
def --env __choreo_env_came_from [profile: string] {
    if ($profile | is-not-empty) and $profile != ($env.CHOREO_ENV_PROFILE? | default "") {
        __choreo_env_remember {before: $profile}
    }
}

def __choreo_env_now [] {
    (date now | into int) // 1_000_000_000
}

# A time in Unix seconds, or nothing: the variable may come from anybody.
def __choreo_env_time [name: string] {
    let text = $env | get --optional $name | default "" | into string
    if $text =~ '^[0-9]{1,12}$' { $text | into int }
}

def --env __choreo_env_renew [now: int] {
    # Ctrl-C in a renewal must not lead to another one at each prompt.
    $env.CHOREO_ENV_RENEW_AT = $now + 30 | into string
    __choreo_env_remember {}
    let failures = $env.__choreo_env.failures
    let old = $env.__choreo_env.undo
    let answer = __choreo_env_ask [use --renew --shell nu --in $env.__choreo_env.folder --failures ($failures | into string)]
    __choreo_env_apply $answer.record
    let new = $answer.record.undo? | default {set: {}, hide: []}
    # An inherited profile: what was there before is not known here.
    let undo = if $old != null { {set: ($old.set | merge $new.set), hide: ($old.hide ++ $new.hide)} }
    __choreo_env_remember {undo: $undo, failures: (if $answer.status == 0 { 0 } else { $failures + 1 })}
}

# The project's file that counts here, the nearest one, up to the repository's root or home; else nothing.
def __choreo_env_find [] {
    let home = $env.HOME? | default ($env.USERPROFILE? | default "/") | path expand
    mut folder = $env.PWD | path expand
    loop {
        let file = $folder | path join .choreo-env.toml
        if ($file | path exists) { return $file }
        let parent = $folder | path dirname
        if $folder in [$home $parent ""] or ($folder | path join .git | path exists) { return "" }
        $folder = $parent
    }
}

def --env __choreo_env_switch [] {
    let known = $env.__choreo_env.looked != ""
    let file = __choreo_env_find
    let same = $known and $file == $env.__choreo_env.found
    __choreo_env_remember {looked: $env.PWD, found: $file}
    if $same { return }
    __choreo_env_remember {by_hand: false}
    if $env.__choreo_env.entered {
        let base = $env.__choreo_env.base
        __choreo_env_remember {entered: false}
        if ($base | is-empty) { __choreo_env_off } else { __choreo_env_use [--unasked -- $base] }
    }
    if ($file | is-empty) { return }
    let profile = (__choreo_env_ask [use --here --shell nu]).text | str trim
    if ($profile | is-not-empty) {
        __choreo_env_remember {entered: true, base: ($env.CHOREO_ENV_PROFILE? | default "")}
        __choreo_env_use [--unasked -- $profile]
    }
}

def --env __choreo_env_at_prompt [] {
    let status = $env.LAST_EXIT_CODE? | default 0
    if $env.__choreo_env.switch and $env.__choreo_env.looked != $env.PWD {
        # Its reason is on the terminal already.
        try { __choreo_env_switch }
    }
    __choreo_env_when_due
    $env.LAST_EXIT_CODE = $status
}

def --env __choreo_env_when_due [] {
    let due = __choreo_env_time CHOREO_ENV_RENEW_AT
    if $due != null and ($env.CHOREO_ENV_PROFILE? | default "" | is-not-empty) {
        let now = __choreo_env_now
        # A program that is not there is no reason to complain at a prompt.
        if $now >= $due { try { __choreo_env_renew $now } }
    }
}

# The profile and what is left of its token, for a prompt.
def choreo_env_prompt [] {
    let profile = $env.CHOREO_ENV_PROFILE? | default ""
    let ours = ($env.CHOREO_ACCESS_TOKEN? | is-not-empty) or ($env.CHOREO_ENV_RENEW_AT? | is-not-empty)
    if not $ours or $profile !~ '^[A-Za-z0-9._-]+$' { return "" }
    let at = __choreo_env_time CHOREO_ACCESS_TOKEN_EXPIRES_AT
    let text = if $at == null { $profile } else {
        let left = $at - (__choreo_env_now)
        if $left <= 0 { $"($profile) expired" } else if $left < 60 { $"($profile) <1m" } else { $"($profile) ($left // 60)m" }
    }
    if ($env.CHOREO_ENV_IS_PROTECTED? | is-not-empty) { $"(ansi red)($text)(ansi reset)" } else { $text }
}

# Once, also where this file is loaded twice.
if $env.__choreo_env? == null {
    __choreo_env_remember {}
    $env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default [] | append {|| __choreo_env_at_prompt })
    # A shell that was left alone for long does not begin again with a token that is over.
    $env.config.hooks.pre_execution = ($env.config.hooks.pre_execution? | default [] | append {|| __choreo_env_when_due })
}
