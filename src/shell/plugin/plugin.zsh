# The choreo-env plugin for zsh: eval "$(choreo-env init zsh)"
#
# Exported is what `choreo-env` exports. All else is this shell's own and begins with `__choreo_env_`, also the local
# names, since exported code may set any other; but for the function `choreo-env` and the variable `choreo_env_prompt`.
# Each function has the options that it was written for; a backslash before a builtin keeps the user's aliases away.

# `use` and `off` change this shell; all the rest is the program's own business.
function choreo-env {
  \builtin emulate -L zsh -o no_aliases -o no_all_export -o no_err_exit -o no_err_return -o no_xtrace
  case "${1-}" in
    (use|off)
      if (( ${@[(Ie)-h]} || ${@[(Ie)--help]} )); then
        \command choreo-env "$@"
        return
      fi
      __choreo_env_entered='' __choreo_env_by_hand=1
      "__choreo_env_$1" "${@:2}"
      ;;
    (trust|edit)
      \command choreo-env "$@" || return
      # What counts in this folder may have changed: the next prompt looks again.
      if [[ -z "${__choreo_env_by_hand-}" ]]; then
        __choreo_env_pwd='' __choreo_env_file=''
      fi
      ;;
    (*)
      \command choreo-env "$@"
      ;;
  esac
  return # without it, zsh 5.9 would not end under `set -e` where this fails
}

# Brings back the environment that was there before.
function __choreo_env_leave {
  local __choreo_env_code="${__choreo_env_undo-}"
  __choreo_env_undo='' __choreo_env_failures=0
  \builtin eval "$__choreo_env_code"
}

# Remembers for `use -` that there was another profile.
function __choreo_env_left {
  if [[ -n "$1" && "$1" != "${CHOREO_ENV_PROFILE-}" ]]; then
    __choreo_env_before="$1"
  fi
}

function __choreo_env_use {
  local __choreo_env_current="${CHOREO_ENV_PROFILE-}" __choreo_env_code __choreo_env_status
  __choreo_env_leave
  __choreo_env_code="$(\command choreo-env use --shell zsh --current="$__choreo_env_current" \
    --before="${__choreo_env_before-}" "$@")"
  __choreo_env_status=$?
  # The code of a failure fails, too, once it has removed what it must.
  if ! \builtin eval "$__choreo_env_code" && [[ "$__choreo_env_status" == 0 ]]; then
    __choreo_env_status=1
  fi
  # The folder says what the profile is: a renewal means the same, wherever the shell is by then.
  __choreo_env_folder="$PWD"
  __choreo_env_left "$__choreo_env_current"
  return "$__choreo_env_status"
}

