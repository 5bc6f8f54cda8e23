# choreo-env for tcsh: eval "`choreo-env init tcsh`" in ~/.tcshrc
#
# Owns the alias `choreo-env`, the renewal before a prompt, the switch by folder and $choreo_env_prompt. Never starts a
# process at a prompt while the token is good. Gives `choreo-env use NAME`, `use -` and `off`; everything else goes to
# the program, which `\choreo-env` still is.
#
# What tcsh cannot do. It has no clock: the time is when the terminal was last written to, which the system may tell up
# to 8 seconds late; where the shell has no terminal, nothing is renewed. An alias cannot be used in a script that does
# not define it. `precmd` is one alias: who sets it later takes the hook away. `postcmd` may not use `eval`, so
# nothing is renewed right before a command. A prompt cannot show colour that a variable holds: $choreo_env_prompt has a
# `!` before a protected profile. `set echo` shows what `eval` does, and so the token. $cwd, which may hold symbolic links, is what the switch by folder goes up.
#
# `eval` sees these lines as one, so each statement ends in `;` and `init` leaves the comments out. An alias can have no
# blocks: `if (…) eval NAME` stands for them, also where a variable may be unset, which `if (…) set` would mind.
# All values are quoted by `:q`, and numbers are looked at before they count.

# What was inherited under these names is not this shell's own, and tcsh does not tell the two apart.
unsetenv __choreo_env_*;
unsetenv choreo_env_prompt;
if (! $?__choreo_env_undo) set __choreo_env_undo = '';
if (! $?__choreo_env_before) set __choreo_env_before = '';
if (! $?__choreo_env_failures) set __choreo_env_failures = 0;
if (! $?__choreo_env_folder) set __choreo_env_folder = '';
if (! $?__choreo_env_by_hand) set __choreo_env_by_hand = 0;
if (! $?__choreo_env_entered) set __choreo_env_entered = 0;
if (! $?__choreo_env_looked) set __choreo_env_looked = '';
if (! $?__choreo_env_found) set __choreo_env_found = '';
if (! $?__choreo_env_base) set __choreo_env_base = '';
if (! $?choreo_env_prompt) set choreo_env_prompt = '';

# The last command is the program, or what has the status of `use`; pipes and redirections belong to it.
alias choreo-env 'set __choreo_env_words = (\!*:q ""); set __choreo_env_verb = "$__choreo_env_words[1]:q"; if (" $__choreo_env_words:q " =~ *" "{-h,--help}" "*) set __choreo_env_verb = ""; if ("$__choreo_env_verb:q" == use) set __choreo_env_words = (\!*); set __choreo_env_run = choreo-env; if ("$__choreo_env_verb:q" == use) eval __choreo_env_use_by_hand; if ("$__choreo_env_verb:q" == off && $#__choreo_env_words == 2) eval __choreo_env_off_by_hand; if (! $__choreo_env_by_hand && ("$__choreo_env_verb:q" == trust || "$__choreo_env_verb:q" == edit)) set __choreo_env_looked = ""; $__choreo_env_run:q \!*';

# What is said inside a project's folder stays on the way out.
alias __choreo_env_use_by_hand 'set __choreo_env_entered = 0; set __choreo_env_by_hand = 1; shift __choreo_env_words; __choreo_env_use; set __choreo_env_run = true; if ($__choreo_env_status) set __choreo_env_run = (sh -c "exit $__choreo_env_status")';
alias __choreo_env_off_by_hand 'set __choreo_env_entered = 0; set __choreo_env_by_hand = 1; __choreo_env_off; set __choreo_env_run = true';

# In $__choreo_env_current, the profile of this moment.
alias __choreo_env_look 'set __choreo_env_current = ""; if ($?CHOREO_ENV_PROFILE) eval __choreo_env_look_there';
alias __choreo_env_look_there 'set __choreo_env_current = "$CHOREO_ENV_PROFILE:q"';

# Remembers the profile before for `use -`.
alias __choreo_env_came 'set __choreo_env_from = "$__choreo_env_current:q"; __choreo_env_look; if ($%__choreo_env_from && "$__choreo_env_from:q" != "$__choreo_env_current:q") set __choreo_env_before = "$__choreo_env_from:q"; set __choreo_env_failures = 0';

