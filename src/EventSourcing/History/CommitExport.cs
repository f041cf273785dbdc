using System.Buffers;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>Commits as JSON Lines, one commit a line in its canonical form: what the database adds is left out, the seal stays in.</summary>
public static class CommitExport
{
    /// <summary>Writes the items of a feed, such as <see cref="ICommitLog.ReadAllItemsAsync"/>, and returns how many there were.</summary>
    /// <exception cref="ArgumentException">An item has no canonical form; what came before it is written.</exception>
    public static async Task<long> WriteAsync(IAsyncEnumerable<JsonElement> items, Stream target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(target);
        ArrayBufferWriter<byte> line = new();
        long count = 0;
        await foreach (JsonElement item in items.WithCancellation(cancellationToken))
        {
            line.ResetWrittenCount();
            WriteLine(item, line);
            await target.WriteAsync(line.WrittenMemory, cancellationToken);
            count++;
        }
        return count;
    }

    /// <summary>Writes one item with the end of its line.</summary>
    /// <exception cref="ArgumentException">The item has no canonical form.</exception>
    public static void WriteLine(JsonElement item, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        CanonicalJson.WriteObject(target, item, static m => m.Name.StartsWith('_'));
        target.Write("\n"u8);
    }
}
