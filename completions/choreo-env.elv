# Completion of choreo-env, cargo-choreo-env and `cargo choreo-env` for elvish.
#
# To be evaluated in rc.elv (`eval (choreo-env completions elvish | slurp)`), or a module of elvish's lib folder. The
# program itself says what a word may become; nothing that it says is evaluated here.

{
  use str

  # What the last of these words may become; the first of them is no longer the program's name.
  fn complete {|@words|
    var before = $words[..-1]
    var word = $words[-1]
    try {
      (external choreo-env) completions elvish --word=$word -- $@before 2>&- | from-lines | each {|line|
        var value group about = (str:split "\t" $line)
        if (not-eq $value '') {
          var space = ' '
          if (and (eq $group keys) (or (str:has-suffix $value '=') (str:has-suffix $value '.'))) {
            set space = ''
          }
          var display = $value
          if (not-eq $about '') {
            set display = $value' ('$about')'
          }
          edit:complex-candidate $value &code-suffix=$space &display=$display
        } elif (eq $group files) {
          edit:complete-filename $word[(count $about)..] | each {|path|
            edit:complex-candidate $about$path[stem] &code-suffix=$path[code-suffix] &display=$path[stem]
          }
        } elif (eq $group command) {
          edit:complete-sudo sudo (all $words[(- (count $words) $about)..])
        }
      }
    } catch { }
  }

  set edit:completion:arg-completer[choreo-env] = {|@words| complete (all $words[1..]) }
  set edit:completion:arg-completer[cargo-choreo-env] = {|@words| complete (all $words[1..]) }

  # `cargo choreo-env` is ours; all else of cargo is left to whatever completed it before.
  var earlier = $edit:complete-filename~
  if (has-key $edit:completion:arg-completer cargo) {
    set earlier = $edit:completion:arg-completer[cargo]
  }
  set edit:completion:arg-completer[cargo] = {|@words|
    var at = 1
    while (and (< $at (count $words)) (or (str:has-prefix $words[$at] '+') (str:has-prefix $words[$at] '-'))) {
      set at = (+ $at 1)
    }
    if (and (< (+ $at 1) (count $words)) (eq $words[$at] choreo-env)) {
      complete (all $words[(+ $at 1)..])
    } else {
      $earlier $@words
    }
  }
}
