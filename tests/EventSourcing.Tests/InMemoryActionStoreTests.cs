using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryActionStoreTests : ActionStoreContract
{
    protected override IActionStore Store { get; } = new InMemoryActionStore();
}
