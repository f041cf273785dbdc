using Spectre.Console;
using Spectre.Console.Rendering;

namespace Serverless.Cli.Output;

/// <summary>A value in a table, safe to show, with the style that its meaning gives it.</summary>
internal sealed record TableCell(string Text, Style? Style = null);

/// <summary>
/// A table whose columns are in order of priority. As many as fit stand beside each other; the values of the others follow below their row,
/// each with its name. Lines break between words and never inside one, so that an id can be copied from any terminal.
/// </summary>
internal sealed class ResultTable(params string[] columns) : Renderable
{
    private const int Gap = 2;
    private const int Indent = 4;

    private static readonly Style Quiet = new(decoration: Decoration.Dim);

    private readonly List<TableCell[]> rows = [];

    public void AddRow(params TableCell[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, columns.Length);
        rows.Add(cells);
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        int[] widths = [.. columns.Select((c, i) => rows.Max(r => (int?)r[i].Text.Length) is { } widest ? Math.Max(c.Length, widest) : c.Length)];
        int beside = Beside(widths, maxWidth);
        foreach (Segment segment in Line([.. columns.Take(beside).Select(c => new TableCell(c, Quiet))], widths))
        {
            yield return segment;
        }
        foreach (TableCell[] row in rows)
        {
            foreach (Segment segment in Line(row[..beside], widths))
            {
                yield return segment;
            }
            foreach (Segment segment in Enumerable.Range(beside, columns.Length - beside).Where(i => row[i].Text.Length > 0).SelectMany(i => Below(columns[i], row[i], maxWidth)))
            {
                yield return segment;
            }
        }
    }

    /// <summary>How many columns fit, from the first; the first always does.</summary>
    private static int Beside(int[] widths, int maxWidth)
    {
        int used = 0;
        for (int i = 0; i < widths.Length; i++)
        {
            used += widths[i] + (i == 0 ? 0 : Gap);
            if (used > maxWidth)
            {
                return Math.Max(1, i);
            }
        }
        return widths.Length;
    }

    private static IEnumerable<Segment> Line(TableCell[] cells, int[] widths)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            bool isLast = cells[(i + 1)..].All(c => c.Text.Length == 0);
            yield return new Segment(cells[i].Text, cells[i].Style ?? Style.Plain);
            if (isLast)
            {
                break;
            }
            yield return new Segment(new string(' ', widths[i] - cells[i].Text.Length + Gap));
        }
        yield return Segment.LineBreak;
    }

    private static IEnumerable<Segment> Below(string name, TableCell cell, int maxWidth)
    {
        string label = $"{new string(' ', Indent)}{name}: ";
        yield return new Segment(label, Quiet);
        foreach ((int number, string line) in Wrap(cell.Text, label.Length, maxWidth).Index())
        {
            if (number > 0)
            {
                yield return new Segment(new string(' ', 2 * Indent));
            }
            yield return new Segment(line, cell.Style ?? Style.Plain);
            yield return Segment.LineBreak;
        }
    }

    /// <summary>Lines of whole words; a word that is wider than a line has one to itself.</summary>
    private static IEnumerable<string> Wrap(string text, int firstIndent, int maxWidth)
    {
        string line = "";
        int room = maxWidth - firstIndent;
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > room)
            {
                yield return line;
                (line, room) = ("", maxWidth - (2 * Indent));
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        yield return line;
    }
}
