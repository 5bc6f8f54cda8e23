# shellcheck shell=bash disable=SC2034,SC2120,SC2128,SC2178
# The choreo-env plugin for bash 3.2 and later: eval "$(choreo-env init bash)"
#
# Exported is what `choreo-env` exports. All else is this shell's own and begins with `__choreo_env_`, also the local
# names, since exported code may set any other; but for the function `choreo-env` and the variable `choreo_env_prompt`.
# A backslash before a builtin keeps the user's aliases away.

# What this shell inherited of another one's state is not its own.
if ! \builtin declare -F __choreo_env_hook >/dev/null; then
  \builtin unset -v __choreo_env_undo __choreo_env_before __choreo_env_failures __choreo_env_dir_switch \
    __choreo_env_folder __choreo_env_pwd __choreo_env_file __choreo_env_base __choreo_env_entered __choreo_env_by_hand \
    __choreo_env_posix
  choreo_env_prompt=
fi

# A function with a hyphen in its name can be called in POSIX mode, but not made.
if \builtin shopt -qo posix; then
  __choreo_env_posix=1
  \builtin set +o posix
fi

# `use` and `off` change this shell; all the rest is the program's own business.
function choreo-env {
  local __choreo_env_word
  case "${1-}" in
    use | off)
      for __choreo_env_word in "$@"; do
        case "$__choreo_env_word" in
          -h | --help)
            \command choreo-env "$@"
            return
            ;;
        esac
      done
      __choreo_env_entered='' __choreo_env_by_hand=1
      __choreo_env_untraced "__choreo_env_$1" "${@:2}"
      ;;
    trust | edit)
      \command choreo-env "$@" || return
      # What counts in this folder may have changed: the next prompt looks again.
      if [[ -z ${__choreo_env_by_hand-} ]]; then
        __choreo_env_pwd='' __choreo_env_file=''
      fi
      ;;
    *)
      \command choreo-env "$@"
      ;;
  esac
}

if [[ -n ${__choreo_env_posix-} ]]; then
  \builtin unset -v __choreo_env_posix
  \builtin set -o posix
fi

# Does something without a trace: that of `set -x` or `set -v` would show the token, in a log perhaps.
__choreo_env_untraced() {
  local __choreo_env_options=$- __choreo_env_end=0
  case $__choreo_env_options in
    *[xv]*) { \builtin set +xv; } 2>/dev/null ;;
    *)
      "$@"
      return
      ;;
  esac
  "$@" || __choreo_env_end=$?
  case $__choreo_env_options in *v*) \builtin set -v ;; esac
  case $__choreo_env_options in *x*) \builtin set -x ;; esac
  return "$__choreo_env_end"
}

# Evaluates code of the program: an alias could change the meaning of its words.
__choreo_env_eval() {
  local __choreo_env_result=0 __choreo_env_aliases=
  if \builtin shopt -q expand_aliases; then
    __choreo_env_aliases=1
    \builtin shopt -u expand_aliases
  fi
  # Not `builtin eval`: under `set -e`, bash 5.2 would take a failure inside for one of its own.
  \eval "$1" || __choreo_env_result=$?
  if [[ -n $__choreo_env_aliases ]]; then
    \builtin shopt -s expand_aliases
  fi
  return "$__choreo_env_result"
}

# Under `set -a`, everything is exported: not the state.
__choreo_env_keep() {
  case $- in
    *a*)
      \builtin export -n __choreo_env_undo __choreo_env_before __choreo_env_failures __choreo_env_time \
        __choreo_env_folder __choreo_env_pwd __choreo_env_file __choreo_env_base __choreo_env_entered __choreo_env_by_hand choreo_env_prompt
      ;;
  esac
}

# Brings back the environment that was there before.
__choreo_env_leave() {
  local __choreo_env_code=${__choreo_env_undo-}
  __choreo_env_undo='' __choreo_env_failures=0
  if [[ -n $__choreo_env_code ]]; then
    __choreo_env_eval "$__choreo_env_code" || :
  fi
}

