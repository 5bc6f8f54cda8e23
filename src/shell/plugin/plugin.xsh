# choreo-env for xonsh 0.19 and later: `execx($(choreo-env init xonsh))` in ~/.config/xonsh/rc.xsh
#
# Owns the alias `choreo-env`, the renewal before a prompt, the switch by folder and the prompt field `choreo_env`. Never
# starts a process at a prompt while the token is good. Gives `choreo-env use NAME`, `use -` and `off`; everything else goes
# to the program itself, with the terminal, pipes and redirections that xonsh gives to any program.
# Every name here begins with `__choreo_env`, because xonsh runs this among the names of the session.

import os as __choreo_env_os
import re as __choreo_env_re
import subprocess as __choreo_env_subprocess
import sys as __choreo_env_sys
import time as __choreo_env_time
import types as __choreo_env_types
from xonsh.tools import unthreadable as __choreo_env_unthreadable

# What is remembered survives a second run of this file. `looked` and `found` are the folder and the file of the last
# look of the switch by folder, `base` is the profile before it entered one.
__choreo_env = globals().get('__choreo_env') or __choreo_env_types.SimpleNamespace(
    undo='', before='', failures=0, dir_switch=False, folder='', looked=None, found='', entered=False,
    by_hand=False, base='', words=[])


def __choreo_env_get(name):
    return str(__xonsh__.env.get(name, '') or '')


def __choreo_env_program():
    """The program itself, which the alias hides."""
    folders = __xonsh__.env.detype().get('PATH')
    return __import__('shutil').which('choreo-env', path=folders) or 'choreo-env'


def __choreo_env_ask(words, **streams):
    """What the program prints, and its status."""
    try:
        done = __choreo_env_subprocess.run([__choreo_env_program(), *words], env=__xonsh__.env.detype(),
                                           stdout=__choreo_env_subprocess.PIPE, encoding='utf-8', **streams)
    except OSError as problem:
        print(f'choreo-env: {problem}', file=__choreo_env_sys.stderr)
        return '', 127
    return done.stdout, done.returncode


def __choreo_env_apply(code):
    """Evaluates code of the program, which may say what brings the environment back."""
    names = {}
    try:
        if code:
            __xonsh__.execer.exec(code, glbs=names)
    finally:
        __choreo_env.undo = names.get('__choreo_env_undo', __choreo_env.undo)


def __choreo_env_back():
    """The environment as it was before the plugin touched it."""
    undo, __choreo_env.undo = __choreo_env.undo, ''
    __choreo_env_apply(undo)


def __choreo_env_came_from(profile):
    """Remembers the profile for `use -`."""
    if profile and profile != __choreo_env_get('CHOREO_ENV_PROFILE'):
        __choreo_env.before = profile


def __choreo_env_use(words, **streams):
    current = __choreo_env_get('CHOREO_ENV_PROFILE')
    __choreo_env_back()
    state = ['--shell', 'xonsh', f'--current={current}', f'--before={__choreo_env.before}']
    code, status = __choreo_env_ask(['use', *state, *words], **streams)
    try:
        __choreo_env_apply(code)
    except RuntimeError:  # the last statement of the code of a failure
        status = status or 1
    # The folder says what the profile is: a renewal means the same, wherever the shell is by then.
    __choreo_env.folder = __choreo_env_get('PWD')
    __choreo_env.failures = 0
    __choreo_env_came_from(current)
    return status if status >= 0 else 128 - status


def __choreo_env_off():
    current = __choreo_env_get('CHOREO_ENV_PROFILE')
    if __choreo_env.undo:
        __choreo_env_back()
    else:  # a shell that was started from one with a profile: the program knows the names
        __choreo_env_apply(__choreo_env_ask(['off', '--shell', 'xonsh'])[0])
    __choreo_env.failures = 0
    __choreo_env_came_from(current)
    return 0


@__choreo_env_unthreadable
def __choreo_env_by_hand(args):
    """`use` and `off` as the user says them: what is said inside a project's folder stays on the way out."""
    __choreo_env.entered, __choreo_env.by_hand = False, True
    return __choreo_env_use(args[1:]) if args[0] == 'use' else __choreo_env_off()


def __choreo_env_run(_, stdin, stdout, stderr):
    """The program with words that xonsh would change on their second way through it."""
    words, env = __choreo_env.words, __xonsh__.env.detype()
    return __choreo_env_subprocess.run(words, env=env, stdin=stdin, stdout=stdout, stderr=stderr).returncode


@aliases.return_command
def __choreo_env_main(args, **_):
    verb = '' if not args or '-h' in args or '--help' in args else args[0]
    if verb == 'use' or args == ['off']:
        return ['__choreo_env_by_hand', *args]
    # What a project's file may do has perhaps changed: the next prompt looks again.
    if verb in ('trust', 'edit') and not __choreo_env.by_hand:
        __choreo_env.looked = None
    __choreo_env.words = [__choreo_env_program(), *args]
    # xonsh puts variables and `~` into what an alias returns; r'$NAME' has to reach the program as it is.
    changed = any(__xonsh__.expand_path(word) != word for word in args)
    return ['__choreo_env_run'] if changed else __choreo_env.words


