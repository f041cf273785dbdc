using Serverless.FaultHarness;
using Serverless.FaultHarness.Endurance;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(HarnessOptions.Usage);
    return 0;
}
if (args is [MeasuredHost.Verb, ..])
{
    await MeasuredHost.RunAsync(args[1..]);
    return 0;
}
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
try
{
    if (args is ["load", ..])
    {
        await using LoadRun load = new(LoadOptions.Parse(args[1..]), Console.Out);
        return await load.RunAsync(stop.Token) ? 0 : 1;
    }
    await using FaultRun run = new(HarnessOptions.Parse(args), Console.Out);
    return await run.RunAsync(stop.Token) ? 0 : 1;
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{HarnessOptions.Usage}");
    return 2;
}
#pragma warning disable CA1031 // Unhandled, it would leave the processes behind.
catch (Exception e)
#pragma warning restore CA1031
{
    Console.Error.WriteLine(stop.IsCancellationRequested ? "Stopped." : e);
    return 1;
}
