using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryConsumerStoreTests : ConsumerStoreContract
{
    protected override IConsumerStore Store { get; } = new InMemoryConsumerStore();
}
