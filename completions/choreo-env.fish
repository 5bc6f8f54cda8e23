# Completion of choreo-env, cargo-choreo-env and `cargo choreo-env` for fish 3.1 and later.
#
# A file of ~/.config/fish/conf.d (or of a vendor's conf.d), or to be piped into `source`. In a folder for completions it
# works, too, but fish reads it there only when choreo-env itself is completed, so `cargo choreo-env` has to wait. The
# program itself says what a word may become; nothing that it says is evaluated here.

# The words before the cursor, without the program's name and what stands before it.
function __choreo_env_words
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    while set -q words[1]; and not string match --quiet --regex '(^|/)(cargo-)?choreo-env$' -- $words[1]
        set --erase words[1]
    end
    set --erase words[1]
    set -q words[1]; and printf '%s\n' $words
end

function __choreo_env_complete
    set -l words (__choreo_env_words)
    set -l typed (commandline --current-token --cut-at-cursor)
    set -l word (string unescape -- $typed; or echo -- $typed)
    for line in (command choreo-env completions fish --word="$word" -- $words 2>/dev/null)
        set -l parts (string split \t -- $line)
        switch $parts[1]:$parts[2]
            case :files
                set -l rest (string sub --start (math 1 + (string length -- "$parts[3]")) -- $typed)
                for path in (complete --do-complete "'' $rest")
                    printf '%s%s\n' "$parts[3]" $path
                end
            case :command
                set -l skip (math (count $words) - $parts[3] + 2)
                set -l program (string escape -- $words[$skip..-1])
                complete --do-complete (string join ' ' -- $program $typed)
            case '*'
                printf '%s\t%s\n' $parts[1] $parts[3]
        end
    end
end

function __choreo_env_in_cargo
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set --erase words[1]
    while set -q words[1]; and string match --quiet --regex '^[+-]' -- $words[1]
        set --erase words[1]
    end
    test "$words[1]" = choreo-env
end

complete --command choreo-env --no-files --keep-order --arguments '(__choreo_env_complete)'
complete --command cargo-choreo-env --no-files --keep-order --arguments '(__choreo_env_complete)'
complete --command cargo --no-files --keep-order --condition __choreo_env_in_cargo --arguments '(__choreo_env_complete)'
