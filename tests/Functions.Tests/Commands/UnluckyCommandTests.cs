using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Commands;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

/// <summary>Commands that could not be done for reasons that are not in the command.</summary>
public sealed class UnluckyCommandTests
{
    [Fact]
    public async Task Losing_every_race_answers_409_with_when_to_try_again()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            configure: b => b.Services.AddSingleton(new CommandHandlerOptions { MaxAttempts = 1 }));
        string id = await system.OpenAccountAsync();
        system.Events.Contended[StreamName.Create("account", id)] = true;

        Answer answer = await system.DepositAsync(id, 1);

        answer.MustBeProblem(409, "contention");
        Assert.Equal(("1", "1"), (answer.Header("Retry-After"), answer.Header("x-request-charge")));
        Assert.Equal(1, (int)(await system.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_full_queue_of_one_stream_answers_503_and_leaves_other_streams_alone()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            configure: b => b.Services.AddSingleton(new CommandHandlerOptions { MaxQueuedPerStream = 1 }));
        string hot = await system.OpenAccountAsync();
        string other = await system.OpenAccountAsync();
        TaskCompletionSource isInside = new();
        TaskCompletionSource mayGoOn = new();
        system.Events.Before = (stream, _) =>
        {
            isInside.TrySetResult();
            return stream.Id == hot ? mayGoOn.Task : Task.CompletedTask;
        };

        Task<Answer> first = system.DepositAsync(hot, 1);
        await isInside.Task;
        Answer second = await system.DepositAsync(hot, 1);
        Answer elsewhere = await system.DepositAsync(other, 1);
        mayGoOn.SetResult();

        second.MustBeProblem(503, "busy");
        Assert.Equal("1", second.Header("Retry-After"));
        Assert.Equal((200, 200), (elsewhere.Status, (await first).Status));
    }

    public static TheoryData<Exception, string> Faults => new()
    {
        { Cosmos(HttpStatusCode.TooManyRequests, retryAfterMs: 2_400), "3" },
        { Cosmos(HttpStatusCode.ServiceUnavailable), "1" },
        { Cosmos(HttpStatusCode.RequestTimeout), "1" },
        { Cosmos(HttpStatusCode.Gone), "1" },
        { Cosmos((HttpStatusCode)449), "1" },
        { new ContainerMissingException("serverless", "events", Cosmos(HttpStatusCode.NotFound)), "1" },
        { new HttpRequestException("Connection refused (secret-host:443)"), "1" },
        { new TimeoutException(), "1" },
        { new OperationCanceledException(), "1" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task A_fault_of_the_store_answers_503_with_when_to_try_again(Exception fault, string retryAfter)
    {
        await using TestSystem system = await TestSystem.StartAsync();
        string id = await system.OpenAccountAsync();
        system.Events.Before = (_, _) => Task.FromException(fault);

        Answer answer = await system.DepositAsync(id, 1);

        answer.MustBeProblem(503, "store-unavailable");
        Assert.Equal(retryAfter, answer.Header("Retry-After"));
        Assert.DoesNotContain("secret-host", answer.Body, StringComparison.Ordinal);
        (await system.GetAsync($"account/{id}")).MustBeProblem(503, "store-unavailable");
        string traceId = (string)answer.Json["traceId"]!;
        Assert.Contains( // In one line: an outage makes many of these.
            system.Logs.Entries, e => e.Level == LogLevel.Warning && e.Exception is null && e.Message.Contains(traceId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_without_a_key_that_got_no_answer_can_be_sent_again_under_the_id_that_the_503_names()
    {
        await using TestSystem system = await TestSystem.StartAsync();
        string id = await system.OpenAccountAsync();
        // The deposit is written, and nobody hears of it.
        StreamName stream = StreamName.Create("account", id);
        system.Events.AfterAppend = _ => throw new TimeoutException();
        Answer lost = await system.DepositAsync(id, 1);
        system.Events.AfterAppend = null;

        lost.MustBeProblem(503, "store-unavailable");
        string commandId = (string)lost.Json["commandId"]!;
        Assert.Contains($"Idempotency-Key: {commandId}", (string)lost.Json["detail"]!, StringComparison.Ordinal);
        Answer again = await system.DepositAsync(id, 1, ("Idempotency-Key", commandId));

        Assert.Equal((200, true, 2), (again.Status, (bool)again.Json["repeated"]!, (int)again.Json["version"]!));
        Assert.Equal(2, (await system.Events.ReadHeadAsync(stream, TestContext.Current.CancellationToken)).Version);
    }

    public static TheoryData<Exception> Bugs => [new InvalidOperationException("the secret of the store"), Cosmos(HttpStatusCode.BadRequest)];

    [Theory]
    [MemberData(nameof(Bugs), DisableDiscoveryEnumeration = true)]
    public async Task A_bug_answers_500_without_anything_of_the_inside_and_is_logged_whole(Exception bug)
    {
        await using TestSystem system = await TestSystem.StartAsync();
        string id = await system.OpenAccountAsync();
        system.Events.Before = (_, _) => Task.FromException(bug);

        Answer answer = await system.DepositAsync(id, 1);

        answer.MustBeProblem(500, "internal-error");
        Assert.DoesNotContain("secret", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
        string traceId = (string)answer.Json["traceId"]!;
        Assert.Contains(
            system.Logs.Entries, e => e.Level == LogLevel.Error && e.Exception == bug && e.Message.Contains(traceId, StringComparison.Ordinal));
    }

    [Fact]
    public void A_command_that_makes_too_much_for_one_commit_is_413()
    {
        CommandOutcome outcome = new CommandOutcome.TooLarge(StreamName.Create("account", "1"), "It made 1001 events; 1000 are the limit.", 2.5);

        Problem problem = CommandProblems.Of(outcome, "{}"u8);

        Assert.Equal((ProblemKind.CommitTooLarge, 2.5), (problem.Kind, problem.RequestCharge));
        Assert.Equal("It made 1001 events; 1000 are the limit. Nothing was written.", problem.Detail);
    }

    private static CosmosException Cosmos(HttpStatusCode status, int? retryAfterMs = null)
    {
        CosmosException fault = new("at secret-host", status, 0, "activity", 0);
        if (retryAfterMs is { } wait)
        {
            fault.Headers.Add("x-ms-retry-after-ms", wait.ToString());
        }
        return fault;
    }
}
