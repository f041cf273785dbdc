using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>
/// Writes what is about to be stored, and refuses what would be changed or could not be read later: nesting beyond
/// <see cref="Limits.MaxJsonDepth"/>, a number that a double can't hold exactly, NaN and infinity, half a surrogate pair.
/// </summary>
public static class StorableJson
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? scratch;

    /// <exception cref="UnstorableDataException">The value can't be stored as it is.</exception>
    public static byte[] Serialize(object value, JsonTypeInfo json)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(json);
        byte[] data;
        try
        {
            data = JsonSerializer.SerializeToUtf8Bytes(value, json);
        }
        // Numbers that JSON does not have, objects that lead back to themselves, and whatever a converter finds wrong.
        catch (Exception e)
        {
            throw new UnstorableDataException(json.Type.Name, WithoutAdvice(e.Message), e);
        }
        Check(data, json.Type.Name);
        return data;
    }

    /// <param name="data">UTF-8 JSON.</param>
    /// <param name="owner">What it is the data of, for the message.</param>
    /// <exception cref="UnstorableDataException">It can't be stored as it is.</exception>
    public static void Check(ReadOnlyMemory<byte> data, string owner)
    {
        scratch ??= new ArrayBufferWriter<byte>();
        scratch.ResetWrittenCount();
        try
        {
            CanonicalJson.Write(scratch, data);
        }
        catch (ArgumentException e)
        {
            throw new UnstorableDataException(owner, e.Message, e);
        }
        finally
        {
            if (scratch.Capacity > Limits.MaxSnapshotBytes)
            {
                scratch = null;
            }
        }
    }

    private static string WithoutAdvice(string message) =>
        message.StartsWith(".NET number values", StringComparison.Ordinal) ? "A number is NaN or infinite." : message;
}

/// <summary>Data that no store may take: it would come back as another value, or could not be read at all. Nothing was written.</summary>
public sealed class UnstorableDataException(string owner, string reason, Exception? inner = null)
    : ArgumentException($"The data of '{owner}' can't be stored. {reason}", inner)
{
    public string Owner { get; } = owner;

    public string Reason { get; } = reason;
}
