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
await using FaultRun run = new(options, Console.Out);
return await run.RunAsync(stop.Token) ? 0 : 1;
