# Completion of choreo-env, cargo-choreo-env and `cargo choreo-env` for Windows PowerShell 5.1 and PowerShell 7.
#
# To be dot-sourced in $PROFILE, or evaluated there:
#     choreo-env completions powershell | Out-String | Invoke-Expression
# PowerShell does not tell what completed cargo before, so this takes its place. The program itself says what a word may
# become; nothing that it says is evaluated here.

Register-ArgumentCompleter -Native -CommandName 'choreo-env', 'cargo-choreo-env', 'cargo' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # The words before the one at the cursor, without the program's name. Quotes are left out: Windows PowerShell loses
    # them on the way to a program, with what stands between.
    $before = @(
        $commandAst.CommandElements |
            Select-Object -Skip 1 |
            Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
            ForEach-Object { $_.Extent.Text -replace "[`"']", '' }
    )
    $word = "$wordToComplete" -replace "[`"']", ''

    if ($commandAst.GetCommandName() -match '(^|[\\/])cargo(\.exe)?$') {
        $at = 0
        while ($at -lt $before.Count -and $before[$at] -match '^[+-]') { $at++ }
        if ($at -ge $before.Count -or $before[$at] -ne 'choreo-env') { return }
        $before = @($before | Select-Object -Skip ($at + 1))
    }

    $program = Get-Command -Name 'choreo-env' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($null -eq $program) { return }
    $lines = & $program 'completions' 'powershell' "--word=$word" '--' @before 2>$null

    foreach ($line in $lines) {
        $value, $group, $about = "$line".Split("`t", 3)
        if ($group -eq 'command' -and -not $value) {
            # What stands behind the first `--` is a command line of its own.
            $text = $commandAst.Extent.Text
            $length = [Math]::Min($cursorPosition - $commandAst.Extent.StartOffset, $text.Length)
            $escape = $commandAst.CommandElements | Where-Object { $_.Extent.Text -eq '--' } | Select-Object -First 1
            $start = $escape.Extent.EndOffset - $commandAst.Extent.StartOffset
            $rest = $text.Substring(0, $length).Substring($start).TrimStart()
            if ($word -eq '' -and $rest -ne '') { $rest += ' ' }
            [System.Management.Automation.CommandCompletion]::CompleteInput($rest, $rest.Length, $null).CompletionMatches
        }
        elseif ($value) {
            $type = if ($group -eq 'options') { 'ParameterName' } else { 'ParameterValue' }
            if (-not $about) { $about = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, $type, $about)
        }
        # For paths there is nothing to say: PowerShell completes them where nobody else has an answer.
    }
}
