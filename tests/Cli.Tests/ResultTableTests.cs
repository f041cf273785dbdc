using Serverless.Cli.Output;
using Spectre.Console;

namespace Serverless.Cli.Tests;

/// <summary>Tables on terminals of any width.</summary>
public sealed class ResultTableTests
{
    [Fact]
    public void What_fits_stands_side_by_side() => Assert.Equal(
        "Consumer           State  Why\naccount-summary@1  stuck  the store answers 503\nbank-totals@1      idle\n", Shown(80));

    [Fact]
    public void What_does_not_fit_follows_below_its_row() => Assert.Equal(
        "Consumer           State\naccount-summary@1  stuck\n    Why: the store answers\n        503\nbank-totals@1      idle\n", Shown(29));

    [Fact]
    public void No_line_breaks_inside_a_word() => Assert.Equal(
        "Consumer\naccount-summary@1\n    State: stuck\n    Why: the\n        store\n        answers\n        503\nbank-totals@1\n    State: idle\n", Shown(14));

    [Fact]
    public void Without_rows_there_are_the_columns_that_fit() => Assert.Equal("Consumer  State  Why\n", Shown(80, rows: false));

    private static string Shown(int width, bool rows = true)
    {
        using StringWriter output = new() { NewLine = "\n" };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = width;
        ResultTable table = new("Consumer", "State", "Why");
        if (rows)
        {
            table.AddRow(Cell.Text("account-summary@1"), Cell.State("stuck"), Cell.Text("the store answers 503"));
            table.AddRow(Cell.Text("bank-totals@1"), Cell.State("idle"), Cell.Text(""));
        }
        console.Write(table);
        return output.ToString();
    }
}
