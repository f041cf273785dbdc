using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Serverless.EventSourcing;

namespace Serverless.Cli.Targets;

/// <summary>Lines that are imported in one piece, with the line number of each in the file.</summary>
/// <param name="Lines">UTF-8.</param>
/// <param name="Numbers">Of the lines, as the file counts them.</param>
/// <param name="Continues">All of it continues streams that earlier parts began; otherwise none of it does.</param>
internal sealed record ImportPart(ReadOnlyMemory<byte> Lines, IReadOnlyList<long> Numbers, bool Continues)
{
    public CommitImportException Fault(long line, string reason, Exception? inner = null) => new(Numbers[(int)line - 1], reason, inner);
}

/// <summary>
/// Cuts a file into parts of a size and a number of streams that one request takes. What continues a stream is kept apart from what begins one, so
/// that only the streams that this import began itself are written to when they are no longer empty.
/// </summary>
internal sealed class ImportParts(int maxBytes = ImportParts.DefaultBytes)
{
    /// <summary>Half of what the API takes, so that a part takes seconds and progress shows; one commit always fits.</summary>
    private const int DefaultBytes = 2 * 1024 * 1024;

    private readonly HashSet<string> begun = new(StringComparer.Ordinal);
    private readonly Buffer beginning = new();
    private readonly Buffer continuing = new();

    public async IAsyncEnumerable<ImportPart> ReadAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using StreamReader lines = new(source, leaveOpen: true);
        for (long number = 1; await lines.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (line.Length == 0)
            {
                continue;
            }
            byte[] bytes = [.. Encoding.UTF8.GetBytes(line), (byte)'\n'];
            string stream = StreamOf(line);
            Buffer buffer = begun.Contains(stream) ? continuing : beginning;
            if (!buffer.HasRoomFor(stream, bytes.Length, maxBytes))
            {
                yield return Take(buffer);
                buffer = begun.Contains(stream) ? continuing : beginning;
            }
            if (!buffer.HasRoomFor(stream, bytes.Length, maxBytes))
            {
                yield return Take(buffer); // The part just taken began the stream, and those that continue are full.
            }
            buffer.Add(stream, number, bytes);
        }
        foreach (Buffer rest in (Buffer[])[beginning, continuing])
        {
            if (!rest.IsEmpty)
            {
                yield return Take(rest);
            }
        }
    }

    private ImportPart Take(Buffer buffer)
    {
        begun.UnionWith(buffer.Streams);
        return buffer.Take(continues: buffer == continuing);
    }

    private static string StreamOf(string line)
    {
        using JsonDocument item = JsonDocument.Parse(line);
        return item.RootElement.GetProperty("stream"u8).GetString()!;
    }

    private sealed class Buffer
    {
        private readonly ArrayBufferWriter<byte> lines = new();
        private List<long> numbers = [];

        public HashSet<string> Streams { get; } = new(StringComparer.Ordinal);

        public bool IsEmpty => numbers.Count == 0;

        public bool HasRoomFor(string stream, int bytes, int maxBytes) =>
            IsEmpty || (lines.WrittenCount + bytes <= maxBytes && (Streams.Count < RecordedImport.MaxStreams || Streams.Contains(stream)));

        public void Add(string stream, long number, byte[] line)
        {
            lines.Write(line);
            numbers.Add(number);
            Streams.Add(stream);
        }

        public ImportPart Take(bool continues)
        {
            ImportPart part = new(lines.WrittenSpan.ToArray(), numbers, continues);
            lines.ResetWrittenCount();
            numbers = [];
            Streams.Clear();
            return part;
        }
    }
}
