using Microsoft.Azure.Functions.Worker;

// These sources use nothing but the worker's API.
namespace Serverless.FunctionsHost.Tests.Functions;

public sealed class TimerSamples(Journal journal)
{
    [Function("EveryHour")]
    public async Task EveryHour([TimerTrigger("0 0 * * * *")] TimerInfo timer, FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(timer);
        ArgumentNullException.ThrowIfNull(context);
        journal.Add($"ran, past due: {timer.IsPastDue}, next: {timer.ScheduleStatus?.Next:HH:mm}, retry: {context.RetryContext is not null}");
        await journal.Gate.WaitAsync(context.CancellationToken);
    }
}

public sealed class ConfiguredTimerSamples(Journal journal)
{
    [Function("Configured")]
    public void Configured([TimerTrigger("%Schedule%")] TimerInfo timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        journal.Add($"configured, status: {timer.ScheduleStatus is not null}");
    }
}
