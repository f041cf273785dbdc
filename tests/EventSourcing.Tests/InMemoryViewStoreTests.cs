using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryViewStoreTests : ViewStoreContract
{
    protected override IViewStore Store { get; } = new InMemoryViewStore();
}

public sealed class InMemoryViewStoreListTests : ViewStoreListContract
{
    protected override IViewStore Store { get; } = new InMemoryViewStore();
}
