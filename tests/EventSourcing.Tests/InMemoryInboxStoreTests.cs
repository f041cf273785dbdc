using Microsoft.Extensions.Time.Testing;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryInboxStoreTests : InboxStoreContract
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public InMemoryInboxStoreTests() => Store = new InMemoryInboxStore(time);

    protected override IInboxStore Store { get; } // Made once: tests use it from several threads.

    protected override string Start => "0";
}
