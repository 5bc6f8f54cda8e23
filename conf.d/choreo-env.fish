# The fish plugin, for fisher and its like, which put this file into fish's own conf.d, and the completions beside it.
#
# Does nothing where choreo-env is not installed, or nobody types. All that is evaluated comes from `choreo-env init fish`.
if status is-interactive; and command --query choreo-env
    command choreo-env init fish | source
end