# The environment as it was before the plugin touched it.
alias __choreo_env_back 'set __choreo_env_code = "$__choreo_env_undo:q"; set __choreo_env_undo = ""; eval "$__choreo_env_code:q"';

# Calls of the program. What is in "`…`" is parsed again after its variables are put in, even with `:q`; an alias is not.
alias __choreo_env_ask_use '\choreo-env use --shell tcsh --current=$__choreo_env_current:q --before=$__choreo_env_before:q $__choreo_env_words:q';
alias __choreo_env_ask_renew '\choreo-env use --renew --shell tcsh --in=$__choreo_env_folder:q --failures=$__choreo_env_failures:q < /dev/null';

# `use` with the words in $__choreo_env_words; its status is in $__choreo_env_status. The folder says
# what the profile is: a renewal means the same, wherever the shell is by then.
alias __choreo_env_use '__choreo_env_look; __choreo_env_back; set __choreo_env_code = ("`__choreo_env_ask_use`"); set __choreo_env_status = $status; eval "$__choreo_env_code:q"; set __choreo_env_folder = "$cwd:q"; __choreo_env_came';

# In a shell that was started from one with a profile, the program knows the names.
alias __choreo_env_off '__choreo_env_look; if (! $%__choreo_env_undo) set __choreo_env_undo = "`\choreo-env off --shell tcsh`"; __choreo_env_back; __choreo_env_came';

# In $__choreo_env_time, Unix seconds: harmless bytes go to the terminal, whose file then says when. On a terminal that
# knows no such bytes, it still says when a line was typed.
alias __choreo_env_clock 'echotc -s me; @ __choreo_env_time = -M "/dev/$tty:q"; @ __choreo_env_typed = -A "/dev/$tty:q"; if ($__choreo_env_typed > $__choreo_env_time) set __choreo_env_time = $__choreo_env_typed';

# Ctrl-C in a renewal must not lead to another one at each prompt; with an inherited profile, what was there before is
# not known here.
alias __choreo_env_renew '@ __choreo_env_next = $__choreo_env_time + 30; setenv CHOREO_ENV_RENEW_AT $__choreo_env_next; set __choreo_env_kept = "$__choreo_env_undo:q"; set __choreo_env_undo = ""; set __choreo_env_code = ("`__choreo_env_ask_renew`"); set __choreo_env_status = $status; eval "$__choreo_env_code:q"; @ __choreo_env_failures++; if (! $__choreo_env_status) set __choreo_env_failures = 0; set __choreo_env_undo = "$__choreo_env_kept:q$__choreo_env_undo:q"; if (! $%__choreo_env_kept) set __choreo_env_undo = ""';
alias __choreo_env_check 'if ("$CHOREO_ENV_RENEW_AT:q" =~ [0-9]* && "$CHOREO_ENV_RENEW_AT:q" \!~ *[^0-9]* && $%CHOREO_ENV_RENEW_AT < 12) eval __choreo_env_compare';
alias __choreo_env_compare 'if ($__choreo_env_time >= $CHOREO_ENV_RENEW_AT) eval __choreo_env_renew';

