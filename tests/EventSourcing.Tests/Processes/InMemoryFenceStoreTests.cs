using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryFenceStoreTests : FenceStoreContract
{
    protected override IFenceStore Store { get; } = new InMemoryFenceStore();
}
