using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary>
/// <c>eventctl completions …</c>: scripts that make a shell ask the tool for completions. They call its <c>[suggest]</c> directive, which
/// System.CommandLine answers, so that they never go stale.
/// </summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            # Add to ~/.bashrc: source <(eventctl completions bash)
            _eventctl() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(eventctl "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _eventctl eventctl
            """,
        ["zsh"] = """
            # Add to ~/.zshrc, after compinit: source <(eventctl completions zsh)
            _eventctl() {
              local -a found
              found=("${(@f)$(eventctl "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
              compadd -a found
            }
            compdef _eventctl eventctl
            """,
        ["fish"] = """
            # Add to ~/.config/fish/config.fish: eventctl completions fish | source
            complete --command eventctl --arguments '(eventctl "[suggest:"(commandline --cursor)"]" (commandline) 2>/dev/null)'
            """,
        ["powershell"] = """
            # Add to $PROFILE: eventctl completions powershell | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName eventctl -ScriptBlock {
              param($word, $line, $position)
              eventctl "[suggest:$position]" "$line" 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
              }
            }
            """,
    };

    public static Command Create(CommandFactory factory)
    {
        Argument<string> shell = new("shell") { Description = string.Join(", ", Scripts.Keys) };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        return factory.New(
            "completions",
            "Prints the script that gives a shell completions for this tool",
            (call, _) =>
            {
                call.Environment.Output.WriteLine(Scripts[call.Parsed.GetRequiredValue(shell)].ReplaceLineEndings("\n"));
                return Task.FromResult(ExitCodes.Ok);
            },
            shell);
    }
}
