using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryEventStoreTests : EventStoreContract
{
    protected override IEventStore Store { get; } = new InMemoryEventStore();
}

public sealed class InMemoryEventStoreReadTests : EventStoreReadContract
{
    protected override IEventStore Store { get; } = new InMemoryEventStore();
}

public sealed class InMemoryCommitLogTests : CommitLogContract
{
    private readonly InMemoryEventStore store = new();

    protected override ICommitLog Log => store;

    protected override IEventStore Store => store;
}
