using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosEventStoreTests(OnePartition account) : EventStoreContract, IClassFixture<OnePartition>
{
    protected override IEventStore Store => account.Events;
}

public sealed class CosmosEventStoreReadTests(OnePartition account) : EventStoreReadContract, IClassFixture<OnePartition>
{
    protected override IEventStore Store => account.Events;
}

public sealed class CosmosEventStoreOnThreePartitionsTests(ThreePartitions account) : EventStoreContract, IClassFixture<ThreePartitions>
{
    protected override IEventStore Store => account.Events;
}

public sealed class CosmosEventStoreReadOnThreePartitionsTests(ThreePartitions account) : EventStoreReadContract, IClassFixture<ThreePartitions>
{
    protected override IEventStore Store => account.Events;
}
