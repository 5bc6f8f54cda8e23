# The zsh plugin, for oh-my-zsh, zinit, antidote and their like: what a plugin manager sources.
#
# Does nothing where choreo-env is not installed. All that is evaluated comes from `choreo-env init zsh`.
if (( ${+commands[choreo-env]} )); then
  # For a compinit that comes later; where it was before, `init` registers the completions itself.
  () {
    emulate -L zsh
    local folder=${1:A:h}/completions
    (( $fpath[(Ie)$folder] )) || fpath=($folder $fpath)
  } "${(%):-%x}"
  eval "$(command choreo-env init zsh)"
fi