# The profile and what is left of its token, in $choreo_env_prompt: set prompt = "%$choreo_env_prompt %~ %# ".
alias __choreo_env_show 'set choreo_env_prompt = ""; if ("$CHOREO_ENV_PROFILE:q" \!~ *[^A-Za-z0-9._-]* && ($?CHOREO_ACCESS_TOKEN || $?CHOREO_ENV_RENEW_AT)) set choreo_env_prompt = "$CHOREO_ENV_PROFILE:q"; if ($%choreo_env_prompt && $?CHOREO_ACCESS_TOKEN_EXPIRES_AT) eval __choreo_env_show_expiry; if ($%choreo_env_prompt && $?CHOREO_ENV_IS_PROTECTED) set choreo_env_prompt = "\!$choreo_env_prompt:q"';
alias __choreo_env_show_expiry 'if ("$CHOREO_ACCESS_TOKEN_EXPIRES_AT:q" =~ [0-9]* && "$CHOREO_ACCESS_TOKEN_EXPIRES_AT:q" \!~ *[^0-9]* && $%CHOREO_ACCESS_TOKEN_EXPIRES_AT < 12) eval __choreo_env_show_left';
alias __choreo_env_show_left '@ __choreo_env_left = $CHOREO_ACCESS_TOKEN_EXPIRES_AT - $__choreo_env_time; @ __choreo_env_minutes = $__choreo_env_left / 60; if ($__choreo_env_left <= 0) set choreo_env_prompt = "$choreo_env_prompt expired"; if ($__choreo_env_left > 0 && $__choreo_env_left < 60) set choreo_env_prompt = "$choreo_env_prompt <1m"; if ($__choreo_env_left >= 60) set choreo_env_prompt = "$choreo_env_prompt ${__choreo_env_minutes}m"';

# The project's file that counts here, the nearest one, up to the repository's root or home, in $__choreo_env_found.
alias __choreo_env_find 'if (-e "$__choreo_env_folder:q/.choreo-env.toml") set __choreo_env_found = "$__choreo_env_folder:q/.choreo-env.toml"; if (! $%__choreo_env_found && $%__choreo_env_folder && ! -e "$__choreo_env_folder:q/.git" && "$__choreo_env_folder:q" \!= "$home:q") eval __choreo_env_find_above';
alias __choreo_env_find_above 'set __choreo_env_upper = "$__choreo_env_folder:h:q"; if ("$__choreo_env_upper:q" == "$__choreo_env_folder:q" || "$__choreo_env_upper:q" == /) set __choreo_env_upper = ""; set __choreo_env_folder = "$__choreo_env_upper:q"; __choreo_env_find';
alias __choreo_env_switch 'set __choreo_env_known = $%__choreo_env_looked; set __choreo_env_looked = "$cwd:q"; set __choreo_env_folder = "$cwd:q"; set __choreo_env_last = "$__choreo_env_found:q"; set __choreo_env_found = ""; __choreo_env_find; if (! $__choreo_env_known || "$__choreo_env_found:q" \!= "$__choreo_env_last:q") eval __choreo_env_move';
alias __choreo_env_move 'set __choreo_env_by_hand = 0; if ($__choreo_env_entered) eval __choreo_env_leave; if ($%__choreo_env_found) eval __choreo_env_enter';
alias __choreo_env_leave 'set __choreo_env_entered = 0; set __choreo_env_words = (--unasked -- "$__choreo_env_base:q"); if ($%__choreo_env_base) eval __choreo_env_use; if (! $%__choreo_env_base) eval __choreo_env_off';
alias __choreo_env_enter 'set __choreo_env_name = "`\choreo-env use --here --shell tcsh < /dev/null`"; set __choreo_env_words = (--unasked -- "$__choreo_env_name:q"); if ($%__choreo_env_name) eval __choreo_env_go_in';
alias __choreo_env_go_in '__choreo_env_look; set __choreo_env_base = "$__choreo_env_current:q"; set __choreo_env_entered = 1; __choreo_env_use';
alias __choreo_env_follow 'if ("$__choreo_env_looked:q" \!= "$cwd:q") eval __choreo_env_switch';

alias __choreo_env_at_prompt 'if ($?__choreo_env_dir_switch) eval __choreo_env_follow; set choreo_env_prompt = ""; if ($?CHOREO_ENV_PROFILE) eval __choreo_env_with_profile';
alias __choreo_env_with_profile '__choreo_env_clock; if ($?CHOREO_ENV_RENEW_AT) eval __choreo_env_check; if ($?CHOREO_ENV_PROFILE) eval __choreo_env_show';

# Before what the user does before a prompt, and once, also where this is evaluated twice.
set __choreo_env_precmd = "`alias precmd`";
if ("$__choreo_env_precmd:q" !~ *__choreo_env_at_prompt*) alias precmd "__choreo_env_at_prompt; $__choreo_env_precmd:q";