# Remembers for `use -` that there was another profile.
__choreo_env_left() {
  if [[ -n $1 && $1 != "${CHOREO_ENV_PROFILE-}" ]]; then
    __choreo_env_before=$1
  fi
}

__choreo_env_use() {
  local __choreo_env_current=${CHOREO_ENV_PROFILE-} __choreo_env_code __choreo_env_status=0
  __choreo_env_leave
  __choreo_env_code=$(\command choreo-env use --shell bash --current="$__choreo_env_current" \
    --before="${__choreo_env_before-}" "$@") || __choreo_env_status=$?
  # The code of a failure fails, too, once it has removed what it must.
  if ! __choreo_env_eval "$__choreo_env_code" && [[ $__choreo_env_status == 0 ]]; then
    __choreo_env_status=1
  fi
  # The folder says what the profile is: a renewal means the same, wherever the shell is by then.
  __choreo_env_folder=$PWD
  __choreo_env_left "$__choreo_env_current"
  __choreo_env_keep
  return "$__choreo_env_status"
}

__choreo_env_off() {
  local __choreo_env_current=${CHOREO_ENV_PROFILE-} __choreo_env_code=
  # A shell that has inherited what is exported does not know what was there before: the program says what goes.
  if [[ -z ${__choreo_env_undo-} || $# -gt 0 ]]; then
    __choreo_env_code=$(\command choreo-env off --shell bash "$@") || return
  fi
  __choreo_env_leave
  __choreo_env_eval "$__choreo_env_code"
  __choreo_env_left "$__choreo_env_current"
  __choreo_env_keep
}

# The time, without a process, into __choreo_env_time. Not EPOCHSECONDS, which can be unset.
if \builtin printf -v __choreo_env_time '%(%s)T' -1 2>/dev/null; then
  __choreo_env_now() { \builtin printf -v __choreo_env_time '%(%s)T' -1; }
else
  # bash before 4.2 counts the seconds from its own start: one process now, and none later.
  __choreo_env_start=$(($(\command date +%s) - SECONDS))
  __choreo_env_now() { __choreo_env_time=$((__choreo_env_start + SECONDS)); }
fi

# Whether a text is a number that arithmetic can take: the environment may hold anything, code too.
__choreo_env_is_number() {
  case "$1" in
    '' | *[!0-9]* | ????????????????*) return 1 ;;
  esac
}

# Brings a fresh token. Failures are counted, because the program tells the first one only.
__choreo_env_renew() {
  local __choreo_env_kept=${__choreo_env_undo-} __choreo_env_code __choreo_env_status=0
  # Should Ctrl-C end this, the next prompt must not begin it again.
  \builtin export CHOREO_ENV_RENEW_AT=$((__choreo_env_time + 30))
  \builtin type -P choreo-env >/dev/null || return 0
  __choreo_env_code=$(\command choreo-env use --renew --shell bash --in "${__choreo_env_folder-}" \
    --failures "${__choreo_env_failures:-0}" </dev/null) || __choreo_env_status=$?
  __choreo_env_undo=
  __choreo_env_eval "$__choreo_env_code" || :
  # `off` brings back what was there before the first export; after an inherited one nobody knows what that was.
  __choreo_env_undo=${__choreo_env_kept:+$__choreo_env_kept$__choreo_env_undo}
  if [[ $__choreo_env_status == 0 ]]; then
    __choreo_env_failures=0
  else
    __choreo_env_failures=$((${__choreo_env_failures:-0} + 1))
  fi
}

# The prompt segment, into choreo_env_prompt: PS1='${choreo_env_prompt:+$choreo_env_prompt }\$ '
__choreo_env_show() {
  local text=${CHOREO_ENV_PROFILE-} left=${CHOREO_ACCESS_TOKEN_EXPIRES_AT-}
  choreo_env_prompt=
  case "$text" in
    '' | *[!A-Za-z0-9._-]*) return 0 ;;
  esac
  if [[ -z ${CHOREO_ACCESS_TOKEN-}${CHOREO_ENV_RENEW_AT-} ]]; then
    return 0
  fi
  if __choreo_env_is_number "$left"; then
    __choreo_env_now
    left=$((10#$left - __choreo_env_time))
    if [[ $left -le 0 ]]; then
      text+=' expired'
    elif [[ $left -lt 60 ]]; then
      text+=' <1m'
    else
      text+=" $((left / 60))m"
    fi
  fi
  if [[ -n ${CHOREO_ENV_IS_PROTECTED-} && -z ${NO_COLOR-} ]]; then
    # The bytes 1 and 2 tell readline what has no width: \[ and \] mean nothing inside a variable.
    text=$'\001\e[31m\002'$text$'\001\e[0m\002'
  fi
  choreo_env_prompt=$text
}

# The nearest project file, into __choreo_env_found: where the program looks for it, from here up to the root of a
# repository, the home folder or the root. `..` is the system's, so that links do not matter.
__choreo_env_find() {
  local folder=. path=$PWD
  while [[ ! -e $folder/.choreo-env.toml ]]; do
    if [[ -e $folder/.git || $folder -ef ${HOME:-/} || $folder -ef $folder/.. ]]; then
      __choreo_env_found=
      return 0
    fi
    folder+=/.. path+=/..
  done
  __choreo_env_found=$path/.choreo-env.toml
}

# Enters a project's profile with its folder, and leaves it with the folder.
__choreo_env_follow() {
  local __choreo_env_found __choreo_env_name
  __choreo_env_pwd=$PWD
  __choreo_env_find
  if [[ $__choreo_env_found == "${__choreo_env_file-}" || $__choreo_env_found -ef ${__choreo_env_file-} ]]; then
    return 0
  fi
  __choreo_env_file=$__choreo_env_found __choreo_env_by_hand=
  # Who has said `use` or `off` since then keeps that.
  if [[ -n ${__choreo_env_entered-} ]]; then
    __choreo_env_entered=
    if [[ -n ${__choreo_env_base-} ]]; then
      __choreo_env_use --unasked -- "$__choreo_env_base" || :
    else
      # shellcheck disable=SC2119
      __choreo_env_off || :
    fi
  fi
  if [[ -n $__choreo_env_found ]]; then
    __choreo_env_name=$(\command choreo-env use --here --shell bash </dev/null) || :
    if [[ -n $__choreo_env_name ]]; then
      __choreo_env_base=${CHOREO_ENV_PROFILE-} __choreo_env_entered=1
      __choreo_env_use --unasked -- "$__choreo_env_name" </dev/null || :
    fi
  fi
}

# What is done before each prompt.
__choreo_env_at_prompt() {
  if [[ -n ${__choreo_env_dir_switch-} && $PWD != "${__choreo_env_pwd-}" ]]; then
    __choreo_env_follow
  fi
  if [[ -n ${CHOREO_ENV_PROFILE-} ]] && __choreo_env_is_number "${CHOREO_ENV_RENEW_AT-}"; then
    __choreo_env_now
    if [[ $__choreo_env_time -ge $((10#$CHOREO_ENV_RENEW_AT)) ]]; then
      __choreo_env_renew
    fi
  fi
  __choreo_env_show
  __choreo_env_keep
}

# Before each prompt. The status of the last command stays what it was, for those who come after.
__choreo_env_hook() {
  local __choreo_env_last=$?
  __choreo_env_untraced __choreo_env_at_prompt
  # Under `set -e`, a hook that fails would end the shell.
  case $- in
    *e*) return 0 ;;
  esac
  return "$__choreo_env_last"
}

# First of all hooks, so that those that show something show what is true; and once, however often this is loaded.
case "${PROMPT_COMMAND[*]-}" in
  *__choreo_env_hook*) ;;
  *)
    if [[ $(\builtin declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
      PROMPT_COMMAND=(__choreo_env_hook ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"})
    else
      PROMPT_COMMAND=__choreo_env_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}
    fi
    ;;
esac
