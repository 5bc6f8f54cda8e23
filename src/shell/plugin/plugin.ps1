# choreo-env for PowerShell 5.1 and later: choreo-env init powershell | Out-String | Invoke-Expression, in $PROFILE
#
# Owns the function `choreo-env`, the renewal before a prompt, the switch by folder and `choreo_env_prompt`. Never starts
# a process at a prompt while the token is good. Gives `choreo-env use NAME`, `use -` and `off`; everything else goes to the
# program itself. What is remembered are global variables that begin with `__choreo_env_`; no program sees them.
# A failing `use` removes the variables and leaves the program's status in $LASTEXITCODE. The hook is around the function
# `prompt`: who defines another one later (a prompt theme) has to load this after it.

# What survives a second run of this.
if (-not (Test-Path -LiteralPath Variable:Global:__choreo_env_state)) {
    $Global:__choreo_env_undo = ''
    $Global:__choreo_env_state = @{
        Before = ''; Failures = 0; Folder = ''; Prompt = $null
        DirSwitch = $false; Looked = ''; Found = ''; Entered = $false; ByHand = $false; Base = ''
    }
}

function global:choreo-env {
    $program = __choreo_env_program
    $verb = ''
    if ($args.Count -gt 0 -and -not ($args -ccontains '-h') -and -not ($args -ccontains '--help')) { $verb = [string]$args[0] }
    if ($verb -ceq 'use') {
        $Global:__choreo_env_state.Entered = $false
        $Global:__choreo_env_state.ByHand = $true
        __choreo_env_use @(@($args) | Select-Object -Skip 1)
        return
    }
    if ($verb -ceq 'off' -and $args.Count -eq 1) {
        $Global:__choreo_env_state.Entered = $false
        $Global:__choreo_env_state.ByHand = $true
        __choreo_env_off
        return
    }
    # What a project's file may do has perhaps changed: the next prompt looks again.
    if (($verb -ceq 'trust' -or $verb -ceq 'edit') -and -not $Global:__choreo_env_state.ByHand) { $Global:__choreo_env_state.Looked = '' }
    $words = @(__choreo_env_words $MyInvocation $args)
    if ($MyInvocation.ExpectingInput) { $input | & $program @words } else { & $program @words }
}

# The words of a command line. PowerShell keeps the first bare `--` from a function, and `exec` needs it: it is put back
# where the line has it. Where that is not seen (a command over several lines), `'--'` in quotes does.
function global:__choreo_env_words($Invocation, [object[]] $Words) {
    $line = [System.Management.Automation.Language.Parser]::ParseInput($Invocation.Line, [ref]$null, [ref]$null)
    $begin = $Invocation.OffsetInLine - 1
    $command = $line.Find({
        param($part)
        $part -is [System.Management.Automation.Language.CommandAst] -and $part.Extent.StartOffset -eq $begin
    }, $true)
    if ($null -eq $command) { return $Words }
    $texts = @($command.CommandElements | ForEach-Object { $_.Extent.Text })
    $before = [Array]::IndexOf($texts, '--') - 1
    if ($before -lt 0 -or $before -gt $Words.Count -or $texts -match '\A@') { return $Words }
    @($Words | Select-Object -First $before) + '--' + @($Words | Select-Object -Skip $before)
}

# The program, which the function hides.
function global:__choreo_env_program {
    (Get-Command -Name choreo-env -CommandType Application -TotalCount 1 -ErrorAction Stop).Path
}

# A variable of the environment as text, empty where there is none.
function global:__choreo_env_get([string] $Name) {
    [string][Environment]::GetEnvironmentVariable($Name)
}

# PowerShell before 7.3 drops an empty argument, so what may be empty is one word with its flag.
function global:__choreo_env_use([string[]] $Words) {
    $state = $Global:__choreo_env_state
    $program = __choreo_env_program
    $current = __choreo_env_get CHOREO_ENV_PROFILE
    __choreo_env_back
    $code = & $program use --shell powershell "--current=$current" "--before=$($state.Before)" @Words | Out-String
    $status = $LASTEXITCODE
    # The last statement of the code of a failure throws: what it says is on the terminal already.
    try { __choreo_env_apply $code } catch { if ($status -eq 0) { $status = 1 } }
    # The folder says what the profile is: a renewal means the same, wherever the shell is by then.
    $state.Folder = __choreo_env_place
    $state.Failures = 0
    __choreo_env_came_from $current
    $Global:LASTEXITCODE = $status
}

# This folder, also where the shell is in the registry or in another place that is no folder.
function global:__choreo_env_place {
    $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
}

function global:__choreo_env_off {
    $state = $Global:__choreo_env_state
    $current = __choreo_env_get CHOREO_ENV_PROFILE
    if ($Global:__choreo_env_undo) {
        __choreo_env_back
    } else {
        # A shell that was started from one with a profile: the program knows the names.
        $program = __choreo_env_program
        __choreo_env_apply (& $program off --shell powershell | Out-String)
    }
    $state.Failures = 0
    __choreo_env_came_from $current
    $Global:LASTEXITCODE = 0
}

