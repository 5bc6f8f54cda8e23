# Completion of choreo-env, cargo-choreo-env and `cargo choreo-env` for bash 3.2 and later.
#
# To be evaluated (`eval "$(choreo-env completions bash)"`), or a file of bash-completion's folder, where `cargo
# choreo-env` has to wait until choreo-env itself was completed. The program itself says what a word may become; nothing
# that it says is evaluated here.

# Sets `words` to the words up to the cursor, and `cur` to the last of them. bash takes words apart at `=` and `:`.
_choreo_env_words() {
  local line=${COMP_LINE:0:COMP_POINT} rest word i last=-1
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    rest=${line#"${line%%[![:space:]]*}"}
    if ((i == COMP_CWORD)); then word=$rest; fi
    if ((i == 0)) || [[ $rest != "$line" ]]; then
      last=$((last + 1))
      words[last]=$word
    else
      words[last]+=$word
    fi
    line=${rest#*"$word"}
  done
  cur=${words[last]}
  unset 'words[last]'
}

# What the word at the cursor may become; `$1` words stand before the program's own, and `$2` is what bash replaces.
_choreo_env_complete() {
  local words cur before=() line value group about all=() abouts=() width=0 i columns=80
  # The environment may hold anything there, and arithmetic would run it.
  case ${COLUMNS-} in
    '' | *[!0-9]* | ?????*) ;;
    *) columns=$((10#$COLUMNS)) ;;
  esac
  COMPREPLY=()
  _choreo_env_words
  cur=${cur#[\"\']}
  for ((i = $1; i < ${#words[@]}; i++)); do
    before+=("${words[i]//[\"\'\\]/}")
  done
  while IFS= read -r line; do
    value=${line%%$'\t'*} line=${line#*$'\t'}
    group=${line%%$'\t'*} about=${line#*$'\t'}
    case $value:$group in
      :files) _choreo_env_files "$2" ;;
      :command) _choreo_env_program "$1" "$2" ;;
      *[!A-Za-z0-9_.=:/@%+,-]* | :*) ;;
      *)
        case $group:$value in keys:*[=.]) compopt -o nospace 2>/dev/null || : ;; esac
        value=${value#"${cur%"$2"}"}
        if ((${#value} > width)); then width=${#value}; fi
        all+=("$value") abouts+=("$about")
        ;;
    esac
  done <<<"$(command choreo-env completions bash --word="$cur" -- ${before[@]+"${before[@]}"} 2>/dev/null)"
  for ((i = 0; i < ${#all[@]}; i++)); do
    value=${all[i]}
    # Only where bash shows a list: what stands behind the value is never inserted, since the values differ before it.
    case ${COMP_TYPE-} in
      33 | 63 | 64)
        if ((${#all[@]} > 1)) && [[ ${abouts[i]} ]]; then
          printf -v value '%-*s  (%s)' "$width" "$value" "${abouts[i]}"
          value=${value:0:columns-1}
        fi
        ;;
    esac
    COMPREPLY+=("$value")
  done
  return 0
}

# Paths, as bash completes them.
_choreo_env_files() {
  local path
  compopt -o default -o bashdefault 2>/dev/null && return
  while IFS= read -r path; do
    if [[ $path ]]; then COMPREPLY+=("$path"); fi
  done <<<"$(compgen -f -- "$1")"
}

# The program that stands behind the first `--`, and its words, by their own completion.
_choreo_env_program() {
  local i=$1 name code
  while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} != -- ]]; do i=$((i + 1)); done
  i=$((i + 1))
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$i"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$i"
  elif ((COMP_CWORD == i)); then
    while IFS= read -r name; do
      if [[ $name ]]; then COMPREPLY+=("$name"); fi
    done <<<"$(compgen -c -- "$2")"
  else
    code=$(complete -p -- "${COMP_WORDS[i]}" 2>/dev/null) || code=
    [[ $code =~ \ -F\ ([^\ ]+)\  ]] || {
      _choreo_env_files "$2"
      return 0
    }
    name=${BASH_REMATCH[1]}
    for (( ; i > 0; i--)); do
      COMP_LINE=${COMP_LINE#*"${COMP_WORDS[0]}"}
      COMP_WORDS=("${COMP_WORDS[@]:1}")
      COMP_CWORD=$((COMP_CWORD - 1))
    done
    COMP_LINE=${COMP_LINE#"${COMP_LINE%%[![:space:]]*}"}
    COMP_POINT=${#COMP_LINE}
    "$name" "${COMP_WORDS[0]}" "$2" "${COMP_WORDS[COMP_CWORD - 1]}"
  fi
  return 0
}

_choreo_env() {
  _choreo_env_complete 1 "${2-}"
}

# `cargo choreo-env` is ours; all else of cargo is left to whatever completed it before.
_choreo_env_cargo() {
  local i=1
  while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == [+-]* ]]; do i=$((i + 1)); done
  if ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == choreo-env ]]; then
    _choreo_env_complete $((i + 1)) "${2-}"
    return 0
  fi
  if [[ ! ${_choreo_env_cargo_before-} ]]; then
    # bash-completion loads the code for a command when it is first needed.
    complete -r cargo
    if declare -F _comp_load >/dev/null; then
      _comp_load -- cargo
    elif declare -F _completion_loader >/dev/null; then
      _completion_loader cargo
    fi
    _choreo_env_wrap_cargo
  fi
  if [[ $_choreo_env_cargo_before != none ]]; then
    "$_choreo_env_cargo_before" "$@"
    return
  fi
  COMPREPLY=()
  if ((COMP_CWORD == i)) && [[ choreo-env == "${2-}"* ]]; then
    COMPREPLY=(choreo-env)
  else
    _choreo_env_files "${2-}"
  fi
}

# Keeps what completes cargo now, and comes before it.
_choreo_env_wrap_cargo() {
  local now
  now=$(complete -p cargo 2>/dev/null) || now=
  if [[ $now =~ \ -F\ ([^\ ]+)\  ]]; then
    if [[ ${BASH_REMATCH[1]} != _choreo_env_cargo ]]; then
      _choreo_env_cargo_before=${BASH_REMATCH[1]}
      # bash prints this to be read again; all else of it stays as it was.
      eval "${now/ -F $_choreo_env_cargo_before / -F _choreo_env_cargo }"
    fi
  else
    _choreo_env_cargo_before=none
    if [[ ${1-} == later ]]; then _choreo_env_cargo_before=; fi
    complete -o bashdefault -o default -F _choreo_env_cargo cargo
  fi
}

_choreo_env_wrap_cargo later
complete -o nosort -F _choreo_env choreo-env cargo-choreo-env 2>/dev/null ||
  complete -F _choreo_env choreo-env cargo-choreo-env
