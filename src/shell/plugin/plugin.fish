# choreo-env for fish 3.4 and later: `choreo-env init fish | source` in ~/.config/fish/config.fish
#
# Owns the function `choreo-env`, the renewal before a prompt, the switch by folder and `choreo_env_prompt`. Never starts a
# process at a prompt while the token is good; fish before 3.6, which has no clock of its own, starts `date` there.
# Gives `choreo-env use NAME`, `use -` and `off`; everything else goes to the program, which `command choreo-env` still is.
# Names: `__choreo_env_undo` is the code that brings back what was there before; nothing of that kind is exported.

# What this shell inherited of another one's state is not its own: the environment is anybody's, and some of it is code.
if not functions --query __choreo_env_use
    for name in undo before failures folder by_hand entered base looked found dir_switch
        set -eg __choreo_env_$name
    end
end

function choreo-env --description 'Named environments with an access token in this shell'
    # A trace would show the token. At a prompt, fish itself makes none.
    set -l fish_trace
    set -l words $argv
    if contains -- -h $words; or contains -- --help $words
        set words
    end
    switch "$words[1]"
        case use
            set -e __choreo_env_entered
            set -g __choreo_env_by_hand 1
            __choreo_env_use $words[2..]
        case off
            if set -q words[2]
                command choreo-env $argv
                return
            end
            set -e __choreo_env_entered
            set -g __choreo_env_by_hand 1
            __choreo_env_off
        case trust edit
            # What a project's file may do has perhaps changed: the next prompt looks again.
            set -q __choreo_env_by_hand; or set -e __choreo_env_looked
            command choreo-env $argv
        case '*'
            command choreo-env $argv
    end
end

function __choreo_env_use
    set -l current "$CHOREO_ENV_PROFILE"
    __choreo_env_back
    set -l code "$(command choreo-env use --shell fish --current="$current" --before="$__choreo_env_before" $argv)"
    set -l result $status
    eval $code
    # The folder says what the profile is: a renewal means the same, wherever the shell is by then.
    set -g __choreo_env_folder "$PWD"
    set -g __choreo_env_failures 0
    __choreo_env_came_from "$current"
    return $result
end

function __choreo_env_off
    set -l current "$CHOREO_ENV_PROFILE"
    if test -n "$__choreo_env_undo"
        __choreo_env_back
    else
        # A shell that was started from one with a profile: the program knows the names.
        eval "$(command choreo-env off --shell fish)"
    end
    set -g __choreo_env_failures 0
    __choreo_env_came_from "$current"
end

# The environment as it was before the plugin touched it.
function __choreo_env_back
    set -l undo "$__choreo_env_undo"
    set -g __choreo_env_undo ''
    eval $undo
end

# Remembers the profile for `use -`.
function __choreo_env_came_from
    if test -n "$argv[1]"; and test "$argv[1]" != "$CHOREO_ENV_PROFILE"
        set -g __choreo_env_before $argv[1]
    end
end

# Unix seconds: when a file changed, and how long ago that was, come from the same clock.
function __choreo_env_now
    set -l parts (path mtime / 2>/dev/null) (path mtime -R / 2>/dev/null)
    if set -q parts[2]
        math $parts[1] + $parts[2]
    else
        command date +%s
    end
end

# Whether a variable, which may come from anybody, holds a time that can be computed with.
function __choreo_env_is_time
    string match -qr '^[0-9]{1,12}$' -- "$argv[1]"
end

function __choreo_env_renew
    set -l now $argv[1]
    # Ctrl-C in a renewal must not lead to another one at each prompt.
    set -gx CHOREO_ENV_RENEW_AT (math $now + 30)
    command -q choreo-env; or return
    set -q __choreo_env_failures; or set -g __choreo_env_failures 0
    set -l undo "$__choreo_env_undo"
    set -l state --in "$__choreo_env_folder" --failures $__choreo_env_failures
    set -l code "$(command choreo-env use --renew --shell fish $state </dev/null)"
    if test $status -eq 0
        set -g __choreo_env_failures 0
    else
        set -g __choreo_env_failures (math $__choreo_env_failures + 1)
    end
    set -g __choreo_env_undo ''
    eval $code
    if test -n "$undo"
        set -g __choreo_env_undo "$undo$__choreo_env_undo"
    else
        # An inherited profile: what was there before is not known here.
        set -g __choreo_env_undo ''
    end
end

# The project's file that counts here, in `__choreo_env_found`: the nearest one, up to the repository's root or home.
function __choreo_env_find
    set -g __choreo_env_found ''
    set -l folder (builtin pwd -P | string collect)
    set -l home (builtin realpath -- "$HOME" 2>/dev/null | string collect)
    while true
        if test -e "$folder/.choreo-env.toml"
            set -g __choreo_env_found "$folder/.choreo-env.toml"
            return
        end
        if test -e "$folder/.git"; or test "$folder" = "$home"; or test -z "$folder"
            return
        end
        set folder (string replace -r '/[^/]*\z' '' -- "$folder" | string collect)
    end
end

function __choreo_env_switch
    set -l file 'nothing yet'
    set -q __choreo_env_looked; and set file "$__choreo_env_found"
    set -g __choreo_env_looked "$PWD"
    __choreo_env_find
    test "$file" = "$__choreo_env_found"; and return
    set -e __choreo_env_by_hand
    if set -q __choreo_env_entered
        set -l base "$__choreo_env_base"
        set -e __choreo_env_entered
        if test -n "$base"
            __choreo_env_use --unasked -- "$base" </dev/null
        else
            __choreo_env_off
        end
    end
    test -n "$__choreo_env_found"; or return
    set -l name (command choreo-env use --here --shell fish </dev/null)
    if test -n "$name"
        set -g __choreo_env_base "$CHOREO_ENV_PROFILE"
        set -g __choreo_env_entered 1
        __choreo_env_use --unasked -- "$name" </dev/null
    end
end

# fish gives `$status` back to the prompt after its events.
function __choreo_env_at_prompt --on-event fish_prompt
    if set -q __choreo_env_dir_switch; and test "$__choreo_env_looked" != "$PWD"
        __choreo_env_switch
    end
    __choreo_env_when_due
end

# A shell that was left alone for long does not begin again with a token that is over.
function __choreo_env_when_due --on-event fish_preexec
    if test -n "$CHOREO_ENV_PROFILE"; and __choreo_env_is_time "$CHOREO_ENV_RENEW_AT"
        set -l now (__choreo_env_now)
        if test "$now" -ge "$CHOREO_ENV_RENEW_AT"
            __choreo_env_renew $now
        end
    end
end

function choreo_env_prompt --description 'The profile and what is left of its token, for a prompt: "$(choreo_env_prompt)"'
    # fish runs this before it puts in the `$status` of the same word.
    set -l result $status
    string match -qr '^[A-Za-z0-9._-]+$' -- "$CHOREO_ENV_PROFILE"; or return $result
    set -q CHOREO_ACCESS_TOKEN; or set -q CHOREO_ENV_RENEW_AT; or return $result
    set -l text "$CHOREO_ENV_PROFILE"
    if __choreo_env_is_time "$CHOREO_ACCESS_TOKEN_EXPIRES_AT"
        set -l left (math $CHOREO_ACCESS_TOKEN_EXPIRES_AT - (__choreo_env_now))
        if test $left -le 0
            set text "$text expired"
        else if test $left -lt 60
            set text "$text <1m"
        else
            set text "$text "(math --scale 0 $left / 60)m
        end
    end
    if test -n "$CHOREO_ENV_IS_PROTECTED"
        set text (set_color red)$text(set_color normal)
    end
    echo -n $text
    return $result
end