function global:__choreo_env_apply([string] $Code) {
    if ($Code.Trim()) { Invoke-Expression $Code }
}

# The environment as it was before the plugin touched it.
function global:__choreo_env_back {
    $undo = $Global:__choreo_env_undo
    $Global:__choreo_env_undo = ''
    __choreo_env_apply $undo
}

# Remembers the profile for `use -`.
function global:__choreo_env_came_from([string] $Name) {
    if ($Name -and $Name -cne (__choreo_env_get CHOREO_ENV_PROFILE)) { $Global:__choreo_env_state.Before = $Name }
}

function global:__choreo_env_now {
    [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
}

# A variable that holds a time, or nothing: it may come from anybody.
function global:__choreo_env_time([string] $Name) {
    $text = __choreo_env_get $Name
    if ($text -cmatch '\A[0-9]{1,12}\z') { [long]$text }
}

function global:__choreo_env_renew([long] $Now) {
    $state = $Global:__choreo_env_state
    $program = __choreo_env_program
    # Ctrl-C in a renewal must not lead to another one at each prompt.
    $Env:CHOREO_ENV_RENEW_AT = [string]($Now + 30)
    $undo = $Global:__choreo_env_undo
    $code = $null | & $program use --renew --shell powershell "--in=$($state.Folder)" --failures $state.Failures | Out-String
    $state.Failures = if ($LASTEXITCODE -eq 0) { 0 } else { $state.Failures + 1 }
    $Global:__choreo_env_undo = ''
    __choreo_env_apply $code
    # With an inherited profile, what was there before is not known here.
    $Global:__choreo_env_undo = if ($undo) { $undo + "`n" + $Global:__choreo_env_undo } else { '' }
}

# The project's file that counts here, the nearest one, up to the repository's root or home; else nothing. It looks at
# the folder as PowerShell names it, with symbolic links.
function global:__choreo_env_find([string] $Folder) {
    while ($Folder) {
        $file = Join-Path $Folder '.choreo-env.toml'
        if (Test-Path -LiteralPath $file) { return $file }
        if ($Folder -eq $HOME -or (Test-Path -LiteralPath (Join-Path $Folder '.git'))) { return '' }
        $Folder = Split-Path -Path $Folder -Parent
    }
    return ''
}

function global:__choreo_env_switch([string] $Folder) {
    $state = $Global:__choreo_env_state
    $known = $state.Looked -ne ''
    $file = __choreo_env_find $Folder
    $same = $known -and $file -eq $state.Found
    $state.Looked = $Folder
    $state.Found = $file
    if ($same) { return }
    $state.ByHand = $false
    if ($state.Entered) {
        $state.Entered = $false
        if ($state.Base) { __choreo_env_use @('--unasked', '--', $state.Base) } else { __choreo_env_off }
    }
    if (-not $file) { return }
    $program = __choreo_env_program
    $name = ($null | & $program use --here --shell powershell | Out-String).Trim()
    if ($name) {
        $state.Base = __choreo_env_get CHOREO_ENV_PROFILE
        $state.Entered = $true
        __choreo_env_use @('--unasked', '--', $name)
    }
}

function global:__choreo_env_at_prompt {
    $status = $Global:LASTEXITCODE
    try {
        $place = __choreo_env_place
        $state = $Global:__choreo_env_state
        if ($state.DirSwitch -and $state.Looked -cne $place) { __choreo_env_switch $place }
        $due = __choreo_env_time CHOREO_ENV_RENEW_AT
        if ($null -ne $due -and (__choreo_env_get CHOREO_ENV_PROFILE)) {
            $now = __choreo_env_now
            if ($now -ge $due) { __choreo_env_renew $now }
        }
    } catch {
        [Console]::Error.WriteLine("choreo-env: $_")
    } finally {
        $Global:LASTEXITCODE = $status
    }
}

# The profile and what is left of its token, for a prompt.
function global:choreo_env_prompt {
    $text = __choreo_env_get CHOREO_ENV_PROFILE
    $ours = (__choreo_env_get CHOREO_ACCESS_TOKEN) -or (__choreo_env_get CHOREO_ENV_RENEW_AT)
    if (-not $ours -or $text -cnotmatch '\A[A-Za-z0-9._-]+\z') { return '' }
    $at = __choreo_env_time CHOREO_ACCESS_TOKEN_EXPIRES_AT
    if ($null -ne $at) {
        $left = $at - (__choreo_env_now)
        $text += if ($left -le 0) { ' expired' } elseif ($left -lt 60) { ' <1m' } else { " $([Math]::Floor($left / 60))m" }
    }
    $escape = [char]27
    if (__choreo_env_get CHOREO_ENV_IS_PROTECTED) { "${escape}[31m${text}${escape}[0m" } else { $text }
}

# Around the prompt, once. `$?` cannot be kept by a function; a prompt that shows it has to come before this one.
if ($null -eq $Global:__choreo_env_state.Prompt) {
    $Global:__choreo_env_state.Prompt = $function:prompt
    function global:prompt {
        __choreo_env_at_prompt
        & $Global:__choreo_env_state.Prompt
    }
}
