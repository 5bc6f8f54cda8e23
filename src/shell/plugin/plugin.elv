# choreo-env for elvish 0.17 and later: `eval (choreo-env init elvish | slurp)` in ~/.config/elvish/rc.elv
#
# Owns the command `choreo-env`, the renewal before a prompt, the switch by folder and `choreo_env_prompt`. Never starts a
# program at a prompt while the token is good where there is /proc; elvish has no clock, so elsewhere each prompt starts
# `date` while a profile is in use. Gives `choreo-env use NAME`, `use -` and `off`; everything else goes to the program,
# which `e:choreo-env` still is.
# A failing `use` removes the variables and throws. What `eval` defines ends with it, so the two public names are handed to
# the session by `edit:add-var`; rc.elv itself does not see them yet, and takes the segment for the prompt from `eval`:
#   eval (choreo-env init elvish | slurp) &on-end={|plugin| set edit:rprompt = $plugin[choreo_env_prompt~] }

use path
use re
use str

var __choreo_env_undo = ''
var __choreo_env_before = ''
var __choreo_env_failures = (num 0)
# Where the profile was entered: a renewal means what counts there, wherever the shell is by then.
var __choreo_env_folder = ''
var __choreo_env_dir_switch = $false
# What the switch by folder remembers: the folder and the file of the last look, and where it came from.
var __choreo_env_looked = ''
var __choreo_env_found = ''
var __choreo_env_entered = $false
var __choreo_env_by_hand = $false
var __choreo_env_base = ''

fn __choreo_env_get {|name|
  if (has-env $name) { get-env $name } else { put '' }
}

# Runs the program, and gives what it printed and how it failed, or nothing for the latter.
fn __choreo_env_ask {|@words|
  var failure = $nil
  var printed = ({ try { e:choreo-env $@words } catch problem { set failure = $problem } } | slurp)
  put $printed $failure
}

# Evaluates code of the program, which may say what brings the environment back.
fn __choreo_env_apply {|code|
  eval $code &on-end={|names|
    if (has-key $names __choreo_env_undo) { set __choreo_env_undo = $names[__choreo_env_undo] }
  }
}

# The environment as it was before the plugin touched it.
fn __choreo_env_back {
  var undo = $__choreo_env_undo
  set __choreo_env_undo = ''
  eval $undo
}

# Remembers the profile for `use -`.
fn __choreo_env_came_from {|profile|
  if (and (not-eq $profile '') (not-eq $profile (__choreo_env_get CHOREO_ENV_PROFILE))) {
    set __choreo_env_before = $profile
  }
}

fn __choreo_env_reason {|failure|
  # The reason of a signal, or of a program that is not there, is of another form.
  try { put 'choreo-env exited with '$failure[reason][exit-status] } catch { put $failure }
}

fn __choreo_env_use {|@words|
  var current = (__choreo_env_get CHOREO_ENV_PROFILE)
  __choreo_env_back
  var code failure = (__choreo_env_ask use --shell elvish --current=$current --before=$__choreo_env_before $@words)
  # The code of a failure throws, too, but knows less about it.
  try { __choreo_env_apply $code } catch problem { if (eq $failure $nil) { set failure = $problem } }
  set __choreo_env_folder = $pwd
  set __choreo_env_failures = (num 0)
  __choreo_env_came_from $current
  if (not-eq $failure $nil) { fail (__choreo_env_reason $failure) }
}

fn __choreo_env_off {
  var current = (__choreo_env_get CHOREO_ENV_PROFILE)
  if (not-eq $__choreo_env_undo '') {
    __choreo_env_back
  } else {
    # A shell that was started from one with a profile: the program knows the names.
    var code failure = (__choreo_env_ask off --shell elvish)
    eval $code
  }
  set __choreo_env_failures = (num 0)
  __choreo_env_came_from $current
}

fn __choreo_env_main {|@words|
  var verb = ''
  if (and (> (count $words) 0) (not (has-value $words -h)) (not (has-value $words --help))) {
    set verb = $words[0]
  }
  if (eq $verb use) {
    set __choreo_env_entered __choreo_env_by_hand = $false $true
    __choreo_env_use (all $words[1..])
  } elif (and (eq $verb off) (== (count $words) 1)) {
    set __choreo_env_entered __choreo_env_by_hand = $false $true
    __choreo_env_off
  } else {
    # What a project's file may do has perhaps changed: the next prompt looks again.
    if (and (has-value [trust edit] $verb) (not $__choreo_env_by_hand)) { set __choreo_env_looked = '' }
    e:choreo-env $@words
  }
}

# Unix seconds. Linux says when it started, and how long ago that was.
fn __choreo_env_now {
  try {
    var started = (re:find '(?m)^btime ([0-9]+)$' (slurp < /proc/stat))[groups][1][text]
    var since = (re:find '^[0-9]+' (slurp < /proc/uptime))[text]
    put (+ $started $since)
  } catch {
    num (e:date +%s)
  }
}

# A variable that holds a time that can be computed with: it may come from anybody.
fn __choreo_env_is_time {|name|
  re:match '^[0-9]{1,12}$' (__choreo_env_get $name)
}

