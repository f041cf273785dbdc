using Serverless.FaultHarness;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(HarnessOptions.Usage);
    return 0;
}
HarnessOptions options;
try
{
    options = HarnessOptions.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{HarnessOptions.Usage}");
    return 2;
}
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
try
{
    await using FaultRun run = new(options, Console.Out);
    return await run.RunAsync(stop.Token) ? 0 : 1;
}
#pragma warning disable CA1031 // Unhandled, it would leave the processes behind.
catch (Exception e)
#pragma warning restore CA1031
{
    Console.Error.WriteLine(e is OperationCanceledException ? "Stopped." : e);
    return 1;
}
