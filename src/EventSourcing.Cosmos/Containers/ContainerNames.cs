namespace Serverless.EventSourcing.Cosmos;

/// <summary>The names in <c>infra/containers.json</c>, for code that uses a container.</summary>
public static class ContainerNames
{
    public const string Events = "events";

    public const string Views = "views";

    public const string Fences = "fences";

    public const string Leases = "leases";

    public const string Commands = "commands";

    public const string Parked = "parked";

    public const string Actions = "actions";

    public const string Consumers = "consumers";

    public const string Refused = "refused";
}