fn __choreo_env_renew {|now|
  # Ctrl-C in a renewal must not lead to another one at each prompt.
  set-env CHOREO_ENV_RENEW_AT (to-string (+ $now 30))
  var undo = $__choreo_env_undo
  var state = [--in $__choreo_env_folder --failures (to-string $__choreo_env_failures)]
  var code failure = (__choreo_env_ask use --renew --shell elvish $@state < /dev/null)
  if (eq $failure $nil) {
    set __choreo_env_failures = (num 0)
  } else {
    set __choreo_env_failures = (+ $__choreo_env_failures 1)
  }
  set __choreo_env_undo = ''
  __choreo_env_apply $code
  # With an inherited profile, what was there before is not known here.
  if (eq $undo '') { set __choreo_env_undo = '' } else { set __choreo_env_undo = $undo$__choreo_env_undo }
}

fn __choreo_env_is_there {|path|
  or (path:is-regular &follow-symlink=$true $path) (path:is-dir &follow-symlink=$true $path)
}

# The project's file that counts here, the nearest one, up to the repository's root or home; else nothing.
fn __choreo_env_find {
  var folder = (path:eval-symlinks $pwd)
  var home = ''
  try { set home = (path:eval-symlinks (get-env HOME)) } catch { nop }
  while $true {
    var file = (path:join $folder .choreo-env.toml)
    if (__choreo_env_is_there $file) { put $file; return }
    var parent = (path:dir $folder)
    if (or (has-value [$home $parent] $folder) (__choreo_env_is_there (path:join $folder .git))) { put ''; return }
    set folder = $parent
  }
}

fn __choreo_env_leave {
  var base = $__choreo_env_base
  set __choreo_env_entered = $false
  if (eq $base '') { __choreo_env_off } else { __choreo_env_use --unasked -- $base < /dev/null }
}

fn __choreo_env_switch {
  var known = (not-eq $__choreo_env_looked '')
  var file = (__choreo_env_find)
  var same = (and $known (eq $file $__choreo_env_found))
  set __choreo_env_looked = $pwd
  set __choreo_env_found = $file
  if $same { return }
  set __choreo_env_by_hand = $false
  # The reason of a failure is on the terminal already.
  if $__choreo_env_entered { try { __choreo_env_leave } catch { nop } }
  if (eq $file '') { return }
  var printed failure = (__choreo_env_ask use --here --shell elvish < /dev/null)
  var profile = (str:trim-space $printed)
  if (not-eq $profile '') {
    set __choreo_env_base = (__choreo_env_get CHOREO_ENV_PROFILE)
    set __choreo_env_entered = $true
    try { __choreo_env_use --unasked -- $profile < /dev/null } catch { nop }
  }
}

fn __choreo_env_when_due {
  if (and (not-eq (__choreo_env_get CHOREO_ENV_PROFILE) '') (__choreo_env_is_time CHOREO_ENV_RENEW_AT)) {
    var now = (__choreo_env_now)
    if (>= $now (get-env CHOREO_ENV_RENEW_AT)) { __choreo_env_renew $now }
  }
}

fn __choreo_env_at_prompt {
  if (and $__choreo_env_dir_switch (not-eq $__choreo_env_looked $pwd)) { __choreo_env_switch }
  __choreo_env_when_due
}

# The profile and what is left of its token, for a prompt.
fn choreo_env_prompt {
  var text = (__choreo_env_get CHOREO_ENV_PROFILE)
  var ours = (or (has-env CHOREO_ACCESS_TOKEN) (has-env CHOREO_ENV_RENEW_AT))
  if (not (and $ours (re:match '^[A-Za-z0-9._-]+$' $text))) { return }
  if (__choreo_env_is_time CHOREO_ACCESS_TOKEN_EXPIRES_AT) {
    var left = (- (get-env CHOREO_ACCESS_TOKEN_EXPIRES_AT) (__choreo_env_now))
    if (<= $left 0) {
      set text = $text' expired'
    } elif (< $left 60) {
      set text = $text' <1m'
    } else {
      set text = $text' '(to-string (/ (- $left (% $left 60)) 60))m
    }
  }
  if (eq (__choreo_env_get CHOREO_ENV_IS_PROTECTED) '') { put $text } else { styled $text red }
}

edit:add-var choreo-env~ $__choreo_env_main~
edit:add-var choreo_env_prompt~ $choreo_env_prompt~

# These hooks, but for those of an earlier evaluation, which have the text of this one; and this one.
fn __choreo_env_hooks {|own @hooks|
  for hook $hooks {
    var old = $false
    try { set old = (eq $hook[body] $own[body]) } catch { nop }
    if (not $old) { put $hook }
  }
  put $own
}
set edit:before-readline = [(__choreo_env_hooks $__choreo_env_at_prompt~ $@edit:before-readline)]
# A shell that was left alone for long does not begin again with a token that is over.
fn __choreo_env_at_command {|_| __choreo_env_when_due }
set edit:after-readline = [(__choreo_env_hooks $__choreo_env_at_command~ $@edit:after-readline)]
