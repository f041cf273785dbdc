using Spectre.Console;

namespace Serverless.Cli.Output;

/// <summary>The look of all tables: lines only where they help, so that a table in a file can be read too.</summary>
internal static class Tables
{
    public static Table New(params ReadOnlySpan<string> columns)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }
        return table;
    }
}
