using System.Net;
using System.Net.Sockets;
using Microsoft.Azure.Cosmos;

namespace Serverless.CosmosEmulator.Tests.Durability;

/// <summary>The kill test tells the end of the process from a fault. This tells that it does.</summary>
public sealed class LifeTests
{
    private static readonly SocketException Reset = new((int)SocketError.ConnectionReset);

    public static TheoryData<Exception> BrokenConnections =>
    [
        Reset,
        new IOException("", Reset),
        new HttpRequestException("", Reset),
        new AggregateException(new HttpRequestException("", Reset), new HttpRequestException("", new IOException("", Reset))),
        new InvalidOperationException("", new HttpRequestException("", Reset)),
    ];

    [Theory]
    [MemberData(nameof(BrokenConnections))]
    public async Task A_broken_connection_is_the_end_of_a_process_that_is_being_killed_and_a_finding_before(Exception exception)
    {
        using var life = new Life();
        Assert.False(life.IsOver(exception));
        await life.EndAsync(() => Task.CompletedTask);
        Assert.True(life.IsOver(exception));
    }

    [Fact]
    public async Task An_answer_is_never_the_end()
    {
        using var life = new Life();
        await life.EndAsync(() => Task.CompletedTask);
        Assert.False(life.IsOver(new CosmosException("", HttpStatusCode.InternalServerError, 0, "", 0)));
        Assert.False(life.IsOver(new InvalidOperationException()));
        Assert.False(life.IsOver(new AggregateException(Reset, new InvalidOperationException())));
    }
}
