using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryVersionStoreTests : VersionStoreContract
{
    protected override IVersionStore Store { get; } = new InMemoryVersionStore();
}
