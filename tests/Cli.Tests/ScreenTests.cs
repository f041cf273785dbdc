using Serverless.Cli.Output;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

/// <summary>How answers look: colours and movement only where somebody sits in front of them.</summary>
public sealed class ScreenTests(Bank bank)
{
    private const char Escape = '\u001b';

    [Fact]
    public async Task Without_a_terminal_there_are_no_control_characters_and_nothing_is_cut()
    {
        string stream = await bank.NewAccountAsync(100);

        ToolRun shown = (await bank.RunAsync("http", "stream", "commits", stream)).MustEnd(ExitCodes.Ok);

        Assert.DoesNotContain(Escape, shown.Output + shown.Error);
        Assert.Contains("""deposit {"amount":{"minorUnits":100,"currency":"EUR"}}""", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('…', shown.Output);
    }

    [Fact]
    public void Colours_are_for_terminals_whose_owner_wants_them()
    {
        Assert.Equal(Spectre.Console.ColorSystem.NoColors, Colours(isTerminal: false));
        Assert.Equal(Spectre.Console.ColorSystem.NoColors, Colours(isTerminal: true, ("NO_COLOR", "1")));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\u001b[31mred\u0007", "a\uFFFD[31mred\uFFFD")]
    [InlineData("two\nlines", "two\uFFFDlines")]
    public void Stored_text_can_not_move_the_cursor(string stored, string shown) => Assert.Equal(shown, Cell.Safe(stored));

    [Fact]
    public async Task Long_work_says_now_and_then_how_far_it_is_with_its_rate_and_the_time_left()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider time = new();
        using StringWriter error = new();
        ToolEnvironment environment = new()
        {
            Input = Stream.Null,
            OutputBytes = Stream.Null,
            Output = TextWriter.Null,
            Error = error,
            Variable = _ => null,
            Time = time,
        };

        await WorkProgress.RunAsync(environment, "Verifying", "commits", progress =>
        {
            progress.Report(10, 4_000); // Too early for a line.
            time.Advance(TimeSpan.FromSeconds(5));
            progress.Report(1_000, 4_000);
            progress.Report(1_001, 4_000);
            time.Advance(TimeSpan.FromSeconds(5));
            progress.Report(3_000, null);
            return Task.FromResult(0);
        });

        Assert.Equal(
            "Verifying: 1,000 of about 4,000 commits, 200/s, 00:00:15 left\nVerifying: 3,000 commits, 300/s\n", error.ToString());
    }

    private static Spectre.Console.ColorSystem Colours(bool isTerminal, params (string Name, string Value)[] variables)
    {
        ToolEnvironment environment = new()
        {
            Input = Stream.Null,
            OutputBytes = Stream.Null,
            Output = TextWriter.Null,
            Error = TextWriter.Null,
            Variable = name => variables.FirstOrDefault(v => v.Name == name).Value,
        };
        return Screen.ConsoleOn(environment, TextWriter.Null, isTerminal).Profile.Capabilities.ColorSystem;
    }
}
