"""The shells that completion knows: the script of each, and where it is installed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

# The whole line up to the cursor is passed on, and completions come back without the part before the last of bash's
# word breaks: to readline, `model=va` is three words, and only the last one is replaced.
_BASH = """\
_serotiny_completion() {
    local kind value help
    COMPREPLY=()
    while IFS=$'\\t' read -r kind value help; do
        case $kind in
            file) compopt -o default 2>/dev/null ;;
            open) compopt -o nospace 2>/dev/null; COMPREPLY+=("$value") ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(_SEROTINY_COMPLETE=bash SEROTINY_WORDBREAKS="$COMP_WORDBREAKS" \\
        "$1" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o nosort -F _serotiny_completion serotiny 2>/dev/null ||
    complete -F _serotiny_completion serotiny
"""

_ZSH = """\
#compdef serotiny
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_serotiny_completion() {
    local -a plain open parts
    local line
    for line in "${(@f)$(_SEROTINY_COMPLETE=zsh ${words[1]} "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        parts=("${(@ps:\\t:)line}")
        case $parts[1] in
            file) _files ;;
            open) open+=("${parts[2]//:/\\\\:}:$parts[3]") ;;
            plain) plain+=("${parts[2]//:/\\\\:}:$parts[3]") ;;
        esac
    done
    (( $#plain )) && _describe -V serotiny plain
    (( $#open )) && _describe -V serotiny open -S ''
}
compdef _serotiny_completion serotiny
"""

_FISH = """\
function __serotiny_completion
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (env _SEROTINY_COMPLETE=fish $words "$current" 2>/dev/null)
        set -l parts (string split \\t -- $line)
        if test $parts[1] = file
            __fish_complete_path "$current"
        else
            printf '%s\\t%s\\n' $parts[2] "$parts[3]"
        end
    end
end
complete --no-files --command serotiny --arguments '(__serotiny_completion)'
"""


@dataclass(frozen=True)
class Shell:
    """A shell that can complete.

    Attributes:
        script: the completion script.
        start_file: the user's file that has to load the script, or None when the shell finds it itself.
        script_file: where the script is installed.
    """

    name: str
    script: str
    script_file: Path
    start_file: Path | None = None


SHELL_NAMES = ("bash", "zsh", "fish")


def shells(environment: Mapping[str, str]) -> Mapping[str, Shell]:
    """Each shell, with the files of the user whose environment is given."""
    home = Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - of this environment
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share") / "serotiny"
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    zsh_home = Path(environment.get("ZDOTDIR") or home)
    return MappingProxyType(
        {
            "bash": Shell("bash", _BASH, data / "completion.bash", home / ".bashrc"),
            "zsh": Shell("zsh", _ZSH, data / "completion.zsh", zsh_home / ".zshrc"),
            "fish": Shell("fish", _FISH, config / "fish/completions/serotiny.fish"),
        }
    )


def loading_line(shell: Shell) -> str:
    """The line of the start file that loads the script."""
    return f"[ -f '{shell.script_file}' ] && source '{shell.script_file}'  # serotiny completion"