def __choreo_env_seconds(name):
    """A variable that holds a time, or nothing: it may come from anybody."""
    text = __choreo_env_get(name)
    return int(text) if __choreo_env_re.fullmatch('[0-9]{1,12}', text) else None


def __choreo_env_renew(now):
    # Ctrl-C in a renewal must not lead to another one at each prompt.
    __xonsh__.env['CHOREO_ENV_RENEW_AT'] = str(now + 30)
    undo, state = __choreo_env.undo, ['--in', __choreo_env.folder, '--failures', str(__choreo_env.failures)]
    code, status = __choreo_env_ask(['use', '--renew', '--shell', 'xonsh', *state], stdin=__choreo_env_subprocess.DEVNULL)
    __choreo_env.failures = __choreo_env.failures + 1 if status else 0
    __choreo_env.undo = ''
    __choreo_env_apply(code)
    # With an inherited profile, what was there before is not known here.
    __choreo_env.undo = undo and undo + __choreo_env.undo


def __choreo_env_find():
    """The project's file that counts here, the nearest one, up to the repository's root or home; else nothing."""
    path = __choreo_env_os.path
    folder, home = path.realpath('.'), path.realpath(path.expanduser('~'))
    while True:
        file = path.join(folder, '.choreo-env.toml')
        if path.lexists(file):
            return file
        if path.lexists(path.join(folder, '.git')) or folder in (home, path.dirname(folder)):
            return ''
        folder = path.dirname(folder)


def __choreo_env_switch():
    looked, __choreo_env.looked = __choreo_env.looked, __choreo_env_get('PWD')
    found, __choreo_env.found = __choreo_env.found, __choreo_env_find()
    if looked is not None and found == __choreo_env.found:
        return
    __choreo_env.by_hand = False
    silent = {'stdin': __choreo_env_subprocess.DEVNULL}
    if __choreo_env.entered:
        __choreo_env.entered = False
        __choreo_env_use(['--unasked', '--', __choreo_env.base], **silent) if __choreo_env.base else __choreo_env_off()
    if not __choreo_env.found:
        return
    profile = __choreo_env_ask(['use', '--here', '--shell', 'xonsh'], **silent)[0].strip()
    if profile:
        __choreo_env.base, __choreo_env.entered = __choreo_env_get('CHOREO_ENV_PROFILE'), True
        __choreo_env_use(['--unasked', '--', profile], **silent)


def __choreo_env_at_prompt(**_):
    if __choreo_env.dir_switch and __choreo_env.looked != __choreo_env_get('PWD'):
        __choreo_env_switch()
    __choreo_env_when_due()


def __choreo_env_when_due(**_):
    """Also before a command: a shell that was left alone for long does not begin again with a token that is over."""
    due, now = __choreo_env_seconds('CHOREO_ENV_RENEW_AT'), int(__choreo_env_time.time())
    if due is not None and now >= due and __choreo_env_get('CHOREO_ENV_PROFILE'):
        __choreo_env_renew(now)


def __choreo_env_segment():
    """The profile and what is left of its token, for {choreo_env} in $PROMPT."""
    text = __choreo_env_get('CHOREO_ENV_PROFILE')
    ours = __choreo_env_get('CHOREO_ACCESS_TOKEN') or __choreo_env_get('CHOREO_ENV_RENEW_AT')
    if not ours or not __choreo_env_re.fullmatch('[A-Za-z0-9._-]+', text):
        return None
    at = __choreo_env_seconds('CHOREO_ACCESS_TOKEN_EXPIRES_AT')
    if at is not None:
        left = at - int(__choreo_env_time.time())
        text += ' expired' if left <= 0 else ' <1m' if left < 60 else f' {left // 60}m'
    return '{RED}' + text + '{RESET}' if __choreo_env_get('CHOREO_ENV_IS_PROTECTED') else text


aliases['choreo-env'] = __choreo_env_main
aliases['__choreo_env_by_hand'] = __choreo_env_by_hand
aliases['__choreo_env_run'] = __choreo_env_run
# The hook of an earlier run of this file gives way to this one.
for __choreo_env_event in (events.on_pre_prompt, events.on_precommand):
    for __choreo_env_hook in list(__choreo_env_event):
        if getattr(__choreo_env_hook, '__name__', '') in ('__choreo_env_at_prompt', '__choreo_env_when_due'):
            __choreo_env_event.discard(__choreo_env_hook)
events.on_pre_prompt(__choreo_env_at_prompt)
events.on_precommand(__choreo_env_when_due)
$PROMPT_FIELDS['choreo_env'] = __choreo_env_segment