function __choreo_env_off {
  local __choreo_env_current="${CHOREO_ENV_PROFILE-}" __choreo_env_code=''
  # A shell that has inherited what is exported does not know what was there before: the program says what goes.
  if [[ -z "${__choreo_env_undo-}" || $# -gt 0 ]]; then
    __choreo_env_code="$(\command choreo-env off --shell zsh "$@")" || return
  fi
  __choreo_env_leave
  \builtin eval "$__choreo_env_code"
  __choreo_env_left "$__choreo_env_current"
}

# The time, without a process: into __choreo_env_time.
function __choreo_env_now {
  local format='%D{%s}'
  __choreo_env_time="${EPOCHSECONDS-${(%)format}}"
}

# Whether a text is a number that arithmetic can take: the environment may hold anything, code too.
function __choreo_env_is_number {
  [[ "$1" == <-> && ${#1} -le 15 ]]
}

# Brings a fresh token. Failures are counted, because the program tells the first one only.
function __choreo_env_renew {
  local __choreo_env_kept="${__choreo_env_undo-}" __choreo_env_code __choreo_env_status
  # Should Ctrl-C end this, the next prompt must not begin it again.
  \builtin export CHOREO_ENV_RENEW_AT=$(( __choreo_env_time + 30 ))
  \builtin whence -p choreo-env >/dev/null || return 0
  __choreo_env_code="$(\command choreo-env use --renew --shell zsh --in "${__choreo_env_folder-}" \
    --failures "${__choreo_env_failures:-0}" </dev/null)"
  __choreo_env_status=$?
  __choreo_env_undo=''
  \builtin eval "$__choreo_env_code"
  # `off` brings back what was there before the first export; after an inherited one nobody knows what that was.
  __choreo_env_undo="${__choreo_env_kept:+$__choreo_env_kept$__choreo_env_undo}"
  if [[ "$__choreo_env_status" == 0 ]]; then
    __choreo_env_failures=0
  else
    __choreo_env_failures=$(( ${__choreo_env_failures:-0} + 1 ))
  fi
}

# Renews the token when that is due: two numbers are compared, and no process is started before.
function __choreo_env_due {
  if [[ -n "${CHOREO_ENV_PROFILE-}" ]] && __choreo_env_is_number "${CHOREO_ENV_RENEW_AT-}"; then
    __choreo_env_now
    if (( __choreo_env_time >= 10#$CHOREO_ENV_RENEW_AT )); then
      __choreo_env_renew
    fi
  fi
}

# The prompt segment, into choreo_env_prompt: setopt prompt_subst; RPROMPT='$choreo_env_prompt'
function __choreo_env_show {
  local text="${CHOREO_ENV_PROFILE-}" left="${CHOREO_ACCESS_TOKEN_EXPIRES_AT-}"
  choreo_env_prompt=''
  if [[ -z "$text" || "$text" == *[^A-Za-z0-9._-]* || -z "${CHOREO_ACCESS_TOKEN-}${CHOREO_ENV_RENEW_AT-}" ]]; then
    return 0
  fi
  if __choreo_env_is_number "$left"; then
    __choreo_env_now
    left=$(( 10#$left - __choreo_env_time ))
    if (( left <= 0 )); then
      text+=' expired'
    elif (( left < 60 )); then
      text+=' <1m'
    else
      text+=" $(( left / 60 ))m"
    fi
  fi
  if [[ -n "${CHOREO_ENV_IS_PROTECTED-}" && -z "${NO_COLOR-}" ]]; then
    text="%F{red}$text%f"
  fi
  choreo_env_prompt="$text"
}

# The nearest project file, into __choreo_env_found: where the program looks for it, from here up to the root of a
# repository, the home folder or the root. `..` is the system's, so that links do not matter.
function __choreo_env_find {
  local folder=. file="$PWD"
  while [[ ! -e "$folder/.choreo-env.toml" ]]; do
    if [[ -e "$folder/.git" || "$folder" -ef "${HOME:-/}" || "$folder" -ef "$folder/.." ]]; then
      __choreo_env_found=''
      return 0
    fi
    folder+=/.. file+=/..
  done
  __choreo_env_found="$file/.choreo-env.toml"
}

# Enters a project's profile with its folder, and leaves it with the folder.
function __choreo_env_follow {
  local __choreo_env_found __choreo_env_name
  __choreo_env_pwd="$PWD"
  __choreo_env_find
  if [[ "$__choreo_env_found" == "${__choreo_env_file-}" || "$__choreo_env_found" -ef "${__choreo_env_file-}" ]]; then
    return 0
  fi
  __choreo_env_file="$__choreo_env_found" __choreo_env_by_hand=''
  # Who has said `use` or `off` since then keeps that.
  if [[ -n "${__choreo_env_entered-}" ]]; then
    __choreo_env_entered=''
    if [[ -n "${__choreo_env_base-}" ]]; then
      __choreo_env_use --unasked -- "$__choreo_env_base"
    else
      __choreo_env_off
    fi
  fi
  if [[ -n "$__choreo_env_found" ]]; then
    __choreo_env_name="$(\command choreo-env use --here --shell zsh </dev/null)"
    if [[ -n "$__choreo_env_name" ]]; then
      __choreo_env_base="${CHOREO_ENV_PROFILE-}" __choreo_env_entered=1
      __choreo_env_use --unasked -- "$__choreo_env_name" </dev/null
    fi
  fi
}

# Before each prompt. zsh itself keeps the status of the last command for those who come after.
function __choreo_env_hook {
  \builtin emulate -L zsh -o no_aliases -o no_all_export -o no_err_exit -o no_err_return -o no_xtrace
  if [[ -n "${__choreo_env_dir_switch-}" && "$PWD" != "${__choreo_env_pwd-}" ]]; then
    __choreo_env_follow
  fi
  __choreo_env_due
  __choreo_env_show
  return 0
}

# Before each command: a shell that was left alone for long does not begin again with a token that is over.
function __choreo_env_begin {
  \builtin emulate -L zsh -o no_aliases -o no_all_export -o no_err_exit -o no_err_return -o no_xtrace
  __choreo_env_due
  return 0
}

function __choreo_env_load {
  \builtin emulate -L zsh
  # What this shell inherited of another one's state is not its own.
  if [[ -z "${precmd_functions[(r)__choreo_env_hook]-}" ]]; then
    \builtin unset __choreo_env_{undo,before,failures,dir_switch,folder,pwd,file,base,entered,by_hand}
    \builtin typeset -g choreo_env_prompt=''
  fi
  \builtin zmodload -F zsh/datetime p:EPOCHSECONDS 2>/dev/null
  # First of all hooks, so that those that show something show what is true; once, however often this is loaded.
  \builtin typeset -ga precmd_functions preexec_functions
  precmd_functions=(__choreo_env_hook ${precmd_functions:#__choreo_env_hook})
  preexec_functions=(__choreo_env_begin ${preexec_functions:#__choreo_env_begin})
}
__choreo_env_load
\builtin unfunction __choreo_env_load
