using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Serverless.Cli.Output;

/// <summary>Where answers go: as tables for people, as JSON for machines.</summary>
internal sealed class Screen
{
    // Wide enough that nothing is cut where there is no terminal to say how wide it is.
    private const int WidthWithoutTerminal = 1_000;

    private readonly TextWriter output;
    private readonly IAnsiConsole console;

    public Screen(ToolEnvironment environment, bool isJson)
    {
        output = environment.Output;
        IsJson = isJson;
        console = ConsoleOn(environment, environment.Output, environment.IsOutputTerminal);
    }

    public bool IsJson { get; }

    /// <summary>One line of JSON.</summary>
    public void Json<T>(T document, JsonTypeInfo<T> json) => output.WriteLine(Cell.SafeJson(JsonSerializer.Serialize(document, json)));

    public void Show(IRenderable what) => console.Write(what);

    public void Line(string text) => console.WriteLine(Cell.Safe(text));

    public void Good(string text) => console.Write(new Text(Cell.Safe(text) + Environment.NewLine, new Style(Color.Green)));

    public void Bad(string text) => console.Write(new Text(Cell.Safe(text) + Environment.NewLine, new Style(Color.Red)));

    /// <summary>With colours and movement only on a terminal, and without colours where NO_COLOR says so (no-color.org).</summary>
    public static IAnsiConsole ConsoleOn(ToolEnvironment environment, TextWriter writer, bool isTerminal)
    {
        bool hasColors = isTerminal && string.IsNullOrEmpty(environment.Variable("NO_COLOR"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = hasColors ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }
        return console;
    }
}
