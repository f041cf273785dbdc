using Microsoft.Extensions.Time.Testing;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryInboxStoreTests : InboxStoreContract
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    private InMemoryInboxStore? store;

    protected override IInboxStore Store => store ??= new InMemoryInboxStore(time);

    protected override string Start => "0";
}
