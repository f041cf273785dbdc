using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Notes of batches under way in the container <c>consumers</c>: one item per batch, in the logical partition of its consumer.</summary>
public sealed class CosmosWorkNotes(Container container) : IWorkNotes
{
    private const string IdPrefix = "batch~";
    private const int HashBytes = 16;

    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    public async Task<WorkNote?> ReadAsync(string consumer, string place, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(IdOf(place), new PartitionKey(consumer), cancellationToken: cancellationToken);
        if (CosmosFault.MayBeMissingItem(response))
        {
            return null;
        }
        CosmosFault.ThrowIfFault(response, container);
        using JsonDocument item = ItemJson.Parse(response.Content);
        return item.RootElement.Deserialize(WorkNoteJson.Default.WorkNoteItem)!.ToNote();
    }

    public async Task WriteAsync(WorkNote note, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(note);
        using MemoryStream content = new(JsonSerializer.SerializeToUtf8Bytes(WorkNoteItem.Of(note), WorkNoteJson.Default.WorkNoteItem));
        using ResponseMessage response = await container.UpsertItemStreamAsync(content, new PartitionKey(note.Consumer), NoContent, cancellationToken);
        CosmosFault.ThrowIfFault(response, container);
    }

    public async Task DeleteAsync(string consumer, string place, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await container.DeleteItemStreamAsync(IdOf(place), new PartitionKey(consumer), cancellationToken: cancellationToken);
        if (!CosmosFault.MayBeMissingItem(response))
        {
            CosmosFault.ThrowIfFault(response, container);
        }
    }

    // A place may have characters that no id can have.
    private static string IdOf(string place) =>
        IdPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)).AsSpan(0, HashBytes));

    /// <summary>The stored form. Mirrors the item.</summary>
    internal sealed record WorkNoteItem(string Id, string Consumer, string Place, string Run, string? Stream, IReadOnlyDictionary<string, int> Deaths)
    {
        public static WorkNoteItem Of(WorkNote note) => new(IdOf(note.Place), note.Consumer, note.Place, note.Run, note.Stream, note.Deaths);

        public WorkNote ToNote() => new() { Consumer = Consumer, Place = Place, Run = Run, Stream = Stream, Deaths = Deaths };
    }
}

// The system properties that the database adds are skipped.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(CosmosWorkNotes.WorkNoteItem))]
internal sealed partial class WorkNoteJson : JsonSerializerContext;
