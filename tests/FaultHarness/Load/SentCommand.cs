using System.Text.Json.Nodes;

namespace Serverless.FaultHarness.Load;

/// <summary>How a command stands with the client that sent it.</summary>
internal enum Standing
{
    /// <summary>It was sent, and no answer that settles it has come; the client may have given up.</summary>
    Open,

    /// <summary>Done, or there was nothing to do.</summary>
    Accepted,

    Rejected,
}

/// <summary>One command as its client knows it: kept here, outside of the processes that are killed.</summary>
internal sealed class SentCommand(string category, string id, string name, string body, string key)
{
    public string Stream { get; } = $"{category}-{id}";

    public string Path { get; } = $"{category}/{id}/{name}";

    public string Body => body;

    /// <summary>The idempotency key, which is the command's id in the store.</summary>
    public string Key => key;

    /// <summary>It is sent to the inbox, to be done later.</summary>
    public bool IsForLater { get; init; }

    /// <summary>Where the inbox says what came of it, once it was taken. From then on it must be decided.</summary>
    public Uri? Status { get; set; }

    /// <summary>An attempt ended without any answer. Where its host or the database lives on, it may still be carried out.</summary>
    public bool HasLostAnswer { get; set; }

    public Standing Standing { get; private set; }

    /// <summary>Of the stream after an accepted command.</summary>
    public long Version { get; private set; }

    /// <summary>Types of the events of an accepted command; none if there was nothing to do.</summary>
    public IReadOnlyList<string> Events { get; private set; } = [];

    /// <summary>Its events are known, so that every later answer must be the same.</summary>
    public bool HasEvents => Standing == Standing.Accepted && Events.Count > 0;

    /// <summary>
    /// Takes an answer that settles it. Returns what is wrong with it. Of two requests under way at once the answers may come in another
    /// order than they were decided in; only one sent after <see cref="HasEvents"/> has to agree.
    /// </summary>
    public string? Settle(int status, JsonNode answer, bool hadEvents)
    {
        bool isRejected = status == 422;
        long version = isRejected ? 0 : (long)answer["version"]!;
        string[] events = isRejected ? [] : [.. answer["events"]!.AsArray().Select(e => (string)e!["type"]!)];
        if (events.Length > 0 ? HasEvents && (version != Version || !events.SequenceEqual(Events)) : hadEvents)
        {
            return $"{this} was accepted as version {Version} ({string.Join(", ", Events)}), and when it was sent again answered: {answer.ToJsonString()}";
        }
        if (events.Length > 0 || !HasEvents)
        {
            (Standing, Version, Events) = (isRejected ? Standing.Rejected : Standing.Accepted, version, events);
        }
        return null;
    }

    public override string ToString() => $"{Key} (POST {Path} {Body})";
}
