namespace Serverless.EventSourcing;

/// <summary>
/// View documents as this process last saw them, up to a number of bytes. Only a hint: who uses it has to find out whether it still holds,
/// which a conditional write does.
/// </summary>
internal sealed class ViewCache(long maxBytes)
{
    // What a document costs beside its data: the objects and tables around it, and a name and a number per stream in its fence.
    private const int DocumentBytes = 700;
    private const int SeenBytes = 100;

    private readonly SizedCache<(ViewPartition Partition, string Id), ViewDocument> documents = new(maxBytes, static d => SizeOf(d));

    public bool IsEnabled => documents.IsEnabled;

    /// <summary>About what a document takes in memory.</summary>
    public static int SizeOf(ViewDocument document) => DocumentBytes + document.Data.Length + SeenBytes * document.Seen.Count;

    public ViewDocument? Find(ViewPartition partition, string id) => documents.Find((partition, id));

    public void Put(ViewPartition partition, ViewDocument document) => documents.Put((partition, document.Id), document);

    public void Remove(ViewPartition partition, string id) => documents.Remove((partition, id));
}
