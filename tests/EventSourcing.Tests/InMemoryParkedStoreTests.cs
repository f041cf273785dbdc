using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryParkedStoreTests : ParkedStoreContract
{
    protected override IParkedStore Store { get; } = new InMemoryParkedStore();
}
